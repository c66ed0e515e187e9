//! The JSON reader: RFC 8259 and nothing beside it, in one pass and without recursion.

mod number;
mod string;

pub(crate) use number::finite;

use bytes::Bytes;
use bytestring::ByteString;

use crate::builder::{Builder, hash};
use crate::cell::{Cell, Tag};
use crate::{Fault, FaultKind, Limits, Tape};

/// Reads one JSON text. A byte order mark, comments, trailing commas and anything after the value are refused, and
/// so are duplicate members, lone surrogates, and numbers that no 64-bit float holds (RFC 8259 section 9).
pub fn parse(text: Bytes, limits: &Limits) -> Result<Tape, Fault> {
    if text.len() > limits.bytes() {
        return Err(Fault::new(FaultKind::BytesMax, limits.bytes()));
    }
    let text =
        ByteString::try_from(text).map_err(|error| Fault::new(FaultKind::Utf8, error.valid_up_to()))?;
    let mut reader =
        Reader { text: &text, bytes: text.as_bytes(), at: 0, builder: Builder::new(limits, text.len()) };
    match reader.document() {
        Ok(()) => {
            let builder = reader.builder;
            Ok(Tape::new(text, builder))
        }
        Err(kind) => Err(Fault::new(kind, reader.at)),
    }
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    builder: Builder,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), FaultKind> {
        loop {
            if self.value()? {
                // A container was opened, and its first item or member's value stands next.
                continue;
            }
            if !self.after_value()? {
                break;
            }
        }
        match self.peek_token() {
            None => Ok(()),
            Some(_) => Err(FaultKind::Trailing),
        }
    }

    /// Reads a scalar, an empty container, or a container's beginning (then true).
    #[inline]
    fn value(&mut self) -> Result<bool, FaultKind> {
        let next = self.peek_token();
        let start = self.at as u32;
        let (word, tag) = match next {
            Some(b'"') => return self.string().map(|()| false),
            Some(b'{') => return self.open_object(start),
            Some(b'[') => return self.open_array(start),
            Some(b'-' | b'0'..=b'9') => return self.number().map(|()| false),
            Some(b't') => (b"true".as_slice(), Tag::True),
            Some(b'f') => (b"false".as_slice(), Tag::False),
            Some(b'n') => (b"null".as_slice(), Tag::Null),
            Some(_) => return Err(FaultKind::Syntax),
            None => return Err(FaultKind::Incomplete),
        };
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word) {
            return Err(FaultKind::Syntax);
        }
        self.builder.scalar(Cell::new(tag, start, end as u32, 0, 0))?;
        self.at = end;
        Ok(false)
    }

    fn open_object(&mut self, start: u32) -> Result<bool, FaultKind> {
        self.builder.open(true, start)?;
        self.at += 1;
        if self.peek_token() == Some(b'}') {
            self.close()?;
            return Ok(false);
        }
        self.name()?;
        Ok(true)
    }

    fn open_array(&mut self, start: u32) -> Result<bool, FaultKind> {
        self.builder.open(false, start)?;
        self.at += 1;
        if self.peek_token() == Some(b']') {
            self.close()?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads what follows a value, up to the next value (true) or to the end of the outermost one (false).
    #[inline]
    fn after_value(&mut self) -> Result<bool, FaultKind> {
        while let Some(object) = self.builder.in_object() {
            match (self.peek_token(), object) {
                (Some(b','), true) => {
                    self.at += 1;
                    self.name()?;
                    return Ok(true);
                }
                (Some(b','), false) => {
                    self.at += 1;
                    return Ok(true);
                }
                (Some(b'}'), true) | (Some(b']'), false) => self.close()?,
                (Some(_), _) => return Err(FaultKind::Syntax),
                (None, _) => return Err(FaultKind::Incomplete),
            }
        }
        Ok(false)
    }

    /// Closes the innermost container, at its bracket.
    #[inline]
    fn close(&mut self) -> Result<(), FaultKind> {
        self.at += 1;
        if let Err((kind, name)) = self.builder.close(self.at as u32, self.text) {
            if let Some(cell) = name.and_then(|name| self.builder.cells.get(name as usize)) {
                self.at = cell.start as usize;
            }
            return Err(kind);
        }
        Ok(())
    }

    /// Reads a member's name and its colon.
    #[inline]
    fn name(&mut self) -> Result<(), FaultKind> {
        match self.peek_token() {
            Some(b'"') => {}
            Some(_) => return Err(FaultKind::Syntax),
            None => return Err(FaultKind::Incomplete),
        }
        let decoded = self.scan_string()?;
        let (tag, hash) = if decoded.aside {
            (Tag::KeyAside, hash(decoded.of(&self.builder.side).as_bytes()))
        } else {
            (Tag::Key, hash(decoded.of(self.text).as_bytes()))
        };
        let cell = Cell::new(tag, decoded.quote, self.at as u32, decoded.start, decoded.length);
        self.builder.name(cell, hash)?;
        match self.peek_token() {
            Some(b':') => self.at += 1,
            Some(_) => return Err(FaultKind::Syntax),
            None => return Err(FaultKind::Incomplete),
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), FaultKind> {
        let decoded = self.scan_string()?;
        let tag = if decoded.aside { Tag::StringAside } else { Tag::String };
        let cell = Cell::new(tag, decoded.quote, self.at as u32, decoded.start, decoded.length);
        self.builder.scalar(cell)
    }

    /// Skips white space (RFC 8259 section 2) and looks at the next byte.
    #[inline]
    fn peek_token(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                next => return next.copied(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
