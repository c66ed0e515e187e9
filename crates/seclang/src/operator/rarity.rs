//! How rare a byte is in the values of honest requests, to choose the words that few values hold.

use crate::ByteSet;

/// A rough share, of one, of the bytes of names, identifiers, numbers, sentences and addresses; letters without case.
pub(super) fn share(byte: u8) -> f64 {
    match byte {
        b'e' | b'a' | b't' | b'i' | b'o' | b'n' | b's' | b'r' => 0.05,
        b'l' | b'd' | b'c' | b'm' | b'u' | b'p' | b'h' | b'g' => 0.025,
        b'a'..=b'z' => 0.012,
        b'0' | b'1' | b'2' => 0.03,
        b'3'..=b'9' => 0.02,
        b' ' => 0.03,
        b'.' | b'-' | b'_' | b'/' | b':' | b',' => 0.01,
        b'=' | b'&' | b'%' | b'"' | b'+' => 0.004,
        b'(' | b')' | b';' | b'{' | b'}' | b'@' | b'?' | b'*' | b'\'' | b'[' | b']' => 0.0015,
        0x80.. => 0.001,
        b'!'..=b'~' => 0.0005,
        _ => 0.0002,
    }
}

/// Letters that stand together more often than by chance, in words and in names made of them.
const TOGETHER: &[u8] = b"th he in er an re nd on en at ou ed ha to or it is hi es ng st ar te se le al ve me de ti ri \
    ro ic ne ea ra ce li ch ll be ma si om ur ns el nt io la di as et us ac ta co ec ca tr pe pr ct id ss ad ap pp pl";

/// The chance that a word stands at a given place.
pub(super) fn chance(word: &[u8]) -> f64 {
    word.iter().map(|byte| share(byte.to_ascii_lowercase())).product()
}

/// The same, told more closely for two or three bytes, which are mostly part of a word.
pub fn chance_together(bytes: &[u8]) -> f64 {
    let pairs = bytes.windows(2).map(|pair| {
        let is_common = TOGETHER.chunks(3).any(|known| known.starts_with(pair));
        let are_letters = pair.iter().all(u8::is_ascii_alphabetic);
        match (is_common, are_letters) {
            (true, _) => 4.0,
            (false, true) => 0.5,
            (false, false) => 1.0,
        }
    });
    chance(bytes) * pairs.product::<f64>()
}

/// The byte of a word that the fewest values hold.
fn rarest(word: &[u8]) -> Option<u8> {
    word.iter()
        .copied()
        .min_by(|a, b| share(a.to_ascii_lowercase()).total_cmp(&share(b.to_ascii_lowercase())))
}

/// One byte of each word, in both cases: of any text that holds one of the words, one belongs.
pub fn rarest_of_each(words: &[Vec<u8>]) -> ByteSet {
    words
        .iter()
        .filter_map(|word| rarest(word))
        .fold(ByteSet::NONE, |set, byte| set.with(byte.to_ascii_lowercase()).with(byte.to_ascii_uppercase()))
}
