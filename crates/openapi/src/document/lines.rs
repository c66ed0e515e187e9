//! From byte offsets to lines and columns, in constant time also where a document is one line of many megabytes.

/// Bytes between two counts of characters.
const STRIDE: usize = 4096;

#[derive(Debug)]
pub(super) struct Lines {
    /// Where each line starts.
    starts: Vec<u32>,
    /// How many characters stand before each multiple of [`STRIDE`].
    counts: Vec<u32>,
}

impl Lines {
    pub(super) fn new(text: &[u8]) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| narrow(at + 1))).collect();
        let mut before = 0;
        let counts = std::iter::once(0).chain(text.chunks(STRIDE).map(|chunk| {
            before += characters(chunk);
            narrow(before)
        }));
        Self { starts, counts: counts.collect() }
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub(super) fn line_column(&self, text: &[u8], offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start as usize <= offset).max(1);
        let start = self.starts.get(line - 1).map_or(0, |start| *start as usize);
        let column = self.before(text, offset).saturating_sub(self.before(text, start)) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    /// How many characters stand before a byte.
    fn before(&self, text: &[u8], offset: usize) -> usize {
        let offset = offset.min(text.len());
        let counted = self.counts.get(offset / STRIDE).map_or(0, |count| *count as usize);
        counted + characters(text.get(offset - offset % STRIDE..offset).unwrap_or_default())
    }
}

/// Bytes that begin a character; the text is UTF-8, or was refused before anybody asks.
pub(super) fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests;
