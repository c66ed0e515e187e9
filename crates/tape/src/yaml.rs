//! The YAML reader: version 1.2 with the core schema, one document, aliases and merge keys expanded.

mod copy;
mod scalar;

use std::collections::HashMap;

use bytes::Bytes;
use bytestring::ByteString;
use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use crate::builder::{Builder, hash};
use crate::cell::{Cell, SIZE_MAX, Tag};
use crate::{Fault, FaultKind, Limits, Tape};

/// Reads one YAML document.
///
/// What JSON lacks becomes what it has: names that are not strings become their text, `.inf` and `.nan` are strings,
/// scalars with a tag of their own are strings, other numbers are rewritten in JSON's grammar. Duplicate names,
/// collections as names, aliases to an enclosing value, and a second document are refused.
pub fn parse(text: Bytes, limits: &Limits) -> Result<Tape, Fault> {
    if text.len() > limits.bytes() {
        return Err(Fault::new(FaultKind::BytesMax, limits.bytes()));
    }
    if let Err(error) = std::str::from_utf8(&text) {
        return Err(Fault::new(FaultKind::Utf8, error.valid_up_to()));
    }
    let text = ByteString::try_from(text).map_err(|_| Fault::new(FaultKind::Utf8, 0))?;
    let mut reader = Reader {
        text: &text,
        builder: Builder::new(limits, text.len()),
        open: Vec::new(),
        anchors: HashMap::new(),
        copied: 0,
        last_end: 0,
        name_fault: None,
    };
    reader.document(options(limits))?;
    let builder = reader.builder;
    Ok(Tape::new(text, builder))
}

fn options(limits: &Limits) -> Options {
    // One more than ours, so that ours is the limit that is reported.
    let nesting = limits.depth() as usize + 1;
    let mut options = granit_parser::options! { flow_nesting_limit: nesting, block_nesting_limit: nesting };
    options.set_emit_comments(false);
    options
}

/// A collection that is being read.
struct Open {
    mapping: bool,
    flow: bool,
    /// In a mapping: what comes next is a name.
    name_next: bool,
    /// In a mapping: the value that is being read is a merge key's.
    merging: bool,
    /// The cell of the merge key's value.
    merge: Option<u32>,
    anchor: usize,
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder,
    open: Vec<Open>,
    /// The cells of finished values, by anchor.
    anchors: HashMap<usize, u32>,
    /// Values that aliases and merge keys brought.
    copied: u32,
    /// Where the last value ended: a block collection ends with its last value.
    last_end: u32,
    /// Where the repeated name stands, when a mapping's end brought it to light.
    name_fault: Option<u32>,
}

