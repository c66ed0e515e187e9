//! Multipart bodies (RFC 7578, RFC 2046 section 5.1), read to the letter: what parsers could understand in two ways is
//! told in flags.

mod boundary;
mod disposition;
mod part;

use bytes::Bytes;

use super::{Body, beyond};
use crate::input::{BodySettings, Digits, Input, Pairs};
use boundary::Boundary;
use part::{Head, Part};

/// The most bytes of one part's header lines together.
const PART_HEADER_BYTES_MAX: usize = 4_096;

/// What a body was made of, and how.
#[derive(Debug, Default)]
pub(crate) struct Multipart {
    pub(crate) files: Vec<File>,
    /// Field and name of each file; a file with a second name in `filename*` stands here twice.
    pub(crate) file_names: Pairs,
    /// Field names of parts that are no files.
    pub(crate) names: Vec<Vec<u8>>,
    /// Every header line of every part, by the part's field.
    pub(crate) headers: Pairs,
    pub(crate) flags: Flags,
    parts: usize,
    fault: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) field: Vec<u8>,
    pub(crate) content: Bytes,
}

/// Departures from the form, as the MULTIPART_ variables tell them.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    pub(crate) boundary_quoted: bool,
    pub(crate) boundary_whitespace: bool,
    pub(crate) crlf_line: bool,
    pub(crate) lf_line: bool,
    pub(crate) data_after: bool,
    pub(crate) data_before: bool,
    pub(crate) file_limit_exceeded: bool,
    pub(crate) header_folding: bool,
    pub(crate) invalid_header_folding: bool,
    pub(crate) invalid_part: bool,
    pub(crate) invalid_quoting: bool,
    pub(crate) missing_semicolon: bool,
    /// 1: a line resembles a boundary that is not ours. 2: a line only begins with two hyphens.
    pub(crate) unmatched_boundary: Digits,
}

impl Flags {
    /// Whether any departure was seen that MULTIPART_STRICT_ERROR counts.
    pub(crate) fn strict(&self) -> bool {
        self.boundary_quoted
            || self.boundary_whitespace
            || self.data_before
            || self.data_after
            || self.header_folding
            || self.lf_line
            || self.missing_semicolon
            || self.invalid_quoting
            || self.invalid_part
            || self.invalid_header_folding
            || self.file_limit_exceeded
    }
}

pub(super) fn read_body(body: &mut Body, input: &Input) -> Result<(), &'static str> {
    let multipart = body.multipart.insert(Multipart::default());
    let mut content_types = input.request.header("content-type");
    let content_type = content_types.next().map_or(b"".as_slice(), |value| value);
    let boundary = boundary::find(content_type, &mut multipart.flags)?;
    let mut reader = Reader {
        raw: &body.raw,
        boundary: &boundary,
        settings: &input.settings,
        already: input.query.len(),
        arguments: &mut body.arguments,
        multipart,
    };
    reader.read();
    match multipart.fault {
        Some(fault) if beyond::limit(fault).is_some() => Err(fault),
        _ if content_types.next().is_some() => Err("Multipart: there is more than one Content-Type"),
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

struct Reader<'r> {
    raw: &'r Bytes,
    boundary: &'r Boundary,
    settings: &'r BodySettings,
    /// Arguments of the query, which count towards the limit.
    already: usize,
    arguments: &'r mut Pairs,
    multipart: &'r mut Multipart,
}

/// Where in the body the reader is.
enum Place {
    Before,
    Header(Head),
    /// In the content of a part, which began at this byte.
    Content(Part, usize),
    After,
}

