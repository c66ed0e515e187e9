//! The tape, and the nodes by which it is read.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;

use crate::builder::{Builder, Large, Name, decoded, hash};
use crate::cell::{Cell, Tag};

pub use crate::walk::{Items, Member, Members};

/// A parsed document. Cloning is cheap.
#[derive(Clone)]
pub struct Tape {
    inner: Arc<Inner>,
}

struct Inner {
    text: ByteString,
    side: String,
    cells: Vec<Cell>,
    sorted: Vec<Name>,
    /// Ascending by object.
    large: Vec<Large>,
    values: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

/// A value with what it holds, read at once.
#[derive(Clone)]
pub enum View<'t> {
    Null,
    Bool(bool),
    /// In the grammar of JSON.
    Number(&'t str),
    /// Decoded.
    String(&'t str),
    Array(Items<'t>),
    Object(Members<'t>),
}

/// One value of a tape.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    inner: &'t Inner,
    at: u32,
}

impl Tape {
    pub(crate) fn new(text: ByteString, builder: Builder) -> Self {
        let Builder { cells, side, sorted, mut large, values, .. } = builder;
        large.sort_unstable_by_key(|large| large.object);
        Self { inner: Arc::new(Inner { text, side, cells, sorted, large, values }) }
    }

    pub fn root(&self) -> Node<'_> {
        Node { inner: &self.inner, at: 0 }
    }

    /// The text as it was given.
    pub fn text(&self) -> &Bytes {
        self.inner.text.as_bytes()
    }

    /// The number of values, containers included; at least 1.
    #[allow(clippy::len_without_is_empty, reason = "a document is never empty")]
    pub fn len(&self) -> usize {
        self.inner.values as usize
    }

    /// The value with this [`Node::id`].
    pub fn node(&self, id: u32) -> Option<Node<'_>> {
        let cell = self.inner.cells.get(id as usize)?;
        let name = matches!(cell.tag(), Tag::Key | Tag::KeyAside | Tag::Hidden);
        (!name).then_some(Node { inner: &self.inner, at: id })
    }
}

impl fmt::Debug for Tape {
    /// Without the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape({} values, {} bytes)", self.len(), self.text().len())
    }
}

impl fmt::Debug for Node<'_> {
    /// Without the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({:?}, bytes {:?})", self.kind(), self.span())
    }
}

impl<'t> Node<'t> {
    #[inline]
    fn cell(self) -> Cell {
        self.inner.cells.get(self.at as usize).copied().unwrap_or(Cell::NULL)
    }

    /// A name's cell and that of its value behind it.
    #[inline]
    pub(crate) fn pair_at(self, at: u32) -> [Cell; 2] {
        let at = at as usize;
        self.inner.cells.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([Cell::NULL; 2])
    }

