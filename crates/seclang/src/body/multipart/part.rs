//! The header of one part.

use super::{Flags, disposition};

/// What the header says of the part.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The field.
    pub(super) name: Vec<u8>,
    /// Empty for a part that is no file.
    pub(super) file_names: Vec<Vec<u8>>,
    /// Every server takes it for a file: `filename` is there and not empty.
    pub(super) surely_file: bool,
}

/// Header lines as they come in, folded ones joined.
#[derive(Debug, Default)]
pub(super) struct Head {
    lines: Vec<Vec<u8>>,
    bytes: usize,
}

impl Head {
    pub(super) fn line(
        &mut self,
        line: &[u8],
        bytes_max: usize,
        flags: &mut Flags,
    ) -> Result<(), &'static str> {
        self.bytes += line.len();
        if self.bytes > bytes_max {
            return Err(crate::body::beyond::PART_HEADER_LONG);
        }
        let folded = matches!(line.first(), Some(b' ' | b'\t' | 0x0b | 0x0c));
        if folded {
            flags.header_folding = true;
            flags.invalid_header_folding |= !matches!(line.first(), Some(b' ' | b'\t'));
            let Some(last) = self.lines.last_mut() else {
                self.lines.push(line.to_vec());
                return Err("Multipart: the first line of a part's header is folded");
            };
            last.push(b' ');
            last.extend_from_slice(line.trim_ascii_start());
            return Ok(());
        }
        self.lines.push(line.to_vec());
        let Some(colon) = memchr::memchr(b':', line) else {
            return Err("Multipart: a line of a part's header has no colon");
        };
        let name = line.get(..colon).unwrap_or_default();
        if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_graphic()) {
            return Err("Multipart: the name of a part's header is not valid");
        }
        Ok(())
    }

    /// The lines, and what they say; an error when they do not say which field this is.
    pub(super) fn end(self, flags: &mut Flags) -> (Vec<Vec<u8>>, Result<Part, &'static str>) {
        let mut part = Part::default();
        let read = self.read(&mut part, flags);
        (self.lines, read.map(|()| part))
    }

    fn read(&self, part: &mut Part, flags: &mut Flags) -> Result<(), &'static str> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut value = None;
        for line in &self.lines {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let name = line.get(..colon).unwrap_or_default();
            if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err("Multipart: a header of a part is repeated");
            }
            names.push(name);
            if name.eq_ignore_ascii_case(b"content-disposition") {
                value = line.get(colon + 1..);
            }
        }
        disposition::read(value.ok_or("Multipart: a part has no Content-Disposition")?, part, flags)
    }
}
