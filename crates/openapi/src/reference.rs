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

impl SchemaRef {
    /// Whether it asks nothing of a body, or only that it is octets (`type: string, format: binary`).
    pub(crate) fn is_octets(&self) -> bool {
        let mut node = self.node();
        for _ in 0..REFERENCES_MAX {
            if let Some(boolean) = node.as_bool() {
                return boolean;
            }
            let silent = node.is_object()
                && node.members().all(|(key, _)| ANNOTATIONS.contains(&key) || key.starts_with("x-"));
            let said = |key: &str| node.get(key).map(|value| value.as_str().unwrap_or_default());
            if !silent || said("format").is_some_and(|format| format != "binary") {
                return false;
            }
            if said("type").is_some_and(|kind| kind != "string" || said("format").is_none()) {
                return false;
            }
            let Some(reference) = said("$ref") else { return true };
            let Ok(target) = self.documents.resolve(node.id(), reference) else { return false };
            node = target;
        }
        false
    }
}

/// References that are followed from one to the next.
const REFERENCES_MAX: usize = 32;
/// What a schema may hold that asks nothing of octets.
const ANNOTATIONS: &[&str] = &[
    "$comment",
    "$ref",
    "contentMediaType",
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "format",
    "nullable",
    "summary",
    "title",
    "type",
];

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
