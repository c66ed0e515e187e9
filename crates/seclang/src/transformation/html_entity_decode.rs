//! `t:htmlEntityDecode`: numeric character references (modulo 256) and `&quot;`, `&amp;`, `&lt;`, `&gt;`, `&nbsp;`
//! (byte 160); the semicolon may be missing. Leading zeros do not matter.
//!
//! A name is the whole run of letters and digits: `&ltscript` stays as it is.

use super::Transformation;
use crate::ByteSet;

pub static HTML_ENTITY_DECODE: Transformation =
    Transformation::new("htmlEntityDecode", ByteSet::of(b"&"), apply);

const NAMES: &[(&[u8], u8)] =
    &[(b"quot", b'"'), (b"amp", b'&'), (b"lt", b'<'), (b"gt", b'>'), (b"nbsp", 160)];

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        out.push(*byte);
        if *byte != b'&' {
            continue;
        }
        let (prefix, decoded, after) = reference(tail);
        match decoded {
            Some(decoded) => {
                out.pop();
                out.push(decoded);
                rest = after.strip_prefix(b";").unwrap_or(after);
            }
            None => {
                let (raw, after) = tail.split_at(prefix);
                out.extend_from_slice(raw);
                rest = after;
            }
        }
    }
    out != value
}

/// After an ampersand: how many bytes are copied as they are when this is no reference, the byte that it stands for when
/// it is one, and what stands after it.
fn reference(rest: &[u8]) -> (usize, Option<u8>, &[u8]) {
    match rest {
        [b'#', b'x' | b'X', digits @ ..] if !digits.is_empty() => {
            let (byte, after) = number(digits, 16);
            (2, byte, after)
        }
        [b'#', digits @ ..] if !digits.is_empty() => {
            let (byte, after) = number(digits, 10);
            (1, byte, after)
        }
        [b'#', ..] => (1, None, rest),
        _ => name(rest),
    }
}

/// A number too large for 64 bits stands for byte 255, as `strtol` has it.
fn number(rest: &[u8], radix: u8) -> (Option<u8>, &[u8]) {
    let count = rest.iter().take_while(|byte| char::from(**byte).is_digit(u32::from(radix))).count();
    let (digits, after) = rest.split_at(count);
    let value = digits.iter().fold(0_i64, |value, digit| {
        let digit = char::from(*digit).to_digit(u32::from(radix)).unwrap_or_default();
        value.saturating_mul(i64::from(radix)).saturating_add(i64::from(digit))
    });
    let [low, ..] = value.to_le_bytes();
    ((count > 0).then_some(low), after)
}

fn name(rest: &[u8]) -> (usize, Option<u8>, &[u8]) {
    let count = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (run, after) = rest.split_at(count);
    let byte = NAMES.iter().find(|(name, _)| run.eq_ignore_ascii_case(name)).map(|(_, byte)| *byte);
    (count, byte, after)
}
