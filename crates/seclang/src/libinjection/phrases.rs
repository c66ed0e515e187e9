//! Phrases of SQL that the port does not know.
//!
//! The C library joins neighbouring words that stand together in its table, two at a time; half of some phrases (`IN
//! BOOLEAN`, on the way to `IN BOOLEAN MODE`) is in the table as a mere name. The port takes a name for "not in the
//! table" and stops there, so that what comes after the phrase is judged wrongly. Here each such phrase is replaced by
//! one word of the same kind before the port sees it. `INTO OUTFILE` the port knows in capitals only.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, Replacer};

/// Phrases, and a word that the port takes for the same kind of token.
pub(super) const PHRASES: &[(&str, &[u8])] = &[
    ("at time zone", b"cascade"),
    ("at time", b"at_time"),
    ("create or replace", b"goto"),
    ("create or", b"create_or"),
    ("in boolean mode", b"cascade"),
    ("in boolean", b"in_boolean"),
    ("into dumpfile", b"INTO DUMPFILE"),
    ("into outfile", b"INTO OUTFILE"),
    ("is distinct from", b"rlike"),
    ("is distinct", b"is_distinct"),
    ("is not distinct from", b"rlike"),
    ("is not distinct", b"is_not_distinct"),
    ("lock in share mode", b"cascade"),
    ("lock in share", b"lock_in_share"),
    ("lock in", b"lock_in"),
    ("next value for", b"cascade"),
    ("next value", b"next_value"),
    ("previous value for", b"cascade"),
    ("previous value", b"previous_value"),
];

/// Each phrase is a group of the expression; longer ones come first.
static EXPRESSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let phrases: Vec<_> =
        PHRASES.iter().map(|(words, _)| format!("({})", words.replace(' ', r"[\x00\t-\r \xa0]+"))).collect();
    Regex::new(&format!(r"(?i-u)\b(?:{})\b", phrases.join("|"))).ok()
});

/// The value with each phrase as one word.
pub(super) fn joined(value: &[u8]) -> Cow<'_, [u8]> {
    EXPRESSION.as_ref().map_or(Cow::Borrowed(value), |expression| expression.replace_all(value, Word))
}

struct Word;

impl Replacer for Word {
    fn replace_append(&mut self, found: &Captures<'_>, out: &mut Vec<u8>) {
        let phrase = PHRASES.iter().enumerate().find(|(index, _)| found.get(index + 1).is_some());
        let word = phrase
            .map_or_else(|| found.get(0).map_or(&b""[..], |whole| whole.as_bytes()), |(_, (_, word))| *word);
        out.extend_from_slice(word);
    }
}
