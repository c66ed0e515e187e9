//! `t:cmdLine`: what shells of Windows and Unix overlook is taken out: quotes, backslashes and carets go, white space,
//! commas and semicolons become one space, none before `/` and `(`, and letters become lower case.

use super::Transformation;
use crate::ByteSet;

// `/` and `(` change only what stands before them.
const TOUCHES: ByteSet = ByteSet::of(b"\"'\\^ ,;\t\r\n").or(ByteSet::range(b'A', b'Z'));

pub static CMD_LINE: Transformation = Transformation::new("cmdLine", TOUCHES, apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut after_space = false;
    for byte in value.iter().copied() {
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
                out.push(byte);
            }
            _ => {
                after_space = false;
                out.push(byte.to_ascii_lowercase());
            }
        }
    }
    out != value
}
