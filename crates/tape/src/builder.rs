//! Lays cells on the tape under the limits, and refuses objects with duplicate members.

mod names;

use crate::cell::{Cell, SIZE_MAX, Tag};
use crate::{FaultKind, Limits};

pub(crate) use names::{FEW, Large, Name, decoded, hash};

/// What is open innermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// Nothing is open: before the document, or after it.
    Nothing,
    Array,
    Object,
}

/// An open array or object.
#[derive(Clone, Copy)]
struct Frame {
    inside: Inside,
    /// Whether two of its names may be the same.
    twice: bool,
    cell: u32,
    count: u32,
    /// Where its names begin in `names`.
    names: u32,
    /// A bit for each name, by its hash: two names without a common bit differ.
    seen: u64,
}

impl Frame {
    const OUTERMOST: Self =
        Self { inside: Inside::Nothing, twice: false, cell: 0, count: 0, names: 0, seen: 0 };
}

pub(crate) struct Builder {
    pub(crate) cells: Vec<Cell>,
    /// Decoded texts that do not stand in the document's text as they are.
    pub(crate) side: String,
    /// The innermost open container, and those around it.
    frame: Frame,
    around: Vec<Frame>,
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
            // JSON and YAML of APIs need 6 bytes of text a cell or more; what needs less grows.
            cells: Vec::with_capacity((text_length / 6).min(1 << 16) + 4),
            side: String::new(),
            frame: Frame::OUTERMOST,
            around: Vec::with_capacity(16),
            names: Vec::with_capacity(32),
            sorted: Vec::new(),
            large: Vec::new(),
            values: 0,
            depth_max: limits.depth() as usize,
            values_max: limits.values_max.min(SIZE_MAX / 2),
            members_max: limits.members_max,
        }
    }

    #[inline]
    pub(crate) fn inside(&self) -> Inside {
        self.frame.inside
    }

    pub(crate) fn depth_max(&self) -> usize {
        self.depth_max
    }

    pub(crate) fn depth(&self) -> usize {
        self.around.len()
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
        if self.around.len() >= self.depth_max {
            return Err(FaultKind::DepthMax);
        }
        self.around.push(self.frame);
        let inside = if object { Inside::Object } else { Inside::Array };
        let (cell, names) = (self.cells.len() as u32, self.names.len() as u32);
        self.frame = Frame { inside, cell, names, ..Frame::OUTERMOST };
        let tag = if object { Tag::Object } else { Tag::Array };
        self.cells.push(Cell::new(tag, start, start, 1, 0));
        Ok(())
    }

    /// Adds a member's name; its value follows. `hash` is of the decoded name.
    #[inline]
    pub(crate) fn name(&mut self, cell: Cell, hash: u32) -> Result<(), FaultKind> {
        if self.frame.count >= self.members_max {
            return Err(FaultKind::MembersMax);
        }
        let bit = 1 << (hash >> 26);
        if self.frame.seen & bit != 0 {
            self.look_again(hash);
        }
        self.frame.seen |= bit;
        self.names.push(Name { hash, cell: self.cells.len() as u32 });
        self.cells.push(cell);
        Ok(())
    }

    /// Whether an earlier name of the object has the hash. Not asked of many names, which are sorted.
    fn look_again(&mut self, hash: u32) {
        let earlier = self.open_names();
        if earlier.len() < FEW && earlier.iter().any(|name| name.hash == hash) {
            self.frame.twice = true;
        }
    }

    /// Ends the innermost container, and tells its cell. A fault comes with a name's cell.
    #[inline]
    pub(crate) fn close(&mut self, end: u32, text: &str) -> Result<u32, (FaultKind, Option<u32>)> {
        let frame = self.frame;
        let Some(around) = self.around.pop() else { return Err((FaultKind::Syntax, None)) };
        self.frame = around;
        let many = self.names.len() - frame.names as usize > FEW;
        if many || frame.twice {
            self.compare_names(frame, text).map_err(|name| (FaultKind::DuplicateMember, Some(name)))?;
        }
        self.names.truncate(frame.names as usize);
        let size = self.cells.len() as u32 - frame.cell;
        if let Some(cell) = self.cells.get_mut(frame.cell as usize) {
            *cell = Cell::new(cell.tag(), cell.start, end, size, frame.count);
        }
        Ok(frame.cell)
    }

    /// Fails with the cell of a name that stands twice, and keeps many names for lookups.
    fn compare_names(&mut self, frame: Frame, text: &str) -> Result<(), u32> {
        let names = self.names.get_mut(frame.names as usize..).unwrap_or_default();
        if let Some(cell) = names::duplicate(names, &self.cells, text, &self.side) {
            return Err(cell);
        }
        if names.len() > FEW {
            self.large.push(Large { object: frame.cell, first: self.sorted.len() as u32 });
            self.sorted.extend_from_slice(names);
        }
        Ok(())
    }

    /// The names of the innermost object so far.
    pub(crate) fn open_names(&self) -> &[Name] {
        self.names.get(self.frame.names as usize..).unwrap_or_default()
    }

    /// Adds a name whose member is not one: a merge key. Its value is on the tape, and no reader comes upon it.
    pub(crate) fn hidden_name(&mut self, cell: Cell) {
        // Its value is about to be counted: from -1, as it were, when it comes first.
        self.frame.count = self.frame.count.wrapping_sub(1);
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
        self.frame.count = self.frame.count.wrapping_add(1);
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
