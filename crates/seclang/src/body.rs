//! Bodies taken apart into variables: the list of all body processors.

pub(crate) mod beyond;
pub(crate) mod json;
pub(crate) mod multipart;
pub(crate) mod urlencoded;
pub(crate) mod xml;

use bytes::Bytes;

use crate::input::{Input, Pairs};
use multipart::Multipart;
use xml::Document;

/// What can take a body apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    Urlencoded,
    Multipart,
    Json,
    Xml,
}

/// Name, processor and the function that reads with it.
static PROCESSORS: &[(&str, Processor, Reader)] = &[
    ("URLENCODED", Processor::Urlencoded, urlencoded::read_body),
    ("MULTIPART", Processor::Multipart, multipart::read_body),
    ("JSON", Processor::Json, json::read_body),
    ("XML", Processor::Xml, xml::read_body),
];

type Reader = fn(&mut Body, &Input) -> Result<(), &'static str>;

/// What rules asked for by `ctl`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `ctl:requestBodyProcessor`; `None` leaves it to Content-Type.
    pub processor: Option<Processor>,
    /// `ctl:forceRequestBodyVariable`: REQUEST_BODY also when no processor reads the body, and beside what one read.
    pub force_request_body: bool,
}

impl Processor {
    /// The processor of this name, in any case.
    pub fn find(name: &str) -> Option<Self> {
        let known = PROCESSORS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name));
        known.map(|(_, processor, _)| *processor)
    }

    /// The names that [`Processor::find`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROCESSORS.iter().map(|(name, ..)| *name)
    }

    /// As REQBODY_PROCESSOR says it.
    pub fn name(self) -> &'static str {
        PROCESSORS.iter().find(|(_, known, _)| *known == self).map_or("", |(name, ..)| name)
    }

    /// The one that a Content-Type chooses by itself; JSON and XML are chosen by rules.
    pub(crate) fn of(content_type: &[u8]) -> Option<Self> {
        let begins = |name: &[u8]| {
            content_type.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        if begins(b"application/x-www-form-urlencoded") {
            Some(Self::Urlencoded)
        } else if begins(b"multipart/form-data") {
            Some(Self::Multipart)
        } else {
            None
        }
    }

    fn reader(self) -> Option<Reader> {
        PROCESSORS.iter().find(|(_, known, _)| *known == self).map(|(.., reader)| *reader)
    }
}

/// What became of a body.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) raw: Bytes,
    pub(crate) processor: Option<Processor>,
    /// Whether REQUEST_BODY is there.
    pub(crate) visible: bool,
    /// ARGS_POST.
    pub(crate) arguments: Pairs,
    /// Names that have no value of their own, in ARGS_POST_NAMES only: members of JSON that hold arrays and objects.
    pub(crate) bare_names: Pairs,
    /// It has a `%` that begins no escape where escapes are meant.
    pub(crate) invalid_escape: bool,
    pub(crate) multipart: Option<Multipart>,
    pub(crate) xml: Option<Document>,
    /// Why it could not be read whole.
    pub(crate) fault: Option<&'static str>,
    /// It is longer than the limits.
    pub(crate) too_long: bool,
}

impl Body {
    /// Reads `raw` with `processor`. The rest of `input` is as of the phase before.
    pub(crate) fn read(raw: Bytes, processor: Option<Processor>, wanted: &Wanted, input: &Input) -> Self {
        let mut body = Self { raw, processor, ..Self::default() };
        // Only a multipart body can hold files, whose length is known once it was read.
        let without_files = match processor {
            Some(Processor::Multipart) => usize::MAX,
            _ => input.settings.body_without_files_bytes_max,
        };
        if body.raw.len() > input.settings.body_bytes_max.min(without_files) {
            body.too_long = true;
            body.fault = Some(beyond::LONG);
        } else if !body.raw.is_empty()
            && let Some(reader) = processor.and_then(Processor::reader)
        {
            body.fault = reader(&mut body, input).err();
        }
        if body.bytes_without_files() > input.settings.body_without_files_bytes_max {
            body.too_long = true;
            body.fault = Some(beyond::LONG_WITHOUT_FILES);
        }
        // A body that its processor could not read is looked at as it is.
        let unread = body.fault.is_some() && !body.too_long;
        body.visible = match processor {
            Some(Processor::Urlencoded) => true,
            Some(_) => unread || wanted.force_request_body,
            None => wanted.force_request_body,
        };
        body
    }

    fn bytes_without_files(&self) -> usize {
        let files: usize = self.multipart.iter().flat_map(|m| &m.files).map(|file| file.content.len()).sum();
        self.raw.len().saturating_sub(files)
    }
}

#[cfg(test)]
mod tests;
