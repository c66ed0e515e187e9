//! The tape's unit: 16 bytes for a value or a member name, in document order.

/// The largest length and offset that a cell can hold: 28 bits.
pub(crate) const SIZE_MAX: u32 = (1 << 28) - 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    Null,
    False,
    True,
    /// `first` and `second` are offset and length of the decoded text, in the document's text.
    Number,
    /// The same in the side buffer.
    NumberAside,
    String,
    StringAside,
    /// `first` is the number of cells of the subtree, this one included; `second` the number of items or members.
    Array,
    Object,
    Key,
    KeyAside,
    /// The name of a member that is not there: a merge key whose members stand at the object's end.
    Hidden,
}

const TAGS: [Tag; 12] = [
    Tag::Null,
    Tag::False,
    Tag::True,
    Tag::Number,
    Tag::NumberAside,
    Tag::String,
    Tag::StringAside,
    Tag::Array,
    Tag::Object,
    Tag::Key,
    Tag::KeyAside,
    Tag::Hidden,
];

/// One entry. Containers and names are followed by what they contain or name.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) first: u32,
    /// The tag in the upper 4 bits, a length or count in the lower 28.
    second: u32,
}

impl Cell {
    /// What a missing cell reads as; never stored.
    pub(crate) const NULL: Self = Self { start: 0, end: 0, first: 0, second: 0 };

    pub(crate) fn new(tag: Tag, start: u32, end: u32, first: u32, second: u32) -> Self {
        Self { start, end, first, second: ((tag as u32) << 28) | (second & SIZE_MAX) }
    }

    #[allow(clippy::indexing_slicing, reason = "12 of 16 tags exist, and `new` is the only writer")]
    pub(crate) fn tag(self) -> Tag {
        TAGS[(self.second >> 28) as usize]
    }

    pub(crate) fn with_tag(self, tag: Tag) -> Self {
        Self::new(tag, self.start, self.end, self.first, self.count())
    }

    /// Length or count.
    pub(crate) fn count(self) -> u32 {
        self.second & SIZE_MAX
    }

    /// The number of cells of the value, this one included.
    pub(crate) fn size(self) -> u32 {
        match self.tag() {
            Tag::Array | Tag::Object => self.first,
            _ => 1,
        }
    }
}
