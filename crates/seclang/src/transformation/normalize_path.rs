//! `t:normalizePath`: repeated slashes, `.` and `..` segments are taken out of a path.
//!
//! As in ModSecurity a segment that only ends with two dots goes back like `..`, what goes back above the root stays
//! there, and a relative path keeps the `..` that it cannot undo.

use super::Transformation;
use crate::ByteSet;

pub static NORMALIZE_PATH: Transformation =
    Transformation::new("normalizePath", ByteSet::of(b"./"), |value, out| normalize(value, false, out));

pub(super) fn normalize(value: &[u8], windows: bool, out: &mut Vec<u8>) -> bool {
    let is_slash = |byte: &u8| *byte == b'/' || windows && *byte == b'\\';
    // One segment: only one that ends with a dot can be taken out.
    if value.last() != Some(&b'.') && !value.iter().any(is_slash) {
        return false;
    }
    out.clear();
    let at = |index: usize| value.get(index).map(|byte| if windows && *byte == b'\\' { b'/' } else { *byte });
    let trailing = value.len().checked_sub(1).and_then(at) == Some(b'/');
    let mut path = Path { out, relative: at(0) != Some(b'/'), at_root: false };
    let mut index = 0;
    while let Some(byte) = at(index) {
        let next = at(index + 1);
        let ends_segment = next.is_none() || next == Some(b'/') && byte != b'/';
        if ends_segment && path.drops_segment(byte, next.is_none()) {
            if next.is_none() {
                break;
            }
            index += 1;
        }
        if at(index) == Some(b'/') {
            while at(index + 1) == Some(b'/') {
                index += 1;
            }
            if path.relative && path.out.is_empty() {
                index += 1;
                continue;
            }
        }
        path.out.extend(at(index));
        index += 1;
    }
    if !trailing && path.out.last() == Some(&b'/') {
        path.out.pop();
    }
    out != value
}

/// The path as written so far, without the last byte of the segment at hand.
struct Path<'a> {
    out: &'a mut Vec<u8>,
    relative: bool,
    /// A `..` could not be undone, and nothing came after it.
    at_root: bool,
}

impl Path<'_> {
    /// Whether the segment that `byte` ends is a `.` or a `..`, which is then taken out of what was written.
    fn drops_segment(&mut self, byte: u8, is_last: bool) -> bool {
        if byte != b'.' {
            self.at_root &= self.out.is_empty();
            return false;
        }
        match self.out.last() {
            Some(b'.') => self.goes_back(is_last),
            Some(b'/') => {
                if !is_last {
                    self.out.pop();
                }
                true
            }
            Some(_) => false,
            None => true,
        }
    }

    fn goes_back(&mut self, is_last: bool) -> bool {
        if self.relative && (self.at_root || self.out.len() <= 2) {
            self.at_root = true;
            return false;
        }
        let before = self.out.get(..self.out.len().saturating_sub(2)).unwrap_or_default();
        let slash = before.iter().rposition(|byte| *byte == b'/').unwrap_or_default();
        self.out.truncate(slash);
        if slash == 0 {
            self.at_root = true;
            if !self.relative && is_last {
                self.out.push(b'/');
            }
        }
        true
    }
}
