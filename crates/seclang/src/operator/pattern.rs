//! From the notation of PCRE to that of the crate `regex`, without a change of meaning.
//!
//! What the two write differently is rewritten: bytes beyond ASCII, `\x{HH}`, octal numbers, `\h`, `\v`, `\e`, `\<`,
//! braces that are no count, and everything in brackets. What takes more than linear time is an error: look-around,
//! backreferences, atomic groups, possessive counts. One difference is left: `^` also matches after a line end that is
//! the last byte of the value.

mod brackets;
mod escape;

/// # Errors
/// A sentence: what the expression asks for is not offered, or it is cut short.
pub(super) fn translate(pattern: &[u8]) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let [byte, tail @ ..] = rest {
        rest = match (byte, tail) {
            (b'\\', _) => escape::outside(tail, &mut out)?,
            (b'[', _) => brackets::brackets(tail, &mut out)?,
            (b'(', [b'*', ..]) => return Err("verbs such as (*FAIL) are not offered".to_owned()),
            (b'(', [b'?', after @ ..]) => group(after, &mut out)?,
            (b'{', _) => match count(tail) {
                Some(length) => {
                    let (inside, after) = tail.split_at(length);
                    out.push('{');
                    out.push_str(&String::from_utf8_lossy(inside));
                    not_possessive(after)?
                }
                None => {
                    out.push_str("\\{");
                    tail
                }
            },
            (b'*' | b'+' | b'?', _) => {
                out.push(char::from(*byte));
                not_possessive(tail)?
            }
            (b'}' | b']', _) => {
                out.push('\\');
                out.push(char::from(*byte));
                tail
            }
            _ => {
                push_byte(*byte, &mut out);
                tail
            }
        };
    }
    Ok(out)
}

/// ASCII as it stands, any other byte by its number.
fn push_byte(byte: u8, out: &mut String) {
    if byte.is_ascii() { out.push(char::from(byte)) } else { push_number(byte, out) }
}

fn push_number(byte: u8, out: &mut String) {
    out.push_str(&format!("\\x{byte:02X}"));
}

/// The length of `N}`, `N,}` or `N,M}` at the start.
fn count(rest: &[u8]) -> Option<usize> {
    let digits = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let low = digits(rest);
    let after = rest.get(low..)?;
    let length = match after {
        [b'}', ..] => low + 1,
        [b',', after @ ..] => {
            let high = digits(after);
            (after.get(high) == Some(&b'}')).then_some(low + high + 2)?
        }
        _ => return None,
    };
    (low > 0).then_some(length)
}

fn not_possessive(rest: &[u8]) -> Result<&[u8], String> {
    match rest {
        [b'+', ..] => {
            Err("possessive counts (`*+`, `++`, `?+`) are not offered; leave the last `+` out".to_owned())
        }
        _ => Ok(rest),
    }
}

/// What stands after `(?`.
fn group<'a>(rest: &'a [u8], out: &mut String) -> Result<&'a [u8], String> {
    let refused = |what: &str| Err(format!("{what} are not offered: they can take more than linear time"));
    match rest {
        [b'=' | b'!', ..] | [b'<', b'=' | b'!', ..] => refused("look-ahead and look-behind"),
        [b'>', ..] => refused("atomic groups"),
        [b'|' | b'&' | b'(' | b'R' | b'0'..=b'9' | b'+' | b'C', ..] | [b'P', b'=' | b'>', ..] => {
            refused("conditions, recursion and groups that share a number")
        }
        [b'#', after @ ..] => {
            let end = memchr::memchr(b')', after).ok_or("a comment has no end")?;
            Ok(after.get(end + 1..).unwrap_or_default())
        }
        [b'P', b'<', after @ ..] | [b'<', after @ ..] => named(after, b'>', out),
        [b'\'', after @ ..] => named(after, b'\'', out),
        _ => flags(rest, out),
    }
}

fn named<'a>(rest: &'a [u8], close: u8, out: &mut String) -> Result<&'a [u8], String> {
    let end = memchr::memchr(close, rest).ok_or("the name of a group has no end")?;
    let (name, after) = rest.split_at(end);
    out.push_str("(?P<");
    out.push_str(&String::from_utf8_lossy(name));
    out.push('>');
    Ok(after.get(1..).unwrap_or_default())
}

fn flags<'a>(rest: &'a [u8], out: &mut String) -> Result<&'a [u8], String> {
    let length = rest.iter().take_while(|byte| b"imsxU-".contains(byte)).count();
    let (flags, after) = rest.split_at(length);
    let [close @ (b':' | b')'), after @ ..] = after else {
        return Err("after `(?` stands neither a flag nor a group that is offered".to_owned());
    };
    out.push_str("(?");
    out.push_str(&String::from_utf8_lossy(flags));
    out.push(char::from(*close));
    Ok(after)
}
