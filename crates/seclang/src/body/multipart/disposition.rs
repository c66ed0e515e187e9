//! Content-Disposition of a part, with its parameters (RFC 7578 section 4.2, RFC 8187 for `filename*`).

use super::Flags;
use super::part::Part;
use crate::input::percent::{self, Plus};

/// The pieces between semicolons that stand outside quotes.
pub(super) fn parameters(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |&byte| {
        let separates = byte == b';' && !quoted;
        if escaped {
            escaped = false;
        } else if quoted && byte == b'\\' {
            escaped = true;
        } else if byte == b'"' {
            quoted = !quoted;
        }
        separates
    })
}

/// Reads the value of the header into the part.
pub(super) fn read(value: &[u8], part: &mut Part, flags: &mut Flags) -> Result<(), &'static str> {
    let mut named = false;
    let (mut plain, mut extended) = (None, None);
    let mut pieces = parameters(value);
    if !pieces.next().unwrap_or_default().trim_ascii().eq_ignore_ascii_case(b"form-data") {
        return Err("Multipart: a part's Content-Disposition is not form-data");
    }
    for piece in pieces {
        let Some(at) = memchr::memchr(b'=', piece) else {
            if piece.trim_ascii().is_empty() {
                continue;
            }
            return Err("Multipart: a parameter of Content-Disposition has no value");
        };
        let name = piece.get(..at).unwrap_or_default().trim_ascii().to_ascii_lowercase();
        let raw = piece.get(at + 1..).unwrap_or_default().trim_ascii();
        let repeated = match &*name {
            b"name" => {
                let again = std::mem::replace(&mut named, true);
                if !again {
                    part.name = value_of(raw, flags)?;
                }
                again
            }
            b"filename" => plain.replace(value_of(raw, flags)?).is_some(),
            b"filename*" => extended.replace(value_of_extended(raw)?).is_some(),
            b"name*" => return Err("Multipart: name* is not allowed"),
            _ => false,
        };
        if repeated {
            return Err("Multipart: a parameter of Content-Disposition is repeated");
        }
    }
    part.surely_file = plain.as_ref().is_some_and(|name| !name.is_empty());
    part.file_names = plain.into_iter().chain(extended).collect();
    if named { Ok(()) } else { Err("Multipart: a part has no name") }
}

/// A token or quoted string. Something behind the closing quote is a forgotten semicolon.
fn value_of(raw: &[u8], flags: &mut Flags) -> Result<Vec<u8>, &'static str> {
    let Some(inner) = raw.strip_prefix(b"\"") else {
        flags.invalid_quoting |= raw.iter().any(|byte| matches!(byte, b'\'' | b'"'));
        flags.missing_semicolon |= raw.iter().any(u8::is_ascii_whitespace);
        return Ok(raw.to_vec());
    };
    let mut value = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                flags.missing_semicolon |= at + 1 < inner.len();
                // What stands behind the quote is looked at as part of the value.
                value.extend_from_slice(inner.get(at + 1..).unwrap_or_default());
                return Ok(value);
            }
            // Only quote and backslash are escaped: browsers send the paths of Windows as they are.
            b'\\' if matches!(inner.get(at + 1), Some(b'"' | b'\\')) => {
                value.extend(bytes.next().map(|(_, escaped)| escaped));
            }
            _ => value.push(byte),
        }
    }
    flags.invalid_quoting = true;
    Err("Multipart: a quote is not closed")
}

/// `UTF-8'en'%e2%82%ac.txt`: the bytes that are meant, whatever the charset.
fn value_of_extended(raw: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut pieces = raw.splitn(3, |&byte| byte == b'\'');
    let (Some(charset), Some(_), Some(text)) = (pieces.next(), pieces.next(), pieces.next()) else {
        return Err("Multipart: filename* is not well-formed");
    };
    let mut value = Vec::with_capacity(text.len());
    let whole = percent::decode(text, Plus::Itself, &mut value);
    let known = [b"utf-8".as_slice(), b"iso-8859-1"].iter().any(|name| charset.eq_ignore_ascii_case(name));
    if whole && known { Ok(value) } else { Err("Multipart: filename* is not well-formed") }
}