/// What a line is to a reader that looks for a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    None,
    Next,
    Last,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut place = Place::Before;
        let mut at = 0;
        while at < self.raw.len() {
            let rest = self.raw.get(at..).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let line = rest.get(..length).unwrap_or_default();
            place = self.line(place, line, at);
            at += length;
        }
        match place {
            Place::After => {}
            Place::Before => self.fail("Multipart: there is no boundary in the body"),
            Place::Header(head) => {
                self.end_of_head(head);
                self.fail("Multipart: the last boundary is missing");
            }
            Place::Content(part, from) => {
                self.finish(part, from, self.raw.len());
                self.fail("Multipart: the last boundary is missing");
            }
        }
    }

    fn line(&mut self, place: Place, line: &[u8], at: usize) -> Place {
        let (text, end) = ended(line);
        let delimiter = self.delimiter(text);
        if delimiter != Delimiter::None {
            self.line_end(end);
            match place {
                Place::Content(part, from) => self.finish(part, from, self.content_end(from, at)),
                Place::Header(head) => {
                    self.end_of_head(head);
                    self.fail("Multipart: a part ends in its header");
                }
                Place::After => self.fail("Multipart: something follows the last boundary"),
                Place::Before => {}
            }
            return self.open(delimiter);
        }
        match place {
            Place::Before => {
                self.multipart.flags.data_before = true;
                Place::Before
            }
            Place::After => {
                self.multipart.flags.data_after |= !text.is_empty();
                Place::After
            }
            Place::Content(part, from) => Place::Content(part, from),
            Place::Header(head) if text.is_empty() => {
                self.line_end(end);
                match self.end_of_head(head) {
                    Some(part) => Place::Content(part, at + line.len()),
                    None => Place::Content(Part::default(), at + line.len()),
                }
            }
            Place::Header(mut head) => {
                self.line_end(end);
                if let Err(fault) = head.line(text, PART_HEADER_BYTES_MAX, &mut self.multipart.flags) {
                    self.fail(fault);
                }
                Place::Header(head)
            }
        }
    }

    fn open(&mut self, delimiter: Delimiter) -> Place {
        if delimiter == Delimiter::Last {
            return Place::After;
        }
        self.multipart.parts += 1;
        if self.multipart.parts > self.settings.parts_max {
            self.fail(beyond::PARTS);
            return Place::After;
        }
        Place::Header(Head::default())
    }

    /// The content ends before the line end in front of the delimiter.
    fn content_end(&self, from: usize, delimiter_at: usize) -> usize {
        let content = self.raw.get(from..delimiter_at).unwrap_or_default();
        from + ended(content).0.len()
    }

    fn line_end(&mut self, end: &[u8]) {
        match end {
            b"\r\n" => self.multipart.flags.crlf_line = true,
            b"\n" => self.multipart.flags.lf_line = true,
            _ => {}
        }
    }

    /// The first fault is told; one of a limit goes before others, for what is beyond it was not read.
    fn fail(&mut self, fault: &'static str) {
        let known = self.multipart.fault;
        if known.is_none_or(|known| beyond::limit(known).is_none() && beyond::limit(fault).is_some()) {
            self.multipart.fault = Some(fault);
        }
    }

    /// Whether the line is our boundary; and what it is when it only seems to be one.
    fn delimiter(&mut self, line: &[u8]) -> Delimiter {
        let wanted = &*self.boundary.text;
        let Some(rest) = line.strip_prefix(b"--") else {
            if line.trim_ascii_start().strip_prefix(b"--").is_some_and(|rest| rest.starts_with(wanted)) {
                self.fail("Multipart: there is white space before a boundary");
            }
            return Delimiter::None;
        };
        let Some(after) = rest.strip_prefix(wanted) else {
            self.resembles(rest);
            return Delimiter::None;
        };
        match after {
            b"" => Delimiter::Next,
            b"--" => Delimiter::Last,
            _ if after.trim_ascii().is_empty() || after.trim_ascii_end() == b"--" => {
                self.multipart.flags.boundary_whitespace = true;
                if after.trim_ascii().is_empty() { Delimiter::Next } else { Delimiter::Last }
            }
            _ => {
                self.fail("Multipart: a boundary is followed by something");
                Delimiter::None
            }
        }
    }

    /// Two hyphens and something else than our boundary.
    fn resembles(&mut self, rest: &[u8]) {
        let wanted = &*self.boundary.text;
        let bare = rest.trim_ascii_start();
        let bare = bare.strip_prefix(b"\"").unwrap_or(bare);
        let near = bare.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted));
        let flag = &mut self.multipart.flags.unmatched_boundary;
        if near {
            *flag = Digits::new(1);
        } else if flag.as_bytes() == b"0" {
            *flag = Digits::new(2);
        }
    }

    fn end_of_head(&mut self, head: Head) -> Option<Part> {
        let (lines, part) = head.end(&mut self.multipart.flags);
        let part = match part {
            Ok(part) => Some(part),
            Err(fault) => {
                self.multipart.flags.invalid_part = true;
                self.fail(fault);
                None
            }
        };
        let field = part.as_ref().map_or(b"".as_slice(), |part| &part.name);
        for line in lines {
            self.multipart.headers.push(field, &line);
        }
        part
    }

    fn finish(&mut self, part: Part, from: usize, to: usize) {
        let content = self.raw.slice(from..to.max(from));
        // Servers disagree on whether a part without a name of a file, or only with an extended one, is a file.
        if !part.surely_file {
            if self.already + self.arguments.len() >= self.settings.arguments_max {
                return self.fail(beyond::ARGUMENTS);
            }
            self.arguments.push(&part.name, &content);
        }
        if part.file_names.is_empty() {
            self.multipart.names.push(part.name);
            return;
        }
        if self.multipart.files.len() >= self.settings.files_max {
            self.multipart.flags.file_limit_exceeded = true;
            return self.fail(beyond::FILES);
        }
        for name in &part.file_names {
            self.multipart.file_names.push(&part.name, name);
        }
        self.multipart.files.push(File { field: part.name, content });
    }
}

/// A line without its end, and the end.
fn ended(line: &[u8]) -> (&[u8], &[u8]) {
    let length = match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    line.split_at(line.len() - length)
}

#[cfg(test)]
mod tests;
