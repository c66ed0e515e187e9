//! Aliases and merge keys: values that stand once in the text and several times on the tape.

use std::collections::BTreeSet;

use super::Reader;
use crate::FaultKind;
use crate::builder::hash;
use crate::cell::{Cell, Tag};

/// More copies than this are an attack: nested aliases multiply (the "billion laughs").
const COPIED_MAX: u32 = 1_000_000;

impl Reader<'_> {
    /// Copies a finished value to the end of the tape, as the alias at `span`.
    pub(super) fn copy_value(&mut self, source: u32, span: (u32, u32)) -> Result<u32, FaultKind> {
        if let Some(name) = self.cell(source).filter(|cell| is_name(*cell)) {
            // The anchor stood at a name, which is a string as a value.
            let tag = if name.tag() == Tag::KeyAside { Tag::StringAside } else { Tag::String };
            let at = self.builder.cells.len() as u32;
            let text = Cell::new(tag, span.0, span.1, name.first, name.count());
            self.builder.scalar(text)?;
            return Ok(at);
        }
        let at = self.copy_cells(source)?;
        if let Some(cell) = self.builder.cells.get_mut(at as usize) {
            (cell.start, cell.end) = span;
        }
        Ok(at)
    }

    /// Copies the cells of one value as an item or a member's value of the innermost collection.
    fn copy_cells(&mut self, source: u32) -> Result<u32, FaultKind> {
        let size = self.cell(source).map_or(0, Cell::size) as usize;
        let range = source as usize..source as usize + size;
        let cells = self.builder.cells.get(range.clone()).ok_or(FaultKind::Alias)?;
        let values = cells.iter().filter(|cell| !is_name(**cell)).count() as u32;
        if self.builder.depth() + nesting(cells) > self.builder.depth_max() {
            return Err(FaultKind::DepthMax);
        }
        self.copied = self.copied.saturating_add(values);
        if self.copied > COPIED_MAX {
            return Err(FaultKind::Alias);
        }
        self.builder.count_value()?;
        self.builder.count_copied(values.saturating_sub(1))?;
        let at = self.builder.cells.len() as u32;
        self.builder.cells.extend_from_within(range);
        Ok(at)
    }

    /// Adds the members of a merge key's value to the innermost mapping, at its end: what the mapping names itself
    /// goes before, and so does an earlier one of several (the merge key's specification, yaml.org/type/merge).
    pub(super) fn merge(&mut self, value: u32) -> Result<(), FaultKind> {
        let sources = match self.cell(value).map(Cell::tag) {
            Some(Tag::Object) => vec![value],
            Some(Tag::Array) => self.children(value),
            _ => return Err(FaultKind::Merge),
        };
        let own = self.builder.open_names().iter();
        let mut names: BTreeSet<String> =
            own.map(|name| self.builder.decoded(name.cell, self.text).to_owned()).collect();
        for source in sources {
            if self.cell(source).map(Cell::tag) != Some(Tag::Object) {
                return Err(FaultKind::Merge);
            }
            for name in self.children(source) {
                let Some(cell) = self.cell(name).filter(|cell| cell.tag() != Tag::Hidden) else { continue };
                let text = self.builder.decoded(name, self.text).to_owned();
                if names.contains(&text) {
                    continue;
                }
                self.builder.name(cell, hash(text.as_bytes()))?;
                self.copy_cells(name + 1)?;
                names.insert(text);
            }
        }
        Ok(())
    }

    /// The text of a scalar, for a name.
    pub(super) fn scalar_text(&self, at: u32) -> Option<String> {
        let cell = self.cell(at)?;
        match cell.tag() {
            Tag::Array | Tag::Object => None,
            Tag::Null | Tag::False | Tag::True => {
                Some(self.text.get(cell.start as usize..cell.end as usize).unwrap_or_default().to_owned())
            }
            _ => Some(self.builder.decoded(at, self.text).to_owned()),
        }
    }

    fn cell(&self, at: u32) -> Option<Cell> {
        self.builder.cells.get(at as usize).copied()
    }

    /// The items of an array, or the names of an object, hidden ones included.
    fn children(&self, at: u32) -> Vec<u32> {
        let Some(parent) = self.cell(at) else { return Vec::new() };
        let mut children = Vec::new();
        let mut next = at + 1;
        while next < at + parent.size() {
            children.push(next);
            let value = if parent.tag() == Tag::Object { next + 1 } else { next };
            next = value + self.cell(value).map_or(1, Cell::size);
        }
        children
    }
}

fn is_name(cell: Cell) -> bool {
    matches!(cell.tag(), Tag::Key | Tag::KeyAside | Tag::Hidden)
}

/// How many collections are open at once in these cells, which are one value.
fn nesting(cells: &[Cell]) -> usize {
    let mut ends: Vec<usize> = Vec::new();
    let mut deepest = 0;
    for (at, cell) in cells.iter().enumerate() {
        while ends.last().is_some_and(|end| *end <= at) {
            ends.pop();
        }
        if matches!(cell.tag(), Tag::Array | Tag::Object) {
            ends.push(at + cell.size() as usize);
            deepest = deepest.max(ends.len());
        }
    }
    deepest
}
