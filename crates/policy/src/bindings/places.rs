//! Where each value of a bindings file stands.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use model::Place;

/// Places by pointer: `/operations/getOrder/object/id`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    by_pointer: BTreeMap<String, Place>,
}

impl Places {
    pub(super) fn insert(&mut self, pointer: &str, place: Place) {
        self.by_pointer.insert(pointer.to_owned(), place);
    }

    pub fn has(&self, pointer: &str) -> bool {
        self.by_pointer.contains_key(pointer)
    }

    /// Of the value, else of the nearest one that it would stand in.
    pub fn at(&self, pointer: &str) -> Option<&Place> {
        let mut sought = pointer;
        loop {
            match self.by_pointer.get(sought) {
                Some(place) => return Some(place),
                None => sought = sought.rsplit_once('/')?.0,
            }
        }
    }
}

/// Turns byte spans of one text into places.
#[derive(Debug)]
pub struct Locator {
    name: Arc<str>,
    text: Bytes,
    lines: tape::Lines,
}

impl Locator {
    pub fn new(name: impl Into<Arc<str>>, text: Bytes) -> Self {
        let lines = tape::Lines::new(&text);
        Self { name: name.into(), text, lines }
    }

    /// The first line of a span; at least one character.
    pub fn place(&self, span: Range<usize>) -> Place {
        let (line, column) = self.lines.line_column(&self.text, span.start);
        let marked = self.text.get(span).unwrap_or_default();
        let first = marked.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let length = String::from_utf8_lossy(first).trim_end().chars().count().max(1);
        Place {
            file: Arc::clone(&self.name),
            line,
            column,
            length: u32::try_from(length).unwrap_or(u32::MAX),
        }
    }

    pub fn point(&self, offset: usize) -> Place {
        let (line, column) = self.lines.line_column(&self.text, offset.min(self.text.len()));
        Place { file: Arc::clone(&self.name), line, column, length: 1 }
    }
}