impl Reader<'_> {
    fn document(&mut self, options: Options) -> Result<(), Fault> {
        let mut documents = 0;
        for next in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = next.map_err(|error| self.scan_fault(&error))?;
            let range = span_of(&span);
            if matches!(event, Event::DocumentStart(..)) {
                documents += 1;
                if documents > 1 {
                    return Err(Fault::new(FaultKind::Trailing, range.0 as usize));
                }
            }
            self.event(&event, range)
                .map_err(|kind| Fault::new(kind, self.name_fault.unwrap_or(range.0) as usize))?;
        }
        if self.builder.cells.is_empty() || !self.open.is_empty() {
            return Err(Fault::new(FaultKind::Incomplete, self.text.len()));
        }
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>, span: (u32, u32)) -> Result<(), FaultKind> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let plain = *style == ScalarStyle::Plain;
                let merges = plain && tag.is_none() && &**value == "<<";
                if self.name_next() {
                    return self.name(value, span, merges, *anchor);
                }
                let resolved = scalar::resolve(value, plain, tag.as_deref())?;
                self.begin_value()?;
                let cell = self.place(&resolved, span)?;
                self.builder.scalar(cell)?;
                self.finish_value(self.builder.cells.len() as u32 - 1, *anchor, span.1)
            }
            Event::SequenceStart(style, anchor, _) => self.begin(false, *style, *anchor, span),
            Event::MappingStart(style, anchor, _) => self.begin(true, *style, *anchor, span),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(*anchor, span),
            Event::UnresolvedAlias(_) => Err(FaultKind::Alias),
            _ => Ok(()),
        }
    }

    fn name_next(&self) -> bool {
        self.open.last().is_some_and(|open| open.name_next)
    }

    /// Adds a member's name.
    fn name(&mut self, name: &str, span: (u32, u32), merges: bool, anchor: usize) -> Result<(), FaultKind> {
        let cell = self.place(&scalar::Resolved::Name(name.into()), span)?;
        if let Some(open) = self.open.last_mut() {
            open.name_next = false;
            open.merging = merges;
            if merges && open.merge.is_some() {
                return Err(FaultKind::DuplicateMember);
            }
        }
        if anchor != 0 {
            self.anchors.insert(anchor, self.builder.cells.len() as u32);
        }
        if merges {
            self.builder.hidden_name(cell);
            return Ok(());
        }
        self.builder.name(cell, hash(name.as_bytes()))
    }

    fn begin(
        &mut self,
        mapping: bool,
        style: StructureStyle,
        anchor: usize,
        span: (u32, u32),
    ) -> Result<(), FaultKind> {
        self.begin_value()?;
        self.builder.open(mapping, span.0)?;
        let flow = style == StructureStyle::Flow;
        self.last_end = span.0;
        self.open.push(Open { mapping, flow, name_next: mapping, merging: false, merge: None, anchor });
        Ok(())
    }

    fn end(&mut self, span: (u32, u32)) -> Result<(), FaultKind> {
        let Some(open) = self.open.pop() else { return Err(FaultKind::Syntax) };
        if let Some(source) = open.merge {
            self.merge(source)?;
        }
        let end = if open.flow { span.1 } else { self.last_end };
        match self.builder.close(end, self.text) {
            Ok(cell) => self.finish_value(cell, open.anchor, end),
            Err((kind, name)) => {
                self.name_fault =
                    name.and_then(|at| self.builder.cells.get(at as usize)).map(|cell| cell.start);
                Err(kind)
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: (u32, u32)) -> Result<(), FaultKind> {
        // An anchor that is not there yet belongs to a value that encloses its alias.
        let source = *self.anchors.get(&anchor).ok_or(FaultKind::Alias)?;
        if self.name_next() {
            let name = self.scalar_text(source).ok_or(FaultKind::Key)?;
            return self.name(&name, span, false, 0);
        }
        self.begin_value()?;
        let cell = self.copy_value(source, span)?;
        self.finish_value(cell, 0, span.1)
    }

    /// What a value's place asks for: a name stands before each value of a mapping.
    fn begin_value(&mut self) -> Result<(), FaultKind> {
        match self.open.last_mut() {
            Some(open) if open.name_next => Err(FaultKind::Key),
            Some(open) => {
                open.name_next = open.mapping;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn finish_value(&mut self, cell: u32, anchor: usize, end: u32) -> Result<(), FaultKind> {
        if anchor != 0 {
            self.anchors.insert(anchor, cell);
        }
        self.last_end = self.last_end.max(end);
        if let Some(open) = self.open.last_mut()
            && open.merging
        {
            open.merging = false;
            open.merge = Some(cell);
        }
        Ok(())
    }

    /// A cell for a scalar, whose text is either found in the document's or put aside.
    fn place(&mut self, resolved: &scalar::Resolved<'_>, span: (u32, u32)) -> Result<Cell, FaultKind> {
        let (start, end) = span;
        let (text, here, aside) = match resolved {
            scalar::Resolved::Null => return Ok(Cell::new(Tag::Null, start, end, 0, 0)),
            scalar::Resolved::Bool(false) => return Ok(Cell::new(Tag::False, start, end, 0, 0)),
            scalar::Resolved::Bool(true) => return Ok(Cell::new(Tag::True, start, end, 0, 0)),
            scalar::Resolved::Number(text) => (text, Tag::Number, Tag::NumberAside),
            scalar::Resolved::String(text) => (text, Tag::String, Tag::StringAside),
            scalar::Resolved::Name(text) => (text, Tag::Key, Tag::KeyAside),
        };
        let length = u32::try_from(text.len()).map_err(|_| FaultKind::BytesMax)?;
        let (from, to) = (start as usize, end as usize);
        if self.text.get(from..to) == Some(text) {
            return Ok(Cell::new(here, start, end, start, length));
        }
        if to > from && self.text.get(from + 1..to - 1) == Some(text) {
            return Ok(Cell::new(here, start, end, start + 1, length));
        }
        let first = self.builder.side.len();
        if first + text.len() > SIZE_MAX as usize {
            return Err(FaultKind::BytesMax);
        }
        self.builder.side.push_str(text);
        Ok(Cell::new(aside, start, end, first as u32, length))
    }

    fn scan_fault(&self, error: &ScanError) -> Fault {
        let offset = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let kind = match error.kind() {
            ErrorKind::UnknownAnchor => FaultKind::Alias,
            ErrorKind::RecursionLimitExceeded => FaultKind::DepthMax,
            ErrorKind::UnexpectedEof
            | ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::UnexpectedEofBlockSequence
            | ErrorKind::UnexpectedEofBlockMapping => FaultKind::Incomplete,
            _ => FaultKind::Syntax,
        };
        Fault::new(kind, offset)
    }
}

/// Start and end in bytes; the text is below 256 MiB.
fn span_of(span: &Span) -> (u32, u32) {
    let range = span.byte_range().unwrap_or_default();
    (range.start as u32, range.end.max(range.start) as u32)
}

#[cfg(test)]
mod tests;
