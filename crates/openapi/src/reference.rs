//! References: from a `$ref` to the value it names, and the schemas that other modules hold by reference.

use std::fmt;
use std::sync::Arc;

use model::Place;

use crate::Dialect;
use crate::document::{Documents, Node, NodeId};

/// A schema where it stands in its document; compiled when somebody needs it.
#[derive(Clone)]
pub struct SchemaRef {
    pub documents: Arc<Documents>,
    pub id: NodeId,
    pub dialect: Dialect,
}

impl SchemaRef {
    pub fn node(&self) -> Node<'_> {
        self.documents.node(self.id)
    }

    pub fn place(&self) -> Place {
        self.node().place()
    }

    /// The JSON Pointer of the schema in its document.
    pub fn pointer(&self) -> String {
        self.node().path()
    }
}

impl fmt::Debug for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SchemaRef({})", self.pointer())
    }
}

/// Why a reference leads nowhere. `Display` is a fragment for a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceFault {
    #[error("it names a remote document, and nothing is ever fetched")]
    Remote,
    #[error("the file it names was not read")]
    Unread,
    #[error("nothing stands at the place it names")]
    Missing,
    #[error("no `$anchor` of that name is declared there")]
    Anchor,
    #[error("it is not a well-formed reference")]
    Malformed,
    #[error("it leads back to itself")]
    Cycle,
}
