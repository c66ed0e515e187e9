//! The one form of a path that is matched and forwarded (RFC 3986 section 6.2.2), and what has none.

use std::fmt;

/// A path in normal form: escapes of unreserved characters decoded, the others in upper case, nothing removed.
///
/// What servers read in different ways has no normal form and is refused; see [`PathFault`]. So two paths that a
/// server may take for the same are the same text here, and what is matched is what the upstream gets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NormalPath {
    text: String,
}

/// Why a path has no normal form. `Display` is a fragment that is safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    #[error("the path does not begin with a slash")]
    Relative,
    #[error("a percent escape is not followed by two hexadecimal digits")]
    Escape,
    #[error("a percent escape is itself escaped")]
    DoubleEscape,
    #[error("a slash is escaped")]
    EscapedSlash,
    #[error("the path has a backslash")]
    Backslash,
    #[error("the path has a control character")]
    Control,
    #[error("the path has a character that must be escaped (RFC 3986 section 3.3)")]
    Character,
    #[error("the path is not UTF-8")]
    Utf8,
    #[error("the path has a dot segment")]
    DotSegment,
    #[error("the path has an empty segment")]
    EmptySegment,
}

impl NormalPath {
    /// Brings a raw path, without query, into normal form.
    ///
    /// A `;` is kept; only a template with a `matrix` parameter in that place matches it, so elsewhere a path with
    /// matrix parameters leads nowhere.
    ///
    /// # Errors
    /// The first rule that the path breaks.
    pub fn new(raw: &str) -> Result<Self, PathFault> {
        if !raw.starts_with('/') {
            return Err(PathFault::Relative);
        }
        if is_normal(raw) {
            return Ok(Self { text: raw.to_owned() });
        }
        let mut text = String::with_capacity(raw.len());
        let mut segment = Vec::new();
        let mut segments = raw.split('/').skip(1).peekable();
        while let Some(raw_segment) = segments.next() {
            text.push('/');
            if raw_segment.is_empty() {
                // A slash at the end is kept: `/a` and `/a/` are two paths.
                if segments.peek().is_some() {
                    return Err(PathFault::EmptySegment);
                }
                continue;
            }
            let start = text.len();
            segment.clear();
            normalise(raw_segment, &mut text, &mut segment)?;
            check_decoded(&segment)?;
            // `..;x=1` is a dot segment for servers that take matrix parameters off first.
            let name = text.get(start..).unwrap_or_default().split(';').next().unwrap_or_default();
            if matches!(name, "." | "..") {
                return Err(PathFault::DotSegment);
            }
        }
        Ok(Self { text })
    }

    /// The normal form, as it is forwarded.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The rest of the path below a base such as `/v1`, which OpenAPI appends templates to: for `/v1/a` it is `/a`,
    /// and for `/v1/` it is `/`. None where the path is not below the base; `/v1` itself is not.
    pub fn strip_base(&self, base: &str) -> Option<NormalPath> {
        let rest = self.text.strip_prefix(base.trim_end_matches('/'))?;
        rest.starts_with('/').then(|| Self { text: rest.to_owned() })
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.text.get(1..);
        std::iter::from_fn(move || {
            let text = rest?;
            // Segments are short: to begin a search that is made for long texts takes longer than to look.
            let slash = text.bytes().position(|byte| byte == b'/');
            let (segment, behind) = slash.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
            rest = behind.get(1..);
            Some(segment)
        })
    }

    pub(crate) fn has_matrix(&self) -> bool {
        self.text.bytes().any(|byte| byte == b';')
    }
}

/// Whether a path is in normal form as it stands, seen at a glance: most are. False where it takes more than a glance.
fn is_normal(raw: &str) -> bool {
    let mut before = b'.';
    raw.bytes().all(|byte| {
        let begins_segment = std::mem::replace(&mut before, byte) == b'/';
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => true,
            // An empty segment, or one that may turn out to be dots.
            b'/' | b'.' => !begins_segment,
            _ => false,
        }
    })
}

/// Appends a segment in normal form to `text`, and its decoded bytes to `decoded`.
fn normalise(segment: &str, text: &mut String, decoded: &mut Vec<u8>) -> Result<(), PathFault> {
    let bytes = segment.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        if byte != b'%' {
            check_raw(byte)?;
            text.push(char::from(byte));
            decoded.push(byte);
            at += 1;
            continue;
        }
        let value = escape(bytes, at).ok_or(PathFault::Escape)?;
        at += 3;
        match value {
            b'/' => return Err(PathFault::EscapedSlash),
            b'\\' => return Err(PathFault::Backslash),
            0..=0x1F | 0x7F => return Err(PathFault::Control),
            b'%' if escaped_again(bytes, at) => return Err(PathFault::DoubleEscape),
            _ if is_unreserved(value) => text.push(char::from(value)),
            _ => push_escape(text, value),
        }
        decoded.push(value);
    }
    Ok(())
}

/// Whether two hexadecimal digits, themselves possibly escaped, follow an escaped percent sign.
fn escaped_again(bytes: &[u8], at: usize) -> bool {
    let mut at = at;
    (0..2).all(|_| {
        let (digit, length) = match escape(bytes, at) {
            Some(value) => (Some(value), 3),
            None => (bytes.get(at).copied(), 1),
        };
        at += length;
        digit.is_some_and(|digit| digit.is_ascii_hexdigit())
    })
}

/// The value of the escape whose percent sign stands at `at`.
pub(crate) fn escape(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(at..at + 3)? else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// RFC 3986 section 3.3: `pchar`, without escapes.
fn check_raw(byte: u8) -> Result<(), PathFault> {
    match byte {
        _ if is_unreserved(byte) => Ok(()),
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@' => Ok(()),
        b'\\' => Err(PathFault::Backslash),
        0..=0x1F | 0x7F => Err(PathFault::Control),
        _ => Err(PathFault::Character),
    }
}

/// Characters are UTF-8, and none of them controls anything (C1 controls included).
fn check_decoded(bytes: &[u8]) -> Result<(), PathFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| PathFault::Utf8)?;
    if text.chars().any(char::is_control) {
        return Err(PathFault::Control);
    }
    Ok(())
}

/// RFC 3986 section 2.3.
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

pub(crate) fn push_escape(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    for digit in [byte >> 4, byte & 0xF] {
        text.push(char::from(DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0')));
    }
}

/// A literal part of a template in the form it has in a [`NormalPath`]. None where it cannot stand in one.
pub(crate) fn normal_literal(literal: &str) -> Option<String> {
    let mut text = String::with_capacity(literal.len());
    let mut decoded = Vec::new();
    let mut escaped = String::with_capacity(literal.len());
    for byte in literal.bytes() {
        // Templates are often written with characters that a request has to escape.
        match check_raw(byte) {
            Err(PathFault::Character) if byte != b'%' && !matches!(byte, b'?' | b'#') => {
                push_escape(&mut escaped, byte);
            }
            _ => escaped.push(char::from(byte)),
        }
    }
    normalise(&escaped, &mut text, &mut decoded).ok()?;
    check_decoded(&decoded).ok()?;
    Some(text)
}

impl fmt::Debug for NormalPath {
    /// Without the path, which may hold what belongs to a caller.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NormalPath({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests;