    #[inline]
    pub(crate) fn decoded(self, cell: Cell) -> &'t str {
        decoded(cell, &self.inner.text, &self.inner.side)
    }

    /// The node of another cell of the same tape.
    #[inline]
    pub(crate) fn sibling(self, at: u32) -> Node<'t> {
        Node { inner: self.inner, at }
    }

    /// Tag, position and size of any cell, names included.
    #[inline]
    pub(crate) fn cell_at(self, at: u32) -> Cell {
        self.inner.cells.get(at as usize).copied().unwrap_or(Cell::NULL)
    }

    #[inline]
    pub(crate) fn decoded_at(self, at: u32) -> &'t str {
        self.decoded(self.cell_at(at))
    }

    /// Stable within the tape, and ascending in document order (a YAML alias is a value of its own).
    #[inline]
    pub fn id(self) -> u32 {
        self.at
    }

    #[inline]
    pub fn kind(self) -> Kind {
        match self.cell().tag() {
            Tag::Null | Tag::Hidden => Kind::Null,
            Tag::False | Tag::True => Kind::Bool,
            Tag::Number | Tag::NumberAside => Kind::Number,
            Tag::String | Tag::StringAside | Tag::Key | Tag::KeyAside => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
        }
    }

    /// Kind and content together, for whoever looks at every value.
    #[inline]
    pub fn view(self) -> View<'t> {
        let cell = self.cell();
        match cell.tag() {
            Tag::Null | Tag::Hidden => View::Null,
            Tag::False => View::Bool(false),
            Tag::True => View::Bool(true),
            Tag::Number | Tag::NumberAside => View::Number(self.decoded(cell)),
            Tag::String | Tag::StringAside | Tag::Key | Tag::KeyAside => View::String(self.decoded(cell)),
            Tag::Array => View::Array(Items::new(self.sibling(self.at + 1), cell.count() as usize)),
            Tag::Object => View::Object(Members::new(self.sibling(self.at + 1), cell.count() as usize)),
        }
    }

    /// The bytes of the value in the text, quotes and brackets included. For a YAML alias, the alias.
    #[inline]
    pub fn span(self) -> Range<usize> {
        let cell = self.cell();
        cell.start as usize..cell.end as usize
    }

    /// The value as it stands in the text.
    pub fn raw(self) -> &'t str {
        self.inner.text.get(self.span()).unwrap_or_default()
    }

    #[inline]
    pub fn is_null(self) -> bool {
        self.cell().tag() == Tag::Null
    }

    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        match self.cell().tag() {
            Tag::True => Some(true),
            Tag::False => Some(false),
            _ => None,
        }
    }

    /// The decoded string.
    #[inline]
    pub fn as_str(self) -> Option<&'t str> {
        let cell = self.cell();
        matches!(cell.tag(), Tag::String | Tag::StringAside).then(|| self.decoded(cell))
    }

    /// The number's text, in the grammar of JSON whatever the document was.
    #[inline]
    pub fn number(self) -> Option<&'t str> {
        let cell = self.cell();
        matches!(cell.tag(), Tag::Number | Tag::NumberAside).then(|| self.decoded(cell))
    }

    /// None unless it is written as an integer and fits.
    pub fn as_u64(self) -> Option<u64> {
        self.number()?.parse().ok()
    }

    /// None unless it is written as an integer and fits.
    pub fn as_i64(self) -> Option<i64> {
        self.number()?.parse().ok()
    }

    /// The nearest; always there, and finite, for a number.
    pub fn as_f64(self) -> Option<f64> {
        self.number()?.parse().ok()
    }

    /// Items of an array, members of an object, else 0.
    #[inline]
    pub fn len(self) -> usize {
        let cell = self.cell();
        match cell.tag() {
            Tag::Array | Tag::Object => cell.count() as usize,
            _ => 0,
        }
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The items of an array in order; of anything else, none.
    #[inline]
    pub fn items(self) -> Items<'t> {
        let left = if self.cell().tag() == Tag::Array { self.len() } else { 0 };
        Items::new(self.sibling(self.at + 1), left)
    }

    /// The members of an object in the order of the text (merged ones last); of anything else, none.
    #[inline]
    pub fn members(self) -> Members<'t> {
        let left = if self.cell().tag() == Tag::Object { self.len() } else { 0 };
        Members::new(self.sibling(self.at + 1), left)
    }

    pub fn index(self, index: usize) -> Option<Node<'t>> {
        self.items().nth(index)
    }

    /// The value of the member with this name.
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        self.member(name).map(|member| member.value)
    }

    /// The member with this name.
    pub fn member(self, name: &str) -> Option<Member<'t>> {
        if self.len() <= crate::builder::FEW {
            return self.members().find(|member| member.key == name);
        }
        let large = &self.inner.large;
        match large.binary_search_by_key(&self.at, |large| large.object) {
            Ok(found) => self.search(large.get(found)?.first as usize, name),
            Err(_) => self.members().find(|member| member.key == name),
        }
    }

    fn search(self, first: usize, name: &str) -> Option<Member<'t>> {
        let names = self.inner.sorted.get(first..first + self.len())?;
        let sought = hash(name.as_bytes());
        let found = names
            .binary_search_by(|n| n.hash.cmp(&sought).then_with(|| self.decoded_at(n.cell).cmp(name)))
            .ok()?;
        let at = names.get(found)?.cell;
        Some(Member::new(self.decoded_at(at), self.sibling(at), self.sibling(at + 1)))
    }

    /// A handle that tells tapes apart, for identities across tapes: the same for all nodes of one.
    pub fn tape_address(self) -> usize {
        std::ptr::from_ref(self.inner).addr()
    }

    /// A copy without spans. Integers beyond 64 bits become the nearest float.
    pub fn to_value(self) -> serde_json::Value {
        use serde_json::Value;
        // Recursive, which the reader's ceiling on the depth bounds.
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(self.as_bool().unwrap_or_default()),
            Kind::Number => self.number().unwrap_or_default().parse().map_or(Value::Null, Value::Number),
            Kind::String => Value::String(self.as_str().unwrap_or_default().to_owned()),
            Kind::Array => Value::Array(self.items().map(Node::to_value).collect()),
            Kind::Object => {
                Value::Object(self.members().map(|m| (m.key.to_owned(), m.value.to_value())).collect())
            }
        }
    }
}
