//! What a backslash begins.

use super::{push_byte, push_number};
use crate::ByteSet;

/// Line ends and the like, which `\v` stands for.
const VERTICAL: ByteSet = ByteSet::range(b'\n', b'\r').with(0x85);
/// Spaces within a line, which `\h` stands for.
const HORIZONTAL: ByteSet = ByteSet::of(b"\t \xa0");
const WORD: ByteSet =
    ByteSet::range(b'a', b'z').or(ByteSet::range(b'A', b'Z')).or(ByteSet::range(b'0', b'9')).with(b'_');

/// What an escape stands for, in brackets and out of them.
pub(super) enum Escaped {
    Byte(u8),
    Set(ByteSet),
}

/// Outside of brackets; `rest` begins after the backslash. What stands after the escape.
pub(super) fn outside<'a>(rest: &'a [u8], out: &mut String) -> Result<&'a [u8], String> {
    match rest {
        [letter @ (b'b' | b'B' | b'A' | b'z' | b'd' | b'D' | b'w' | b'W' | b's' | b'S'), after @ ..] => {
            out.push('\\');
            out.push(char::from(*letter));
            Ok(after)
        }
        [b'R', after @ ..] => {
            out.push_str("(?:\\r\\n|[\\n-\\r\\x85])");
            Ok(after)
        }
        [b'N', after @ ..] => {
            out.push_str("[^\\n]");
            Ok(after)
        }
        [b'Q', after @ ..] => {
            let end = memchr::memmem::find(after, b"\\E").unwrap_or(after.len());
            let (quoted, after) = after.split_at(end);
            quoted.iter().for_each(|byte| push_number(*byte, out));
            Ok(after.get(2..).unwrap_or_default())
        }
        [b'E', after @ ..] => Ok(after),
        [b'1'..=b'9' | b'g' | b'k', ..] => {
            Err("backreferences are not offered: they can take more than linear time".to_owned())
        }
        [b'Z' | b'G' | b'K', ..] => Err("`\\Z`, `\\G` and `\\K` are not offered".to_owned()),
        _ => {
            let (escaped, after) = escaped(rest)?;
            match escaped {
                Escaped::Byte(byte) => push_number(byte, out),
                Escaped::Set(set) => super::brackets::push_set(&set, false, out),
            }
            Ok(after)
        }
    }
}

/// An escape that means the same in brackets; `rest` begins after the backslash.
pub(super) fn escaped(rest: &[u8]) -> Result<(Escaped, &[u8]), String> {
    let Some((first, after)) = rest.split_first() else {
        return Err("the expression ends with a backslash".to_owned());
    };
    let set = |set: ByteSet| Ok((Escaped::Set(set), after));
    let byte = |byte: u8| Ok((Escaped::Byte(byte), after));
    match first {
        b'x' => hexadecimal(after),
        b'0'..=b'7' => octal(rest),
        b'c' => match after {
            [letter, after @ ..] => Ok((Escaped::Byte(letter.to_ascii_uppercase() ^ 0x40), after)),
            [] => Err("`\\c` has no letter".to_owned()),
        },
        b'd' => set(ByteSet::range(b'0', b'9')),
        b'D' => set(ByteSet::range(b'0', b'9').not()),
        b'w' => set(WORD),
        b'W' => set(WORD.not()),
        b's' => set(ByteSet::range(b'\t', b'\r').with(b' ')),
        b'S' => set(ByteSet::range(b'\t', b'\r').with(b' ').not()),
        b'h' => set(HORIZONTAL),
        b'H' => set(HORIZONTAL.not()),
        b'v' => set(VERTICAL),
        b'V' => set(VERTICAL.not()),
        b'n' => byte(b'\n'),
        b'r' => byte(b'\r'),
        b't' => byte(b'\t'),
        b'f' => byte(0x0c),
        b'a' => byte(0x07),
        b'e' => byte(0x1b),
        letter if letter.is_ascii_alphanumeric() => {
            let mut shown = String::new();
            push_byte(*letter, &mut shown);
            Err(format!("`\\{shown}` is not offered"))
        }
        other => byte(*other),
    }
}

/// After `\x`: up to two digits, or any number of them in braces.
fn hexadecimal(rest: &[u8]) -> Result<(Escaped, &[u8]), String> {
    let (digits, after) = match rest {
        [b'{', inside @ ..] => {
            let end = memchr::memchr(b'}', inside).ok_or("`\\x{` has no end")?;
            let (digits, after) = inside.split_at(end);
            (digits, after.get(1..).unwrap_or_default())
        }
        _ => rest.split_at(rest.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count()),
    };
    let text = String::from_utf8_lossy(digits);
    let number = if text.is_empty() { Ok(0) } else { u8::from_str_radix(&text, 16) };
    let byte = number.map_err(|_| format!("`\\x{{{text}}}` is not a byte"))?;
    Ok((Escaped::Byte(byte), after))
}

fn octal(rest: &[u8]) -> Result<(Escaped, &[u8]), String> {
    let count = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, after) = rest.split_at(count);
    let number = digits.iter().fold(0_u32, |number, digit| number * 8 + u32::from(digit - b'0'));
    let byte = u8::try_from(number).map_err(|_| format!("`\\{number:o}` is not a byte"))?;
    Ok((Escaped::Byte(byte), after))
}
