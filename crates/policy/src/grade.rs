//! How hard ids are to guess, by what a description says of them and by a sample of them.

mod sketch;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::shape::Shape;

pub use sketch::Sketch;

/// From worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Whole numbers, counted up: the next one is one more.
    Counted,
    /// Names that people chose or know.
    Known,
    /// Short, or from a small alphabet: a machine tries them all.
    Short,
    /// A number in another writing: decoded, it is counted again.
    Encoded,
    /// Carries the time at which it was made; who knows one knows most of its neighbours.
    Ordered,
    /// Nothing says.
    Unknown,
    /// At least 64 bits that nobody can foresee.
    Random,
}

impl Grade {
    pub const ALL: [Self; 7] =
        [Self::Counted, Self::Known, Self::Short, Self::Encoded, Self::Ordered, Self::Unknown, Self::Random];

    /// `enumerable` where all are found by counting, `guessable` where one leads to others, `opaque` where nothing does.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counted | Self::Encoded => "enumerable",
            Self::Known | Self::Short | Self::Ordered => "guessable",
            Self::Unknown => "unknown",
            Self::Random => "opaque",
        }
    }

    /// A fragment after "ids", where there is something to say.
    pub fn why(self) -> Option<&'static str> {
        Some(match self {
            Self::Counted => "are whole numbers, and the neighbour of one is guessed at once",
            Self::Known => "are names that others know or guess",
            Self::Short => "are short enough to be tried one by one",
            Self::Encoded => "are numbers in another writing, which anybody can read",
            Self::Ordered => "carry the time at which they were made, which makes neighbours guessable",
            Self::Unknown | Self::Random => return None,
        })
    }
}

/// Bits below which ids can be tried one by one.
const BITS_MIN: f64 = 64.0;

/// By type, format, pattern, lengths and example.
pub(crate) fn declared(shape: &Shape<'_>) -> Grade {
    if shape.is("integer") || shape.is("number") {
        return Grade::Counted;
    }
    match shape.word("format") {
        Some("uuid" | "guid") => {
            return of_example(shape).filter(|grade| *grade == Grade::Ordered).unwrap_or(Grade::Random);
        }
        Some("ulid") => return Grade::Ordered,
        Some("email" | "hostname" | "uri") => return Grade::Known,
        Some("int32" | "int64") => return Grade::Counted,
        _ => {}
    }
    let digits = |pattern: &str| {
        let inner = pattern.trim_start_matches('^').trim_end_matches('$');
        inner.starts_with("[0-9]") || inner.starts_with("\\d")
    };
    if shape.word("pattern").is_some_and(digits) {
        return Grade::Counted;
    }
    let longest = shape.value("maxLength").and_then(openapi::Node::as_u64);
    if longest.is_some_and(|longest| longest as f64 * 6.0 < BITS_MIN) {
        return Grade::Short;
    }
    of_example(shape).unwrap_or(Grade::Unknown)
}

fn of_example(shape: &Shape<'_>) -> Option<Grade> {
    let node = shape
        .value("example")
        .or_else(|| shape.value("examples").and_then(|examples| examples.items().next()))?;
    let text = node.as_str().or_else(|| node.number())?;
    Some(one(text))
}

/// By how they differ: pass at least four different ones.
pub fn sampled(ids: &[&str]) -> Grade {
    let mut sketch = Sketch::default();
    sketch.observe(ids);
    sketch.grade()
}

/// Gaps of a random choice are about as wide as the whole range; those of a counter are narrow.
fn of_numbers(numbers: &BTreeSet<u128>) -> Grade {
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Grade::Unknown };
    let gaps = (numbers.len() as u128).saturating_sub(1).max(1);
    let mean = last.saturating_sub(*first) / gaps;
    match (128 - mean.leading_zeros(), 128 - last.leading_zeros()) {
        (gap_bits, _) if f64::from(gap_bits) >= BITS_MIN - 8.0 => Grade::Random,
        // Snowflakes: wide numbers whose leading half is the clock.
        (gap_bits, all_bits) if all_bits >= 50 && gap_bits + 10 < all_bits => Grade::Ordered,
        _ => Grade::Counted,
    }
}

fn one(id: &str) -> Grade {
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        return if id.len() < 20 { Grade::Counted } else { Grade::Unknown };
    }
    let bare: String = id.chars().filter(|c| *c != '-').collect();
    let is_hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if id.len() == 36 && bare.len() == 32 && is_hex {
        // RFC 9562: version 1, 6 and 7 begin with a time, 4 is random, 3 and 5 are of a name.
        return match id.as_bytes().get(14) {
            Some(b'1' | b'6' | b'7') => Grade::Ordered,
            Some(b'4') => Grade::Random,
            _ => Grade::Unknown,
        };
    }
    let crockford = |byte: u8| {
        byte.is_ascii_alphanumeric() && !matches!(byte.to_ascii_uppercase(), b'I' | b'L' | b'O' | b'U')
    };
    if id.len() == 26
        && id.bytes().all(crockford)
        && id.as_bytes().first().is_some_and(|first| (b'0'..=b'7').contains(first))
    {
        return Grade::Ordered;
    }
    // ObjectId of MongoDB: seconds, then a machine's constant, then a counter.
    if id.len() == 24 && is_hex {
        return Grade::Ordered;
    }
    if decodes_to_number(id) {
        return Grade::Encoded;
    }
    if id.contains('@') {
        return Grade::Known;
    }
    if bits(id) < BITS_MIN { Grade::Short } else { Grade::Unknown }
}

/// Base64 of digits, or of a text that ends with digits (`Order:17`, as GraphQL servers make them).
fn decodes_to_number(id: &str) -> bool {
    let trimmed = id.trim_end_matches('=');
    if trimmed.len() < 2 {
        return false;
    }
    let mut bytes = Vec::new();
    let (mut held, mut count) = (0_u32, 0_u32);
    for byte in trimmed.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        held = held << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 0xFF).unwrap_or_default());
        }
    }
    let is_text = bytes.iter().all(|byte| byte.is_ascii_graphic());
    is_text && bytes.last().is_some_and(u8::is_ascii_digit) && bytes.len() >= 2 && {
        let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        digits == bytes.len()
            || bytes.get(bytes.len() - digits - 1).is_some_and(|before| !before.is_ascii_alphanumeric())
    }
}

/// What the length and the alphabet could hold at most.
fn bits(id: &str) -> f64 {
    let has = |of: fn(&u8) -> bool| id.as_bytes().iter().any(of);
    let hex = id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let size = match (has(u8::is_ascii_digit), has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)) {
        _ if hex => 16.0,
        (digits, lower, upper) => {
            f64::from(u8::from(digits) * 10 + u8::from(lower) * 26 + u8::from(upper) * 26).max(2.0)
        }
    };
    let length = id.bytes().filter(u8::is_ascii_alphanumeric).count();
    f64::log2(size) * length as f64
}

fn shared_prefix(ids: &BTreeSet<&str>) -> usize {
    // The first and the last in order share what all share; a prefix such as `ord_` is no part of the id.
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return 0 };
    let shared = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let named = first.get(..shared).and_then(|prefix| prefix.rfind(['_', '-', ':'])).map_or(0, |at| at + 1);
    shared.saturating_sub(named)
}
