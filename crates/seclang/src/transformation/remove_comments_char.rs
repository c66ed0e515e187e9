//! `t:removeCommentsChar`: the marks of comments are left out, their text stays: `/*`, `*/`, `<!--`, `-->`, `--`, `#`.

use super::Transformation;
use crate::ByteSet;

pub static REMOVE_COMMENTS_CHAR: Transformation =
    Transformation::new("removeCommentsChar", ByteSet::of(b"/*<-#"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        rest = match rest {
            [b'/', b'*', after @ ..]
            | [b'*', b'/', after @ ..]
            | [b'<', b'!', b'-', b'-', after @ ..]
            | [b'-', b'-', b'>', after @ ..]
            | [b'-', b'-', after @ ..]
            | [b'#', after @ ..] => after,
            _ => {
                out.push(*byte);
                tail
            }
        };
    }
    out.len() != value.len()
}
