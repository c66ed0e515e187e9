//! From files to a [`Description`]: read, overlay, convert, resolve, then take out what is usable.

mod check;
mod media;
mod operations;
mod parameters;
mod paths;
mod responses;
mod root;
mod schemes;
mod sources;
mod template;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use model::{Finding, Severity};

use crate::document::{Documents, Names, Node, NodeId, relative};
use crate::prepared::Prepared;
use crate::{Description, Dialect, SchemaRef, codes, overlay, swagger2};
use sources::Sources;

/// How the loader reads. The caller decides which paths may be read, and confines them.
pub trait Files {
    /// The file at `path`, which is relative and already joined. The error is a fragment for a sentence.
    fn read(&self, path: &str) -> Result<Bytes, String>;
}

/// Loads a description and lays the overlays over it, in order. Never panics and never stops at the first fault; the
/// findings are sorted by place. `None` only when nothing usable is left.
pub fn load(entry: &str, overlays: &[String], files: &dyn Files) -> (Option<Description>, Vec<Finding>) {
    let mut sources = Sources::new(files);
    let description = read(entry, overlays, &mut sources).and_then(|dialect| {
        let Sources { mut arena, findings, faults, .. } =
            std::mem::replace(&mut sources, Sources::new(files));
        let names = if dialect.has_json_schema() { Names::read(&arena) } else { Names::default() };
        arena.freeze();
        let mut loading = Loading {
            documents: Arc::new(Documents::new(arena, names)),
            dialect,
            findings,
            broken: check::Broken::default(),
            prepared: HashMap::new(),
        };
        check::references(&mut loading, &faults);
        let description = root::description(&mut loading);
        sources.findings = loading.findings;
        description
    });
    let mut findings = sources.findings;
    findings.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.code.cmp(&b.code)));
    findings.dedup();
    (description, findings)
}

/// Everything that changes the tree; after this it stands still.
fn read(entry: &str, overlays: &[String], sources: &mut Sources<'_>) -> Option<Dialect> {
    // A `$ref` back to the entry has to find the document that overlays have changed, whatever it was called.
    let root = sources.file(&relative("", entry), None)?;
    let overlays = overlays.iter().filter_map(|name| sources.file(&relative("", name), None));
    let parsed: Vec<NodeId> = overlays.collect();
    for overlay in parsed {
        overlay::apply(&mut sources.arena, root, overlay, &mut sources.findings);
    }
    let dialect = root::dialect(Node::new(&sources.arena, root), &mut sources.findings)?;
    sources.read_references(root, dialect);
    if dialect == Dialect::V2 {
        swagger2::convert(&mut sources.arena, root, &mut sources.findings);
    }
    Some(dialect)
}

/// What the parts of the loader share once the tree stands still.
struct Loading {
    documents: Arc<Documents>,
    dialect: Dialect,
    findings: Vec<Finding>,
    broken: check::Broken,
    /// By media type object: what several operations refer to is compiled once.
    prepared: HashMap<NodeId, Prepared>,
}

/// The operation, parameter or response at hand cannot be used; the finding has been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unusable;

impl Loading {
    fn schema(&self, id: NodeId) -> SchemaRef {
        SchemaRef { documents: Arc::clone(&self.documents), id, dialect: self.dialect }
    }

    fn find(&mut self, code: &str, severity: Severity, sentence: String, node: NodeId, label: &str) {
        let place = self.documents.node(node).place();
        self.findings.push(Finding::new(code, severity, sentence).at(place, label));
    }

    fn error(&mut self, code: &str, sentence: impl Into<String>, node: NodeId, label: &str) -> Unusable {
        self.find(code, Severity::Error, sentence.into(), node, label);
        Unusable
    }

    fn warning(&mut self, code: &str, sentence: impl Into<String>, node: NodeId, label: &str) {
        self.find(code, Severity::Warning, sentence.into(), node, label);
    }

    /// What stands at a value once its references are followed, if it is an object. A broken reference has been found
    /// already.
    fn object(&mut self, id: NodeId, what: &str) -> Result<NodeId, Unusable> {
        let documents = Arc::clone(&self.documents);
        let node = match documents.follow(id) {
            Ok(node) => node,
            Err(_) if self.broken.contains(id) => return Err(Unusable),
            Err(_) => {
                let sentence = format!("too many references follow one another before {what}");
                return Err(self.error(codes::CYCLE, sentence, id, "the first of them"));
            }
        };
        if node.is_object() {
            return Ok(node.id());
        }
        Err(self.error(
            codes::WRONG_KIND,
            format!("{what} is not an object"),
            node.id(),
            "an object is expected",
        ))
    }
}

/// Members of an object by name, for look-ups that repeat.
type ByName<T> = BTreeMap<Arc<str>, T>;

#[cfg(test)]
pub(crate) mod tests;
