//! All the documents of a description as one tree, in which every value knows where it was written.
//!
//! The tapes of the files are copied into one arena, so that overlays and the conversion of Swagger 2.0 can edit it
//! while every value keeps the file and bytes it came from.

mod arena;
mod build;
mod lines;
mod node;
mod resolve;
mod survey;

pub use arena::NodeId;
pub(crate) use arena::{Arena, Data, Member, Span};
pub use node::Node;
pub(crate) use resolve::{Names, file_path, follow, relative, resolve};
pub(crate) use survey::{Mark, Seen, survey};

use std::sync::Arc;

use bytes::Bytes;
use model::Place;

/// Number of a file among those that were read: 0 is the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u16);

/// Every file of a description, parsed, edited and resolvable. Immutable once loaded.
pub struct Documents {
    pub(crate) arena: Arena,
    pub(crate) names: Names,
}

impl Documents {
    pub(crate) fn new(arena: Arena, names: Names) -> Self {
        Self { arena, names }
    }

    /// The value with that number; a number from elsewhere gives the entry's root.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node::new(&self.arena, id)
    }

    /// The root of the entry document.
    pub fn root(&self) -> Node<'_> {
        self.node(self.arena.root(FileId(0)))
    }

    /// Names and bytes of the files, in the order in which they were read.
    pub fn files(&self) -> impl Iterator<Item = (&Arc<str>, &Bytes)> {
        self.arena.files().iter().map(|file| (&file.name, &file.text))
    }

    /// The place of a byte range of a file.
    pub fn place(&self, file: FileId, bytes: std::ops::Range<usize>) -> Place {
        self.arena.place_of(file, bytes)
    }
}
