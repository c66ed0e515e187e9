//! What travels in bodies as it is declared: media types with their schemas, for requests and for responses.

use std::fmt;
use std::sync::Arc;

use model::Place;

use crate::Dialect;
use crate::media::{ContentType, MediaKind};
use crate::parameter::Style;
use crate::prepared::Prepared;
use crate::reference::SchemaRef;

/// A request body. `content` is in the order of the document.
#[derive(Debug)]
pub struct RequestBody {
    pub required: bool,
    pub place: Place,
    pub content: Vec<Media>,
}

/// One entry of `content`.
#[derive(Clone)]
pub struct Media {
    /// As written: `application/json`, `text/*`, `*/*`, `application/json; charset=utf-8`.
    pub range: Arc<str>,
    pub place: Place,
    /// `None`: anything goes.
    pub schema: Option<SchemaRef>,
    /// `itemSchema` of a sequential media type (OpenAPI 3.2 section 4.14.2).
    pub item_schema: Option<SchemaRef>,
    /// `encoding`, by property (forms and multipart).
    pub encoding: Vec<PartEncoding>,
    /// The checker's compiled form.
    pub(crate) prepared: Prepared,
}

/// How one property of a form or multipart body is written (OpenAPI 3.1 section 4.8.15).
#[derive(Clone)]
pub struct PartEncoding {
    pub property: Arc<str>,
    pub place: Place,
    /// Comma-separated media types or ranges, as written.
    pub content_type: Option<String>,
    /// `None` where none of `style`, `explode` and `allowReserved` is given.
    pub style: Option<Style>,
    pub explode: Option<bool>,
    pub allow_reserved: bool,
    pub headers: Vec<Header>,
}

/// A response or part header. Its style is always `simple`.
#[derive(Clone)]
pub struct Header {
    pub name: Arc<str>,
    pub place: Place,
    pub required: bool,
    pub explode: bool,
    pub schema: Option<SchemaRef>,
    /// In place of `schema`.
    pub content: Option<Box<Media>>,
}

/// The responses of an operation, in the order of the document.
pub struct Responses {
    pub by_status: Vec<(StatusKey, Response)>,
    pub default: Option<Response>,
    pub place: Place,
    pub dialect: Dialect,
}

/// `404`, or `4XX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusKey {
    Exact(u16),
    /// The hundreds: `4` for `4XX`.
    Class(u16),
}

pub struct Response {
    pub place: Place,
    pub headers: Vec<Header>,
    pub content: Vec<Media>,
    /// Whether `content` was written at all: a response with none says nothing about a body in 3.x.
    pub has_content: bool,
}

impl Media {
    /// Whether it stands for several media types.
    pub(crate) fn is_range(&self) -> bool {
        self.range.split(';').any(|part| part.contains('*'))
    }

    /// Whether it has request bodies looked into: its media type is one that is read, or it is a range whose schema
    /// says more than octets.
    pub(crate) fn is_read(&self) -> bool {
        if self.is_range() {
            return self.item_schema.is_some()
                || self.schema.as_ref().is_some_and(|schema| !schema.is_octets());
        }
        ContentType::parse(&self.range).is_none_or(|range| range.kind() != MediaKind::Opaque)
    }
}

impl Responses {
    /// What is declared for a status: the exact one before its class, and that before `default`.
    pub fn find(&self, status: u16) -> Option<&Response> {
        let of =
            |key: StatusKey| self.by_status.iter().find(|(k, _)| *k == key).map(|(_, response)| response);
        of(StatusKey::Exact(status)).or_else(|| of(StatusKey::Class(status / 100))).or(self.default.as_ref())
    }
}

impl StatusKey {
    /// `200`, or `2XX` (also in lower case, which many documents write).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<u16>().ok()).flatten();
        match text.strip_suffix("XX").or_else(|| text.strip_suffix("xx")) {
            Some(class) => number(class).filter(|c| (1..=5).contains(c)).map(Self::Class),
            None => number(text).filter(|status| (100..=999).contains(status)).map(Self::Exact),
        }
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Media({})", self.range)
    }
}
