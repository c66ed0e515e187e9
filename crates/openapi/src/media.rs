//! Media types: reading `Content-Type`, and finding the declared one that it means.

use std::fmt;

use crate::content::Media;
use crate::{Operation, Responses};

/// Bytes of a `Content-Type` that is read at all.
const CONTENT_TYPE_BYTES_MAX: usize = 512;

/// A media type with its parameters (RFC 9110 section 8.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype`, lower case.
    pub essence: String,
    /// Names in lower case, values unquoted; no name twice, none in the form of RFC 8187.
    pub parameters: Vec<(String, String)>,
}

/// How a body of some media type is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// `application/json` and `+json` (RFC 6839 section 3.1).
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data` (RFC 7578).
    Multipart,
    /// `text/*`, read as one string.
    Text,
    /// Anything else: passed as it is, not looked into.
    Opaque,
}

/// One declared media type of an operation's request body, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaRef {
    pub(crate) index: usize,
    pub kind: MediaKind,
}

/// Why a request's body is not one that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaFault {
    /// None of the declared ones matches; these are declared.
    Unsupported { declared: Vec<String> },
    /// A range with a schema is declared, and a body of this media type cannot be held against a schema.
    Unread,
    /// The media type is declared, but not in this character encoding: only UTF-8 is read.
    Charset,
    /// A body is required and there is none.
    Missing,
    /// There is a body and none is declared.
    Undeclared,
    /// `Content-Type` is not well-formed.
    Malformed,
}

impl fmt::Display for MediaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { declared } if declared.is_empty() => f.write_str("no media type is declared"),
            Self::Unsupported { declared } => write!(f, "declared: {}", declared.join(", ")),
            Self::Unread => {
                f.write_str("a body of this media type cannot be held against the declared schema")
            }
            Self::Charset => f.write_str("only UTF-8 is accepted"),
            Self::Missing => f.write_str("a body is required"),
            Self::Undeclared => f.write_str("no body is declared"),
            Self::Malformed => f.write_str("`Content-Type` is not well-formed"),
        }
    }
}

impl ContentType {
    /// `None` unless the whole text is well-formed and all readers read it alike.
    ///
    /// Repeated parameters, extended and continued ones (`boundary*`, `boundary*0`; RFC 8187, RFC 2231), quoted pairs
    /// and semicolons in quotes are not: some readers take another value, and with it another boundary or charset.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > CONTENT_TYPE_BYTES_MAX {
            return None;
        }
        let (essence, mut rest) = text.split_once(';').map_or((text, ""), |(essence, rest)| (essence, rest));
        let (kind, subtype) = essence.trim_matches(BLANK).split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                break;
            }
            let (name, after) = rest.split_once('=')?;
            let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
                unquote(quoted).filter(|(value, _)| !value.contains(';'))?
            } else {
                let end = after.find(';').unwrap_or(after.len());
                let value = after.get(..end)?.trim_end_matches(BLANK);
                (is_token(value).then(|| value.to_owned())?, after.get(end..)?)
            };
            let name = name.to_ascii_lowercase();
            if !is_token(&name) || name.contains('*') || parameters.iter().any(|(known, _)| *known == name) {
                return None;
            }
            parameters.push((name, value));
            rest = after.trim_start_matches(BLANK);
            if !rest.is_empty() && !rest.starts_with(';') {
                return None;
            }
        }
        Some(Self { essence: essence.trim_matches(BLANK).to_ascii_lowercase(), parameters })
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn kind(&self) -> MediaKind {
        let (kind, subtype) = self.essence.split_once('/').unwrap_or_default();
        match self.essence.as_str() {
            "application/json" | "text/json" => MediaKind::Json,
            "application/x-www-form-urlencoded" => MediaKind::Form,
            "multipart/form-data" => MediaKind::Multipart,
            "text/xml" | "text/event-stream" => MediaKind::Opaque,
            _ if subtype.ends_with("+json") => MediaKind::Json,
            _ if kind == "text" && !subtype.ends_with("+xml") => MediaKind::Text,
            _ => MediaKind::Opaque,
        }
    }

    /// Whether text of this type is in UTF-8, or in the part of it that is ASCII.
    pub fn is_utf8(&self) -> bool {
        self.parameter("charset").is_none_or(|charset| {
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
        })
    }

    /// How well it fits a declared range; `None`: not at all. Exact types come before `type/*`, and that before `*/*`.
    pub(crate) fn fit(&self, range: &str) -> Option<usize> {
        if *range == *self.essence {
            return Some(EXACT);
        }
        let range = match range.trim() {
            "*" => "*/*",
            range => range,
        };
        let range = Self::parse(range)?;
        let distinguishing = range.parameters.iter().filter(|(name, _)| name != "charset");
        let mut named = 0;
        for (name, value) in distinguishing {
            if !self.parameter(name).is_some_and(|sent| sent.eq_ignore_ascii_case(value)) {
                return None;
            }
            named += 1;
        }
        if range.essence == self.essence {
            return Some(EXACT + named);
        }
        let (kind, subtype) = range.essence.split_once('/')?;
        match (kind, subtype) {
            ("*", "*") => Some(named),
            (kind, "*") if self.essence.split_once('/')?.0 == kind => Some(1000 + named),
            _ => None,
        }
    }
}

/// How well a media type fits one that is declared without parameters by the same name.
const EXACT: usize = 2000;
const JSON: &str = "application/json";
const BLANK: [char; 2] = [' ', '\t'];

impl Operation {
    /// Which declared media type a request's body has.
    ///
    /// `has_body` is told by the framing. `Ok(None)`: there is no body and none is required.
    ///
    /// A body without `Content-Type` is octets (RFC 9110 section 8.3), but servers guess. So it is refused unless
    /// nothing that is declared would look into a body: ranges without a schema, or with one that says octets, and
    /// media types that are not read.
    ///
    /// # Errors
    /// [`MediaFault`], before a byte of the body is read.
    pub fn media(&self, content_type: Option<&str>, has_body: bool) -> Result<Option<MediaRef>, MediaFault> {
        let Some(body) = &self.body else {
            return if has_body { Err(MediaFault::Undeclared) } else { Ok(None) };
        };
        if !has_body {
            return if body.required { Err(MediaFault::Missing) } else { Ok(None) };
        }
        let unsupported = || {
            let declared = body.content.iter().map(|media| media.range.to_string()).collect();
            MediaFault::Unsupported { declared }
        };
        if content_type.is_none() && body.content.iter().any(Media::is_read) {
            return Err(unsupported());
        }
        // What most bodies say and most operations declare needs no reading.
        if content_type == Some(JSON)
            && let Some(index) = body.content.iter().position(|media| *media.range == *JSON)
        {
            return Ok(Some(MediaRef { index, kind: MediaKind::Json }));
        }
        let sent = ContentType::parse(content_type.unwrap_or("application/octet-stream"));
        // A range is no media type of a body.
        let sent = sent.filter(|sent| !sent.essence.contains('*')).ok_or(MediaFault::Malformed)?;
        let index = find(&body.content, &sent).ok_or_else(unsupported)?;
        let kind = sent.kind();
        if kind != MediaKind::Opaque && !sent.is_utf8() {
            return Err(MediaFault::Charset);
        }
        let declared = body.content.get(index).ok_or_else(unsupported)?;
        if kind == MediaKind::Opaque && declared.is_range() && declared.is_read() {
            return Err(MediaFault::Unread);
        }
        Ok(Some(MediaRef { index, kind }))
    }

    /// The declared media type behind a reference.
    pub fn declared_media(&self, media: MediaRef) -> Option<&Media> {
        self.body.as_ref()?.content.get(media.index)
    }
}

impl Responses {
    /// Whether any declared response has a schema that can be checked.
    pub(crate) fn can_be_checked(&self) -> bool {
        let responses = self.by_status.iter().map(|(_, response)| response).chain(&self.default);
        responses.flat_map(|response| &response.content).any(|media| {
            let json = ContentType::parse(&media.range)
                .is_some_and(|range| range.kind() == MediaKind::Json || range.essence.ends_with("/*"));
            json && media.schema.is_some()
        })
    }
}

/// The position of the best fitting declared media type.
pub(crate) fn find(content: &[Media], sent: &ContentType) -> Option<usize> {
    let fits = content.iter().enumerate().filter_map(|(index, media)| Some((sent.fit(&media.range)?, index)));
    // The first of equals.
    fits.max_by_key(|(fit, index)| (*fit, std::cmp::Reverse(*index))).map(|(_, index)| index)
}

/// RFC 9110 section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A quoted string (RFC 9110 section 5.6.4) after its opening quote: its value, and what follows it. None for one with
/// a backslash, which some readers take for a quoted pair and others for itself.
pub(crate) fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    for (at, character) in text.char_indices() {
        match character {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\t' => value.push('\t'),
            character if character == '\\' || character.is_control() => return None,
            character => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests;
