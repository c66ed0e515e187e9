//! `t:jsDecode`: the escapes of JavaScript: `\uHHHH` (the lower byte; full width forms become ASCII), `\xHH`, up to three
//! octal digits of at most 377, the letters of C, and a backslash before any other character.

use super::{Transformation, hex_digits};
use crate::ByteSet;

pub static JS_DECODE: Transformation = Transformation::new("jsDecode", ByteSet::of(b"\\"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        let (decoded, after) = match (byte, tail) {
            (b'\\', [_, ..]) => escape(tail),
            _ => (*byte, tail),
        };
        out.push(decoded);
        rest = after;
    }
    out != value
}

/// What the escape says that begins after the backslash, and what stands after it. `rest` is not empty.
fn escape(rest: &[u8]) -> (u8, &[u8]) {
    match rest {
        [b'u', a, b, c, d, after @ ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
            (hex_digits::narrowed([*a, *b], hex_digits::pair(*c, *d)), after)
        }
        [b'x', a, b, after @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            (hex_digits::pair(*a, *b), after)
        }
        [b'0'..=b'7', ..] => octal(rest),
        [letter, after @ ..] => (control(*letter), after),
        [] => (b'\\', rest),
    }
}

/// Two digits where three would be more than a byte holds.
fn octal(rest: &[u8]) -> (u8, &[u8]) {
    let (number, count) = hex_digits::octal(rest);
    let (number, count) = if number > 0xff { (number / 8, count - 1) } else { (number, count) };
    (u8::try_from(number).unwrap_or_default(), rest.get(count..).unwrap_or_default())
}

/// The control character that a letter stands for after a backslash, as C has it; any other byte stands for itself.
pub(super) fn control(letter: u8) -> u8 {
    match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        other => other,
    }
}
