//! The JSON reader: RFC 8259 and nothing beside it, in one pass and without recursion.

mod number;
mod scan;
mod string;

pub(crate) use number::finite;

use bytes::Bytes;
use bytestring::ByteString;

use crate::builder::{Builder, Inside, hash};
use crate::cell::{Cell, Tag};
use crate::{Fault, FaultKind, Limits, Tape};

/// Text of other alphabets up to this length is copied once it is known to be UTF-8: cheaper than the slower check
/// that keeps the bytes as they are.
const COPIED_BYTES_MAX: usize = 1 << 20;

/// Reads one JSON text. A byte order mark, comments, trailing commas and anything after the value are refused, and
/// so are duplicate members, lone surrogates, and numbers that no 64-bit float holds (RFC 8259 section 9).
pub fn parse(text: Bytes, limits: &Limits) -> Result<Tape, Fault> {
    if text.len() > limits.bytes() {
        return Err(Fault::new(FaultKind::BytesMax, limits.bytes()));
    }
    let text = utf8(text)?;
    let mut reader =
        Reader { text: &text, bytes: text.as_bytes(), builder: Builder::new(limits, text.len()) };
    reader.document()?;
    let builder = reader.builder;
    Ok(Tape::new(text, builder))
}

fn utf8(text: Bytes) -> Result<ByteString, Fault> {
    if text.len() <= COPIED_BYTES_MAX
        && !text.is_ascii()
        && let Ok(valid) = simdutf8::basic::from_utf8(&text)
    {
        return Ok(ByteString::from(valid));
    }
    ByteString::try_from(text).map_err(|error| Fault::new(FaultKind::Utf8, error.valid_up_to()))
}

/// Positions are handed from function to function, so that they stay in registers.
struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    builder: Builder,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        let mut at = 0;
        loop {
            let (next, opened) = self.value(at)?;
            at = next;
            if opened {
                // Its first item or member's value stands next.
                continue;
            }
            match self.after_value(at)? {
                Some(next) => at = next,
                None => return Ok(()),
            }
        }
    }

    /// Reads a scalar, an empty container, or a container's beginning (then true); and where it ends.
    #[inline]
    fn value(&mut self, at: usize) -> Result<(usize, bool), Fault> {
        let (start, next) = self.token(at);
        let (word, tag) = match next {
            Some(b'"') => return Ok((self.string(start)?, false)),
            Some(b'{') => return self.open_object(start),
            Some(b'[') => return self.open_array(start),
            Some(b'-' | b'0'..=b'9') => return Ok((self.number(start)?, false)),
            Some(b't') => (b"true".as_slice(), Tag::True),
            Some(b'f') => (b"false".as_slice(), Tag::False),
            Some(b'n') => (b"null".as_slice(), Tag::Null),
            _ => return Err(self.unexpected(start)),
        };
        let end = start + word.len();
        if self.bytes.get(start..end) != Some(word) {
            return Err(Fault::new(FaultKind::Syntax, start));
        }
        self.scalar(Cell::new(tag, start as u32, end as u32, 0, 0))?;
        Ok((end, false))
    }

    #[inline]
    fn open_object(&mut self, start: usize) -> Result<(usize, bool), Fault> {
        self.builder.open(true, start as u32).map_err(|kind| Fault::new(kind, start))?;
        let (at, next) = self.token(start + 1);
        match next {
            Some(b'"') => Ok((self.name(at)?, true)),
            Some(b'}') => Ok((self.close(at)?, false)),
            _ => Err(self.unexpected(at)),
        }
    }

    #[inline]
    fn open_array(&mut self, start: usize) -> Result<(usize, bool), Fault> {
        self.builder.open(false, start as u32).map_err(|kind| Fault::new(kind, start))?;
        let (at, next) = self.token(start + 1);
        if next == Some(b']') {
            return Ok((self.close(at)?, false));
        }
        Ok((at, true))
    }

    /// Reads what follows a value, up to the next value, or to the end of the outermost one (then none).
    #[inline]
    fn after_value(&mut self, at: usize) -> Result<Option<usize>, Fault> {
        let (mut at, mut next) = self.token(at);
        loop {
            match (next, self.builder.inside()) {
                (Some(b','), Inside::Object) => {
                    let (at, next) = self.token(at + 1);
                    if next != Some(b'"') {
                        return Err(self.unexpected(at));
                    }
                    return self.name(at).map(Some);
                }
                (Some(b','), Inside::Array) => return Ok(Some(at + 1)),
                (Some(b'}'), Inside::Object) | (Some(b']'), Inside::Array) => at = self.close(at)?,
                (None, Inside::Nothing) => return Ok(None),
                (Some(_), Inside::Nothing) => return Err(Fault::new(FaultKind::Trailing, at)),
                _ => return Err(self.unexpected(at)),
            }
            (at, next) = self.token(at);
        }
    }

    /// Closes the innermost container, at its bracket.
    #[inline]
    fn close(&mut self, at: usize) -> Result<usize, Fault> {
        match self.builder.close(at as u32 + 1, self.text) {
            Ok(_) => Ok(at + 1),
            Err((kind, name)) => {
                let name = name.and_then(|name| self.builder.cells.get(name as usize));
                Err(Fault::new(kind, name.map_or(at + 1, |cell| cell.start as usize)))
            }
        }
    }

    /// Reads the member's name whose quote stands here, and its colon.
    #[inline]
    fn name(&mut self, quote: usize) -> Result<usize, Fault> {
        let name = self.scan_string(quote)?;
        let (tag, from) =
            if name.aside { (Tag::KeyAside, self.builder.side.as_bytes()) } else { (Tag::Key, self.bytes) };
        let start = name.start as usize;
        let hash = hash(from.get(start..start + name.length as usize).unwrap_or_default());
        let cell = Cell::new(tag, quote as u32, name.end as u32, name.start, name.length);
        self.builder.name(cell, hash).map_err(|kind| Fault::new(kind, name.end))?;
        let (at, next) = self.token(name.end);
        if next == Some(b':') { Ok(at + 1) } else { Err(self.unexpected(at)) }
    }

    #[inline]
    fn string(&mut self, quote: usize) -> Result<usize, Fault> {
        let string = self.scan_string(quote)?;
        let tag = if string.aside { Tag::StringAside } else { Tag::String };
        self.scalar(Cell::new(tag, quote as u32, string.end as u32, string.start, string.length))?;
        Ok(string.end)
    }

    /// Adds a value that has no parts.
    #[inline]
    fn scalar(&mut self, cell: Cell) -> Result<(), Fault> {
        self.builder.scalar(cell).map_err(|kind| Fault::new(kind, cell.start as usize))
    }

    /// Skips white space (RFC 8259 section 2): where the next byte stands, and which it is.
    #[inline]
    fn token(&self, at: usize) -> (usize, Option<u8>) {
        match self.bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => match self.bytes.get(at + 1) {
                Some(next) if *next > b' ' => (at + 1, Some(*next)),
                _ => {
                    let at = scan::space_end(self.bytes, at + 1);
                    (at, self.bytes.get(at).copied())
                }
            },
            next => (at, next.copied()),
        }
    }

    /// The fault of a byte that may not stand here, or of a text that ends here.
    #[cold]
    fn unexpected(&self, at: usize) -> Fault {
        let kind = if at < self.bytes.len() { FaultKind::Syntax } else { FaultKind::Incomplete };
        Fault::new(kind, at)
    }
}

#[cfg(test)]
mod tests;
