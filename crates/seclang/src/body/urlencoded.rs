//! Pairs of a query or form: `a=1&b=2` (URL standard, section 5.1).

use super::Body;
use crate::input::percent::{self, Plus};
use crate::input::{BodySettings, Input, Pairs};

/// How reading went.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// A `%` begins no escape.
    pub(crate) invalid: bool,
    pub(crate) fault: Option<&'static str>,
}

/// Adds the pairs of `text` to `pairs`. A pair without `=` has an empty value; `already` pairs were read elsewhere.
pub(crate) fn read(text: &[u8], settings: &BodySettings, already: usize, pairs: &mut Pairs) -> Read {
    let mut read = Read::default();
    if text.is_empty() {
        return read;
    }
    // Decoding never lengthens.
    let most = memchr::memchr_iter(settings.argument_separator, text).count() + 1;
    pairs.reserve(most.min(settings.arguments_max.saturating_sub(already)), text.len());
    for pair in text.split(|&byte| byte == settings.argument_separator) {
        if already + pairs.len() >= settings.arguments_max {
            read.fault = Some(crate::body::beyond::ARGUMENTS);
            break;
        }
        let (name, value) = match memchr::memchr(b'=', pair) {
            Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
            None => (pair, [].as_slice()),
        };
        let mut whole = true;
        pairs.add(
            |text| whole &= percent::decode(name, Plus::Space, text),
            |text| read.invalid |= !percent::decode(value, Plus::Space, text),
        );
        read.invalid |= !whole;
    }
    read
}

pub(super) fn read_body(body: &mut Body, input: &Input) -> Result<(), &'static str> {
    let raw = body.raw.clone();
    let read = read(&raw, &input.settings, input.query.len(), &mut body.arguments);
    body.invalid_escape = read.invalid;
    read.fault.map_or(Ok(()), Err)
}
