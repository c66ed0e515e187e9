//! How rare a byte is in the values of honest requests, to choose the words that few values hold.

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

/// The chance that a word stands at a given place.
pub(super) fn chance(word: &[u8]) -> f64 {
    word.iter().map(|byte| share(byte.to_ascii_lowercase())).product()
}

/// The byte of a word that the fewest values hold.
pub(super) fn rarest(word: &[u8]) -> Option<u8> {
    word.iter()
        .copied()
        .min_by(|a, b| share(a.to_ascii_lowercase()).total_cmp(&share(b.to_ascii_lowercase())))
}
