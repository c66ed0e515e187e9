//! `t:cmdLine`: what shells of Windows and Unix overlook is taken out: quotes, backslashes and carets go, white space,
//! commas and semicolons become one space, none before `/` and `(`, and letters become lower case.

use super::Transformation;
use crate::ByteSet;

// `/` and `(` change only what stands before them.
const TOUCHES: ByteSet = ByteSet::of(b"\"'\\^ ,;\t\r\n").or(ByteSet::range(b'A', b'Z'));

/// What is more than a letter to become lower case.
const SPECIAL: ByteSet = ByteSet::of(b"\"'\\^ ,;\t\r\n/(");

pub static CMD_LINE: Transformation = Transformation::new("cmdLine", TOUCHES, apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut after_space = false;
    let mut rest = value;
    while !rest.is_empty() {
        // Long stretches are mostly of bytes that stay.
        let plain = rest.iter().position(|byte| SPECIAL.has(*byte)).unwrap_or(rest.len());
        let (stretch, after) = rest.split_at(plain);
        out.extend(stretch.iter().map(u8::to_ascii_lowercase));
        after_space &= stretch.is_empty();
        let Some((byte, after)) = after.split_first() else { break };
        rest = after;
        match byte {
            b'"' | b'\'' | b'\\' | b'^' => {}
            b' ' | b',' | b';' | b'\t' | b'\r' | b'\n' => {
                if !after_space {
                    out.push(b' ');
                }
                after_space = true;
            }
            b'/' | b'(' => {
                if after_space {
                    out.pop();
                }
                after_space = false;
                out.push(*byte);
            }
            _ => {}
        }
    }
    out != value
}
