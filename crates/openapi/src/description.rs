//! What is left of a description once it is loaded: its operations, its security schemes and where it all stands.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use model::Place;

use crate::Router;
use crate::document::Documents;
use crate::{Operation, SecurityScheme};

/// The version family of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Swagger 2.0, converted to the shape of OpenAPI 3.0; its schemas keep their own rules.
    V2,
    V3_0,
    V3_1,
    V3_2,
}

impl Dialect {
    /// The version family as it is written: `3.1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V3_2 => "3.2",
        }
    }

    /// Whether schemas are JSON Schema 2020-12 (OpenAPI 3.1 section 4.8.24) and not OpenAPI's own subset.
    pub fn has_json_schema(self) -> bool {
        self >= Self::V3_1
    }
}

/// A server the description names; `url` has its variables replaced by their defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub url: String,
    pub place: Place,
}

/// A loaded description. Operations stand in the order in which the document lists them.
pub struct Description {
    pub title: String,
    pub version: String,
    pub dialect: Dialect,
    /// Only what is usable: an operation with an error of its own is not here, and so is refused.
    pub operations: Vec<Arc<Operation>>,
    pub security_schemes: BTreeMap<Arc<str>, SecurityScheme>,
    pub servers: Vec<Server>,
    /// `x-bartizan` at the root, else `Null`.
    pub extension: serde_json::Value,
    /// Where `x-bartizan` at the root stands.
    pub extension_place: Option<Place>,
    /// Every file that was read, with its bytes: the entry first, then overlays, then what `$ref` reached.
    pub files: Vec<(Arc<str>, Bytes)>,
    pub(crate) documents: Arc<Documents>,
    pub(crate) router: OnceLock<Router>,
}

impl Description {
    /// The documents behind the description, for places and pointers.
    pub fn documents(&self) -> &Arc<Documents> {
        &self.documents
    }

    /// Finds operations by method and path; built from `operations` when first asked for.
    pub fn router(&self) -> &Router {
        self.router.get_or_init(|| Router::new(&self.operations))
    }

    pub fn operation(&self, id: &str) -> Option<&Arc<Operation>> {
        self.operations.iter().find(|operation| &*operation.id == id)
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("title", &self.title)
            .field("version", &self.version)
            .field("dialect", &self.dialect)
            .field("operations", &self.operations.len())
            .finish_non_exhaustive()
    }
}
