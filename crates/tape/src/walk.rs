//! Iteration over items and members.

use std::fmt;
use std::ops::Range;

use crate::cell::Tag;
use crate::node::Node;

/// A member of an object.
#[derive(Clone, Copy)]
pub struct Member<'t> {
    /// The decoded name.
    pub key: &'t str,
    pub value: Node<'t>,
    name: Node<'t>,
}

impl<'t> Member<'t> {
    pub(crate) fn new(key: &'t str, name: Node<'t>, value: Node<'t>) -> Self {
        Self { key, value, name }
    }

    /// The bytes of the name in the text, quotes included.
    pub fn key_span(&self) -> Range<usize> {
        self.name.span()
    }
}

impl fmt::Debug for Member<'_> {
    /// Without the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({:?})", self.value)
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct Items<'t> {
    next: Node<'t>,
    left: usize,
}

impl<'t> Items<'t> {
    pub(crate) fn new(next: Node<'t>, left: usize) -> Self {
        Self { next, left }
    }
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    #[inline]
    fn next(&mut self) -> Option<Node<'t>> {
        self.left = self.left.checked_sub(1)?;
        let item = self.next;
        let size = item.cell_at(item.id()).size();
        self.next = item.sibling(item.id() + size);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The members of an object.
#[derive(Clone)]
pub struct Members<'t> {
    next: Node<'t>,
    left: usize,
}

impl<'t> Members<'t> {
    pub(crate) fn new(next: Node<'t>, left: usize) -> Self {
        Self { next, left }
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = Member<'t>;

    #[inline]
    fn next(&mut self) -> Option<Member<'t>> {
        self.left = self.left.checked_sub(1)?;
        loop {
            let name = self.next;
            let value = name.sibling(name.id() + 1);
            let [name_cell, value_cell] = name.pair_at(name.id());
            self.next = name.sibling(value.id() + value_cell.size());
            if name_cell.tag() != Tag::Hidden {
                return Some(Member::new(name.decoded(name_cell), name, value));
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Members<'_> {}
