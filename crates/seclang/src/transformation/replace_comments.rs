//! `t:replaceComments`: each comment of C becomes one space, an unfinished one too; a lone `*/` stays.

use super::Transformation;
use crate::ByteSet;

pub static REPLACE_COMMENTS: Transformation =
    Transformation::new("replaceComments", ByteSet::of(b"/"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let Some(start) = memchr::memmem::find(rest, b"/*") {
        let (before, comment) = rest.split_at(start);
        out.extend_from_slice(before);
        out.push(b' ');
        let inside = comment.get(2..).unwrap_or_default();
        let end = memchr::memmem::find(inside, b"*/").map_or(inside.len(), |end| end + 2);
        rest = inside.get(end..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out.len() != value.len()
}
