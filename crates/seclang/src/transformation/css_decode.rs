//! `t:cssDecode`: the escapes of CSS (CSS 2.1 section 4.1.3): a backslash and one to six hexadecimal digits with one
//! white space after them, a backslash before the end of a line, a backslash before any other character. Only the last
//! two digits count; full width forms become ASCII.

use super::white_space::is_white_space;
use super::{Transformation, hex_digits};
use crate::ByteSet;

pub static CSS_DECODE: Transformation = Transformation::new("cssDecode", ByteSet::of(b"\\"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let count = tail.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, after) = tail.split_at(count);
        rest = match (decoded(digits), after) {
            (Some(byte), after) => {
                out.push(byte);
                skip_white_space(after)
            }
            (None, [b'\n', after @ ..]) => after,
            (None, [literal, after @ ..]) => {
                out.push(*literal);
                after
            }
            (None, []) => &[],
        };
    }
    out != value
}

fn skip_white_space(after: &[u8]) -> &[u8] {
    match after {
        [byte, rest @ ..] if is_white_space(*byte) => rest,
        _ => after,
    }
}

/// The byte of one to six digits: the last two of them, and with four (or more that only add leading zeros) the full
/// width forms as ASCII.
fn decoded(digits: &[u8]) -> Option<u8> {
    match digits {
        [] => None,
        [single] => Some(hex_digits::digit(*single)),
        [leading @ .., c, d, a, b] if leading.iter().all(|zero| *zero == b'0') => {
            Some(hex_digits::narrowed([*c, *d], hex_digits::pair(*a, *b)))
        }
        [.., a, b] => Some(hex_digits::pair(*a, *b)),
    }
}
