//! Brackets that make nothing SQL of a value without quotes, comments and words that SQL knows.
//!
//! Some sequences of names, numbers, operators, commas and brackets are an injection (`1)+1`, `x,(1)`). Each of them has
//! an operator or a comma in front of an opening bracket, or begins with a name or number, a closing bracket and an
//! operator, or begins with a number, a name and an opening bracket. Folding takes tokens away behind a name or number
//! that stays, or behind an operator, so that it puts no operator and no comma beside a bracket that had none there; only
//! a comma with a sign behind it may go with whatever follows. So such a value is no SQL where that is not in it.

use super::INSIDE;

/// Names that are functions when a bracket follows.
pub(super) const CALLED: &[&str] = &[
    "user_id",
    "user_name",
    "database",
    "password",
    "user",
    "current_user",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
];

/// Of a value of words that are names, of numbers, and of signs between them.
pub(super) fn are_harmless(value: &[u8]) -> bool {
    // A number comes first.
    if value.iter().find(|byte| INSIDE.has(**byte)).is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let is_inside = |byte: Option<&u8>| byte.is_none_or(|byte| INSIDE.has(*byte));
    let mut rest = value;
    let mut before = None;
    while let [byte, tail @ ..] = rest {
        let next = || tail.iter().find(|byte| !byte.is_ascii_whitespace());
        let passes = match byte {
            b'(' => is_inside(before),
            b')' => next() == Some(&b',') || is_inside(next()),
            b',' => !matches!(next(), Some(b'+' | b'-')),
            _ => true,
        };
        if !passes {
            return false;
        }
        if !byte.is_ascii_whitespace() {
            before = Some(byte);
        }
        rest = tail;
    }
    true
}
