//! Finds the end of a head as bytes arrive, looking at each byte once, and stops early when it cannot become one.

use super::HeadFault;
use super::block::Feeds;
use crate::Limits;

/// Method, spaces, version and line end beside the target.
const REQUEST_LINE_SLACK: usize = 64;

/// How far the search has come in a buffer that only grows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scan {
    seen: usize,
    line_start: usize,
    /// Lines that are not empty.
    pub lines: usize,
}

impl Scan {
    /// Length of the head with its empty line, when the buffer holds it whole.
    pub(crate) fn advance(&mut self, buffer: &[u8], limits: &Limits) -> Result<Option<usize>, HeadFault> {
        for feed in Feeds::of(buffer, self.seen) {
            self.seen = feed + 1;
            // A line feed alone ends nothing (RFC 9112 section 2.2 would let us accept it; two parsers may not agree).
            if feed == self.line_start || buffer.get(feed - 1) != Some(&b'\r') {
                return Err(HeadFault::Syntax);
            }
            if feed - 1 == self.line_start && self.lines == 0 {
                return Err(HeadFault::Syntax);
            }
            if feed - 1 == self.line_start {
                return match self.seen {
                    end if end > limits.head_bytes_max => Err(HeadFault::HeadTooLarge),
                    end => Ok(Some(end)),
                };
            }
            self.check_first_line(feed - self.line_start, limits)?;
            self.lines += 1;
            self.line_start = self.seen;
            if self.lines > limits.headers_max + 1 {
                return Err(HeadFault::HeadersTooMany);
            }
        }
        self.seen = buffer.len();
        self.check_first_line(self.seen - self.line_start, limits)?;
        let first_is_token = buffer.first().is_none_or(u8::is_ascii_graphic);
        match () {
            () if !first_is_token => Err(HeadFault::Syntax),
            () if buffer.len() > limits.head_bytes_max => Err(HeadFault::HeadTooLarge),
            () => Ok(None),
        }
    }

    fn check_first_line(&self, length: usize, limits: &Limits) -> Result<(), HeadFault> {
        let too_long = self.lines == 0 && length > limits.target_bytes_max + REQUEST_LINE_SLACK;
        if too_long { Err(HeadFault::TargetTooLong) } else { Ok(()) }
    }
}
