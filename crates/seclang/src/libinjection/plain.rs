//! Values that are no SQL, seen without the judge.
//!
//! A judged value becomes at most five tokens, and only some sequences of kinds of tokens are an injection. None of
//! those is made of names, numbers, arithmetic, commas, dots, colons and semicolons alone: there is always a quote, a
//! bracket, a comment, a variable or a word that SQL knows. A value whose bytes can make nothing of the former and that
//! holds none of those words is therefore none, whatever its tokens are. Words that are known only as part of a phrase
//! (`with` of `with rollup`) count once a word that begins a phrase came before one that continues one, neighbours or
//! not, since what stands between may be folded away.
//!
//! Brackets are harmless too where no operator and no comma touches them; see [`brackets`].

mod brackets;

use std::sync::LazyLock;

use libinjectionrs::sqli::sqli_data::SQL_KEYWORDS;

use super::phrases::PHRASES;
use crate::ByteSet;
use crate::hash::{ByHash, hash};

/// Bytes of words and numbers. 0xA0 is white space to the judge.
const INSIDE: ByteSet = ByteSet::range(b'a', b'z')
    .or(ByteSet::range(b'A', b'Z'))
    .or(ByteSet::range(b'0', b'9'))
    .or(ByteSet::of(b"_"))
    .or(ByteSet::range(0x80, 0x9f))
    .or(ByteSet::range(0xa1, 0xff));
/// Bytes between them. Two hyphens begin a comment.
const BETWEEN: ByteSet = ByteSet::of(b" \t\r\n,.-+/:;=?%<>");

const BRACKETS: ByteSet = ByteSet::of(b"()");

/// Bytes of the longest word that is looked up, as in the judge.
const WORD_BYTES_MAX: usize = 32;

/// A word by itself means something to SQL.
const ALONE: u8 = 1;
/// It begins a phrase.
const BEGINS: u8 = 2;
/// It continues one.
const CONTINUES: u8 = 4;
/// It may be an operator, a number, or a function when a bracket follows.
const BRACKETED: u8 = 8;

/// Whether the value cannot be judged SQL.
pub(super) fn is_plain(value: &[u8]) -> bool {
    let mut seen = 0;
    let mut has_brackets = false;
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        if BETWEEN.has(*byte) {
            if *byte == b'-' && tail.first() == Some(&b'-') {
                return false;
            }
            rest = tail;
            continue;
        }
        if BRACKETS.has(*byte) {
            has_brackets = true;
            rest = tail;
            continue;
        }
        let length = rest.iter().take_while(|byte| INSIDE.has(**byte)).count();
        let (run, after) = rest.split_at(length);
        if run.is_empty() || !words(run).all(|word| passes(word, &mut seen)) {
            return false;
        }
        rest = after;
    }
    !has_brackets || seen & BRACKETED == 0 && brackets::are_harmless(value)
}

/// Where words may begin in a run without a break: at its start, or behind the digits of a number, which may end
/// anywhere.
fn words(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_number = run.first().is_some_and(u8::is_ascii_digit);
    let starts = if is_number { 0..run.len() } else { 0..1 };
    let words = starts.filter_map(move |start| run.get(start..));
    words.filter(|word| !word.first().is_some_and(u8::is_ascii_digit))
}

/// `seen`: what the words so far mean.
fn passes(word: &[u8], seen: &mut u8) -> bool {
    let Some(folded) = folded(word) else { return true };
    let meaning = WORDS.get(&folded).copied().unwrap_or(0);
    if meaning & ALONE != 0 || *seen & BEGINS != 0 && meaning & CONTINUES != 0 {
        return false;
    }
    *seen |= meaning;
    true
}

/// What known words mean. Two with one hash only make more values be judged.
static WORDS: LazyLock<ByHash<u8>> = LazyLock::new(|| {
    let mut words = ByHash::default();
    let phrases = PHRASES.iter().map(|(phrase, _)| (*phrase, b'k'));
    let keywords = SQL_KEYWORDS.iter().map(|keyword| (keyword.word, keyword.token_type));
    for (known, kind) in keywords.chain(phrases).chain(brackets::CALLED.iter().map(|name| (*name, b'o'))) {
        let is_phrase = known.contains(' ');
        for (place, word) in known.split(' ').enumerate() {
            let meaning = match (kind, is_phrase, place) {
                // A name to SQL too.
                (b'n', ..) => continue,
                // A number or arithmetic.
                (b'1' | b'o', ..) => BRACKETED,
                (_, false, _) => ALONE,
                (_, true, 0) => BEGINS,
                (_, true, _) => CONTINUES,
            };
            // A dot is inside a word to the judge, and between two here.
            for part in word.split('.').filter_map(|part| folded(part.as_bytes())) {
                *words.entry(part).or_default() |= meaning;
            }
        }
    }
    words
});

/// The hash of a word without regard to case; `None` when it is too long to be known.
fn folded(word: &[u8]) -> Option<u64> {
    let mut lower = [0; WORD_BYTES_MAX];
    let room = lower.get_mut(..word.len())?;
    for (to, from) in room.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    Some(hash(room))
}

#[cfg(test)]
mod tests;
