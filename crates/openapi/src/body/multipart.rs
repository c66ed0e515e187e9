//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), read in the one way that all readers share.
//!
//! Readers differ on preambles, bare line feeds, folded or repeated headers, transfer encodings and nested parts,
//! and a difference is a way past the checks. All of that is refused.

use bytes::Bytes;

use crate::media::{ContentType, is_token, unquote};

/// Parts of one body.
pub(super) const PARTS_MAX: usize = 256;
/// Header lines of one part.
const HEADERS_MAX: usize = 8;
/// Bytes of one part's header lines.
const HEAD_BYTES_MAX: usize = 4 << 10;
/// Bytes of a name.
const NAME_BYTES_MAX: usize = 256;
/// Bytes of a file name.
const FILENAME_BYTES_MAX: usize = 255;
/// RFC 2046 section 5.1.1.
const BOUNDARY_BYTES_MAX: usize = 70;

/// One part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<ContentType>,
    /// Names of its other headers, lower case.
    pub(super) headers: Vec<String>,
    pub(super) body: Bytes,
}

/// Why a body is not one that all readers read alike. `Display` is safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it does not begin with the boundary")]
    Preamble,
    #[error("a boundary line is not well-formed")]
    Delimiter,
    #[error("it does not end with the closing boundary")]
    Unclosed,
    #[error("bytes follow the closing boundary")]
    Epilogue,
    #[error("it has too many parts")]
    Parts,
    #[error("a part's headers are too large")]
    Head,
    #[error("a part's header is not well-formed")]
    Header,
    #[error("a part has a header twice")]
    HeaderTwice,
    #[error("a part has no well-formed `Content-Disposition: form-data`")]
    Disposition,
    #[error("a part's name is missing or too long")]
    Name,
    #[error("a part's file name is not a plain one")]
    Filename,
    #[error("a part has a transfer encoding")]
    TransferEncoding,
    #[error("a part's media type is not well-formed")]
    Media,
    #[error("a part is itself in parts")]
    Nested,
    #[error("a part asks for another character encoding than UTF-8")]
    Charset,
}

/// The boundary that a media type names, when it is one of RFC 2046.
pub(super) fn boundary(media: &ContentType) -> Option<String> {
    let boundary = media.parameter("boundary")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let sound = !boundary.is_empty()
        && boundary.len() <= BOUNDARY_BYTES_MAX
        && boundary.bytes().all(allowed)
        && !boundary.ends_with(' ');
    sound.then(|| boundary.to_owned())
}

/// Splits a body into its parts.
pub(super) fn parse(body: &Bytes, boundary: &str) -> Result<Vec<Part>, Fault> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    let mut at =
        if body.starts_with(opening.as_bytes()) { opening.len() } else { return Err(Fault::Preamble) };
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            let epilogue = rest.get(2..).unwrap_or_default();
            return if epilogue.is_empty() || epilogue == b"\r\n" { Ok(parts) } else { Err(Fault::Epilogue) };
        }
        if !rest.starts_with(b"\r\n") {
            return Err(if rest.is_empty() { Fault::Unclosed } else { Fault::Delimiter });
        }
        if parts.len() >= PARTS_MAX {
            return Err(Fault::Parts);
        }
        let start = at + 2;
        let length =
            find(body.get(start..).unwrap_or_default(), delimiter.as_bytes()).ok_or(Fault::Unclosed)?;
        parts.push(part(&body.slice(start..start + length))?);
        at = start + length + delimiter.len();
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    // Candidates begin with a carriage return, so most bytes are looked at once.
    let mut from = 0;
    while let Some(at) = haystack.get(from..)?.iter().position(|byte| *byte == b'\r') {
        if haystack.get(from + at..)?.starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn part(bytes: &Bytes) -> Result<Part, Fault> {
    let window = bytes.get(..bytes.len().min(HEAD_BYTES_MAX)).unwrap_or_default();
    let end = find(window, b"\r\n\r\n").ok_or(if bytes.len() > HEAD_BYTES_MAX {
        Fault::Head
    } else {
        Fault::Header
    })?;
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| Fault::Header)?;
    let mut disposition = None;
    let mut content_type = None;
    let mut headers: Vec<String> = Vec::new();
    for (count, line) in head.split("\r\n").enumerate() {
        let (name, value) = line.split_once(':').ok_or(Fault::Header)?;
        let name = name.to_ascii_lowercase();
        let value = value.trim_matches([' ', '\t']);
        if count >= HEADERS_MAX {
            return Err(Fault::Head);
        }
        // A folded line begins with a blank, which no name has.
        if !is_token(&name) || value.chars().any(|character| character.is_control() && character != '\t') {
            return Err(Fault::Header);
        }
        if headers.contains(&name) {
            return Err(Fault::HeaderTwice);
        }
        match name.as_str() {
            "content-disposition" => disposition = Some(self::disposition(value)?),
            "content-type" => content_type = Some(ContentType::parse(value).ok_or(Fault::Media)?),
            "content-transfer-encoding"
                if !["7bit", "8bit", "binary"].iter().any(|e| value.eq_ignore_ascii_case(e)) =>
            {
                return Err(Fault::TransferEncoding);
            }
            _ => {}
        }
        headers.push(name);
    }
    if content_type.as_ref().is_some_and(|media| media.essence.starts_with("multipart/")) {
        return Err(Fault::Nested);
    }
    let (name, filename) = disposition.ok_or(Fault::Disposition)?;
    let body = bytes.slice(end + 4..);
    // RFC 7578 section 4.6: the encoding of all parts that name none.
    if name == "_charset_" && !body.eq_ignore_ascii_case(b"utf-8") {
        return Err(Fault::Charset);
    }
    Ok(Part { name, filename, content_type, headers, body })
}

/// `form-data; name="..."; filename="..."`. RFC 7578 section 4.2 forbids `filename*`.
fn disposition(value: &str) -> Result<(String, Option<String>), Fault> {
    let mut rest = value.strip_prefix("form-data").ok_or(Fault::Disposition)?;
    let (mut name, mut filename) = (None, None);
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            break;
        }
        let parameter = rest.strip_prefix(';').ok_or(Fault::Disposition)?.trim_start_matches([' ', '\t']);
        let (key, after) = parameter.split_once('=').ok_or(Fault::Disposition)?;
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted).ok_or(Fault::Disposition)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (token, after) = after.split_at(end);
                let token = token.trim_end_matches([' ', '\t']);
                if !is_token(token) {
                    return Err(Fault::Disposition);
                }
                (token.to_owned(), after)
            }
        };
        let slot = match key.to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "filename" => &mut filename,
            _ => return Err(Fault::Disposition),
        };
        if slot.replace(text).is_some() {
            return Err(Fault::Disposition);
        }
        rest = after;
    }
    let name = name.filter(|name| !name.is_empty() && name.len() <= NAME_BYTES_MAX).ok_or(Fault::Name)?;
    if filename.as_deref().is_some_and(|filename| !is_plain(filename)) {
        return Err(Fault::Filename);
    }
    Ok((name, filename))
}

/// A name within a folder: no path, no control or turning characters. Empty where a form's file was left out.
fn is_plain(filename: &str) -> bool {
    let hidden = |character: char| {
        character.is_control()
            || matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    filename.len() <= FILENAME_BYTES_MAX
        && filename != "."
        && filename != ".."
        && !filename.contains(['/', '\\', ':'])
        && !filename.chars().any(hidden)
}

#[cfg(test)]
mod tests;
