//! A piece of a source that remembers where each of its bytes stood.

use std::ops::Range;

/// Text from which line continuations and escapes may have been taken out.
#[derive(Debug, Clone, Default)]
pub struct Text {
    text: String,
    marks: Vec<Mark>,
}

/// From `offset` on, the text stood at this line and column (both from 1, columns in characters).
#[derive(Debug, Clone, Copy)]
struct Mark {
    offset: usize,
    line: u32,
    column: u32,
}

impl Text {
    /// Adds text that stood at `line` and `column`.
    pub fn push(&mut self, text: &str, line: u32, column: u32) {
        self.marks.push(Mark { offset: self.text.len(), line, column });
        self.text.push_str(text);
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Line and column of the byte at `offset`.
    pub fn position(&self, offset: usize) -> (u32, u32) {
        let Some(mark) = self.marks.iter().rev().find(|mark| mark.offset <= offset) else { return (1, 1) };
        let between = self.text.get(mark.offset..offset).unwrap_or_default().chars().count();
        (mark.line, mark.column.saturating_add(u32::try_from(between).unwrap_or(u32::MAX)))
    }

    /// A part, which keeps its places. A range that is not one of the text gives an empty part.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let (line, column) = self.position(range.start);
        let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        let mut marks = vec![Mark { offset: 0, line, column }];
        let within = self.marks.iter().filter(|mark| mark.offset > range.start && mark.offset < range.end);
        marks.extend(within.map(|mark| Mark { offset: mark.offset - range.start, ..*mark }));
        Self { text, marks }
    }

    /// Without white space at both ends.
    pub fn trim(&self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let end = start + self.text.trim().len();
        self.slice(start..end)
    }

    /// With each `\QUOTE` replaced by `QUOTE`, and nothing else changed.
    pub fn unescape(&self, quote: char) -> Self {
        let escaped = ['\\', quote].iter().collect::<String>();
        if !self.text.contains(&escaped) {
            return self.clone();
        }
        let mut plain = Self::default();
        let mut start = 0;
        while let Some(found) = self.text.get(start..).and_then(|rest| rest.find(&escaped)) {
            plain.append(&self.slice(start..start + found));
            start += found + 1;
            let end = start + quote.len_utf8();
            plain.append(&self.slice(start..end));
            start = end;
        }
        plain.append(&self.slice(start..self.text.len()));
        plain
    }

    fn append(&mut self, other: &Self) {
        let offset = self.text.len();
        self.marks.extend(other.marks.iter().map(|mark| Mark { offset: mark.offset + offset, ..*mark }));
        self.text.push_str(&other.text);
    }
}
