//! Sets in brackets. They are worked out here and written by numbers, since the crate `regex` takes `[`, `&&`, `--` and
//! `~~` within brackets for operations on sets.

use super::escape::{Escaped, escaped};
use super::push_number;
use crate::ByteSet;

/// `rest` begins after the bracket; what stands after the closing one.
pub(super) fn brackets<'a>(rest: &'a [u8], out: &mut String) -> Result<&'a [u8], String> {
    let (negated, mut rest) = match rest {
        [b'^', after @ ..] => (true, after),
        _ => (false, rest),
    };
    let mut set = ByteSet::NONE;
    let mut first = true;
    loop {
        let (low, after) = match rest {
            [] => return Err("a bracket has no end".to_owned()),
            [b']', after @ ..] if !first => {
                push_set(&set, negated, out);
                return Ok(after);
            }
            _ => item(rest)?,
        };
        first = false;
        (set, rest) = match (low, after) {
            (Escaped::Byte(low), [b'-', end, ..]) if *end != b']' => {
                let (high, beyond) = item(after.get(1..).unwrap_or_default())?;
                match high {
                    Escaped::Byte(high) if high < low => {
                        return Err("a range in brackets runs backwards".to_owned());
                    }
                    Escaped::Byte(high) => (set.or(ByteSet::range(low, high)), beyond),
                    Escaped::Set(other) => (set.with(low).with(b'-').or(other), beyond),
                }
            }
            (Escaped::Byte(byte), _) => (set.with(byte), after),
            (Escaped::Set(other), _) => (set.or(other), after),
        };
    }
}

/// One byte or named set.
fn item(rest: &[u8]) -> Result<(Escaped, &[u8]), String> {
    match rest {
        [b'\\', b'b', after @ ..] => Ok((Escaped::Byte(0x08), after)),
        [b'\\', after @ ..] => escaped(after),
        [b'[', b':', inside @ ..] => match memchr::memmem::find(inside, b":]") {
            Some(end) if inside.get(..end).is_some_and(is_name) => {
                let (name, after) = inside.split_at(end);
                Ok((Escaped::Set(named(name)?), after.get(2..).unwrap_or_default()))
            }
            _ => Ok((Escaped::Byte(b'['), rest.get(1..).unwrap_or_default())),
        },
        [byte, after @ ..] => Ok((Escaped::Byte(*byte), after)),
        [] => Err("a bracket has no end".to_owned()),
    }
}

fn is_name(text: &[u8]) -> bool {
    text.strip_prefix(b"^").unwrap_or(text).iter().all(u8::is_ascii_lowercase)
}

/// The sets of POSIX, in the C locale.
fn named(name: &[u8]) -> Result<ByteSet, String> {
    let (negated, name) = name.strip_prefix(b"^").map_or((false, name), |name| (true, name));
    let belongs: fn(&u8) -> bool = match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"ascii" => u8::is_ascii,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b'\t'..=b'\r' | b' '),
        b"upper" => u8::is_ascii_uppercase,
        b"word" => |byte| byte.is_ascii_alphanumeric() || *byte == b'_',
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return Err(format!("`[:{}:]` is no set", String::from_utf8_lossy(name))),
    };
    let set = (0..=u8::MAX).filter(belongs).fold(ByteSet::NONE, ByteSet::with);
    Ok(if negated { set.not() } else { set })
}

/// Writes a set as ranges of numbers.
pub(super) fn push_set(set: &ByteSet, negated: bool, out: &mut String) {
    out.push_str(if negated { "[^" } else { "[" });
    let mut low = None;
    for byte in 0..=u8::MAX {
        if !set.has(byte) {
            continue;
        }
        let start = *low.get_or_insert(byte);
        if byte == u8::MAX || !set.has(byte + 1) {
            push_number(start, out);
            if byte > start {
                out.push('-');
                push_number(byte, out);
            }
            low = None;
        }
    }
    out.push(']');
}
