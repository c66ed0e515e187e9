//! The pairs of queries and forms (`application/x-www-form-urlencoded`), split in one way wherever they are read, told of or
//! changed: at `&`, and at `;`, where some services split too.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One pair as it is written.
pub(crate) struct Pair<'p> {
    pub(crate) name: &'p str,
    pub(crate) value: &'p str,
    /// Where the value stands, in bytes; `None` without a `=`.
    pub(crate) at: Option<Range<usize>>,
}

impl Pair<'_> {
    /// The name as it is meant; `None` when it is no UTF-8.
    pub(crate) fn name(&self) -> Option<String> {
        decoded(self.name)
    }
}

/// Every pair that is not empty.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = Pair<'_>> {
    let mut start = 0;
    let parts = text.split(['&', ';']).map(move |part| {
        let at = start;
        start += part.len() + 1;
        (at, part)
    });
    parts.filter(|(_, part)| !part.is_empty()).map(|(at, part)| match part.split_once('=') {
        Some((name, value)) => {
            let begin = at + name.len() + 1;
            Pair { name, value, at: Some(begin..begin + value.len()) }
        }
        None => Pair { name: part, value: "", at: None },
    })
}

/// The text with the value of every pair of that name replaced, whatever parts them.
pub(crate) fn with_pair(text: &str, name: &str, value: &str) -> String {
    with_each(text, name, |_| Some(encoded(value)))
}

/// The text with the value of the pairs of that name replaced, as `value` writes the first, the second and so on.
pub(crate) fn with_each(text: &str, name: &str, value: impl Fn(usize) -> Option<String>) -> String {
    let of_name = pairs(text).filter(|pair| pair.name().as_deref() == Some(name)).filter_map(|pair| pair.at);
    let spans: Vec<(usize, Range<usize>)> = of_name.enumerate().collect();
    let mut made = text.to_owned();
    for (index, span) in spans.into_iter().rev() {
        if let Some(value) = value(index) {
            made.replace_range(span, &value);
        }
    }
    made
}

/// A text as a part of a path or query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// What a name or value of a pair means; `None` when it is no UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}
