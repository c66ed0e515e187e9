//! Lays cells on the tape under the limits, and refuses objects with duplicate members.

mod names;

use crate::cell::{Cell, SIZE_MAX, Tag};
use crate::{FaultKind, Limits};

pub(crate) use names::{FEW, Large, Name, decoded, hash};

/// An open array or object.
struct Frame {
    cell: u32,
    count: u32,
    /// Where its names begin in `names`.
    names: u32,
    object: bool,
}

pub(crate) struct Builder {
    pub(crate) cells: Vec<Cell>,
    /// Decoded texts that do not stand in the document's text as they are.
    pub(crate) side: String,
    frames: Vec<Frame>,
    /// The names of the open objects.
    names: Vec<Name>,
    /// Names of finished objects with many members, sorted, so that lookups need not be linear.
    pub(crate) sorted: Vec<Name>,
    pub(crate) large: Vec<Large>,
    pub(crate) values: u32,
    depth_max: usize,
    values_max: u32,
    members_max: u32,
}

impl Builder {
    pub(crate) fn new(limits: &Limits, text_length: usize) -> Self {
        Self {
            // JSON and YAML of APIs need about 8 bytes of text a cell; more grows.
            cells: Vec::with_capacity((text_length / 8).min(1 << 16) + 4),
            side: String::new(),
            frames: Vec::with_capacity(16),
            names: Vec::with_capacity(32),
            sorted: Vec::new(),
            large: Vec::new(),
            values: 0,
            depth_max: limits.depth() as usize,
            values_max: limits.values_max.min(SIZE_MAX / 2),
            members_max: limits.members_max,
        }
    }

    /// Whether the innermost open container is an object; none when all are closed.
    #[inline]
    pub(crate) fn in_object(&self) -> Option<bool> {
        self.frames.last().map(|frame| frame.object)
    }

    pub(crate) fn depth_max(&self) -> usize {
        self.depth_max
    }

    pub(crate) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Adds a value that has no parts.
    #[inline]
    pub(crate) fn scalar(&mut self, cell: Cell) -> Result<(), FaultKind> {
        self.count_value()?;
        self.cells.push(cell);
        Ok(())
    }

    #[inline]
    pub(crate) fn open(&mut self, object: bool, start: u32) -> Result<(), FaultKind> {
        self.count_value()?;
        if self.frames.len() >= self.depth_max {
            return Err(FaultKind::DepthMax);
        }
        self.frames.push(Frame {
            cell: self.cells.len() as u32,
            count: 0,
            names: self.names.len() as u32,
            object,
        });
        let tag = if object { Tag::Object } else { Tag::Array };
        self.cells.push(Cell::new(tag, start, start, 1, 0));
        Ok(())
    }

    /// Adds a member's name; its value follows. `hash` is of the decoded name.
    #[inline]
    pub(crate) fn name(&mut self, cell: Cell, hash: u32) -> Result<(), FaultKind> {
        let Some(frame) = self.frames.last() else { return Err(FaultKind::Syntax) };
        if frame.count >= self.members_max {
            return Err(FaultKind::MembersMax);
        }
        self.names.push(Name { hash, cell: self.cells.len() as u32 });
        self.cells.push(cell);
        Ok(())
    }

    /// Ends the innermost container, and tells its cell. A fault comes with a name's cell.
    #[inline]
    pub(crate) fn close(&mut self, end: u32, text: &str) -> Result<u32, (FaultKind, Option<u32>)> {
        let Some(frame) = self.frames.pop() else { return Err((FaultKind::Syntax, None)) };
        if frame.object {
            let names = self.names.get_mut(frame.names as usize..).unwrap_or_default();
            if let Some(cell) = names::duplicate(names, &self.cells, text, &self.side) {
                return Err((FaultKind::DuplicateMember, Some(cell)));
            }
            if names.len() > names::FEW {
                self.large.push(Large { object: frame.cell, first: self.sorted.len() as u32 });
                self.sorted.extend_from_slice(names);
            }
            self.names.truncate(frame.names as usize);
        }
        let size = self.cells.len() as u32 - frame.cell;
        if let Some(cell) = self.cells.get_mut(frame.cell as usize) {
            *cell = Cell::new(cell.tag(), cell.start, end, size, frame.count);
        }
        Ok(frame.cell)
    }

    /// The names of the innermost object so far.
    pub(crate) fn open_names(&self) -> &[Name] {
        let first = self.frames.last().map_or(0, |frame| frame.names as usize);
        self.names.get(first..).unwrap_or_default()
    }

    /// Adds a name whose member is not one: a merge key. Its value is on the tape, and no reader comes upon it.
    pub(crate) fn hidden_name(&mut self, cell: Cell) {
        if let Some(frame) = self.frames.last_mut() {
            // Its value is about to be counted: from -1, as it were, when it comes first.
            frame.count = frame.count.wrapping_sub(1);
        }
        self.cells.push(cell.with_tag(Tag::Hidden));
    }

    /// The decoded text of a name or scalar.
    pub(crate) fn decoded<'t>(&'t self, at: u32, text: &'t str) -> &'t str {
        decoded(self.cells.get(at as usize).copied().unwrap_or(Cell::NULL), text, &self.side)
    }

    /// Counts a value towards the limit and towards its container.
    #[inline]
    pub(crate) fn count_value(&mut self) -> Result<(), FaultKind> {
        if self.values >= self.values_max {
            return Err(FaultKind::ValuesMax);
        }
        self.values += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.count = frame.count.wrapping_add(1);
        }
        Ok(())
    }

    /// Counts values that are copied as parts of a value that is counted already.
    pub(crate) fn count_copied(&mut self, values: u32) -> Result<(), FaultKind> {
        match self.values.checked_add(values) {
            Some(sum) if sum <= self.values_max => self.values = sum,
            _ => return Err(FaultKind::ValuesMax),
        }
        Ok(())
    }
}
