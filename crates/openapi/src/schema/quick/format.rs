//! Formats of strings: the usual form is seen at once, everything else is asked of the complete validator.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::json;

use crate::schema::compile;
use crate::schema::instance::{Data, Fuel, Instance, Instances, READS_MAX};

pub(super) struct Format {
    /// Sees the usual form; where it does not, nothing is said.
    usual: Option<fn(&[u8]) -> bool>,
    complete: Validator<Instances>,
}

/// Each is compiled once, however many schemas name it.
static FORMATS: LazyLock<Vec<(&str, Format)>> = LazyLock::new(|| {
    let named = |name: &&'static str| Some((*name, Format::new(name)?));
    compile::STRING_FORMATS.iter().filter_map(named).collect()
});

impl Format {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| format)
    }

    fn new(name: &str) -> Option<Self> {
        let complete = compile::compile(&json!({ "format": name })).ok()?;
        let usual: Option<fn(&[u8]) -> bool> = match name {
            "date" => Some(is_date),
            "date-time" => Some(is_date_time),
            "email" => Some(is_email),
            "uuid" => Some(is_uuid),
            _ => None,
        };
        Some(Self { usual, complete })
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        self.usual.is_some_and(|is| is(text.as_bytes()))
            || self.complete.is_valid(Instance::new(Data::Text(text), &Fuel::new(READS_MAX)))
    }
}

/// Up to a day that every month has.
fn is_date(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return false };
    [y1, y2, y3, y4].iter().all(|digit| digit.is_ascii_digit())
        && two(*m1, *m2).is_some_and(|month| (1..=12).contains(&month))
        && two(*d1, *d2).is_some_and(|day| (1..=28).contains(&day))
}

/// In UTC, without leap seconds.
fn is_date_time(text: &[u8]) -> bool {
    let Some((date, [b'T', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..])) = text.split_at_checked(10)
    else {
        return false;
    };
    let fraction = match rest {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    fraction
        && is_date(date)
        && two(*h1, *h2).is_some_and(|hour| hour < 24)
        && two(*m1, *m2).is_some_and(|minute| minute < 60)
        && two(*s1, *s2).is_some_and(|second| second < 60)
}

fn two(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

/// Words of letters and digits, with a domain of two labels or more.
fn is_email(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|byte| *byte == b'@') else { return false };
    let (local, domain) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
    text.len() <= 200
        && local.len() <= 60
        && words(local, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+')) > 0
        && words(domain, u8::is_ascii_lowercase) > 1
}

/// How many words of up to 60 bytes the text consists of, with a dot between each two; else 0.
fn words(text: &[u8], is: impl Fn(&u8) -> bool) -> u32 {
    let (mut words, mut length) = (1, 0_u32);
    for byte in text {
        if *byte == b'.' && length > 0 {
            words += 1;
            length = 0;
        } else if is(byte) && length < 60 {
            length += 1;
        } else {
            return 0;
        }
    }
    if length > 0 { words } else { 0 }
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests;
