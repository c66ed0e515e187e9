//! `t:removeComments`: comments of C and HTML are left out, an unfinished one becomes a space; `--` and `#` end the
//! value.
//!
//! As in ModSecurity the byte after a comment is copied without being looked at, and at the end of the value that is a
//! NUL byte.

use super::Transformation;
use crate::ByteSet;

pub static REMOVE_COMMENTS: Transformation =
    Transformation::new("removeComments", ByteSet::of(b"/<-#"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        rest = match rest {
            [b'/', b'*', inside @ ..] | [b'<', b'!', b'-', b'-', inside @ ..] => {
                match after_comment(inside) {
                    Some(after) => {
                        out.push(after.first().copied().unwrap_or_default());
                        after.get(1..).unwrap_or_default()
                    }
                    None => {
                        out.push(b' ');
                        &[]
                    }
                }
            }
            [b'-', b'-', ..] | [b'#', ..] => return true,
            _ => {
                out.push(*byte);
                tail
            }
        };
    }
    out != value
}

/// What stands after the first `*/` or `-->`.
fn after_comment(mut inside: &[u8]) -> Option<&[u8]> {
    loop {
        match inside {
            [b'*', b'/', after @ ..] | [b'-', b'-', b'>', after @ ..] => return Some(after),
            [_, rest @ ..] => inside = rest,
            [] => return None,
        }
    }
}
