//! Proposes a bindings file from a description alone. What it proposes can be read and compiled; each line says how sure it
//! is and why, and what is not known is left to a person.

mod answers;
pub mod confirm;
mod names;
mod operations;
mod resources;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use openapi::{Description, Operation};

/// A proposal, to be confirmed by two identities and by a person.
#[derive(Debug, Clone, Default)]
pub struct Inferred {
    pub single_tenant: bool,
    /// Where one is described, an operation that says who calls.
    pub whoami: Option<Said<String>>,
    pub types: BTreeMap<String, InferredType>,
    /// In the order of the description.
    pub operations: Vec<InferredOperation>,
    /// What was asked of the service, and what it said; without values.
    pub asked: Vec<String>,
    /// Path templates by operation.
    templates: BTreeMap<Arc<str>, Arc<str>>,
}

/// Something proposed: how sure in per cent, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    pub what: T,
    pub confidence: u8,
    pub why: String,
}

/// A resource type.
#[derive(Debug, Clone)]
pub struct InferredType {
    pub id: Said<String>,
    /// As the file writes it: `{ property: $.org_id }`.
    pub tenant: Option<Said<String>>,
    pub owner: Said<String>,
    pub producers: Vec<Said<InferredProducer>>,
    /// The list that may be a producer, confirmed or not, and its path.
    listed: Option<InferredProducer>,
    /// Types that it holds ids of, and where.
    related: Vec<(String, String)>,
    listed_at: Option<String>,
    /// The list below a parent in which it stands with its owner.
    nested: Option<Nested>,
    pub resolver: Option<Said<InferredResolver>>,
    pub immutable: Option<Said<Vec<String>>>,
    /// Properties that requests hold and that do not look like privileges.
    pub write: Option<Said<Vec<String>>>,
    /// Where something that looks sensitive is shown: the rest.
    pub read: Option<Said<Vec<String>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredProducer {
    pub operation: Arc<str>,
    pub items: String,
    pub id: String,
    /// As the file writes it, where the parameters tell.
    pub page: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredResolver {
    pub operation: Arc<str>,
    /// The path parameter.
    pub id: String,
    pub object: String,
    /// Nothing but the id has to be known.
    pub alone: bool,
}

/// A list whose path has parameters.
#[derive(Debug, Clone)]
struct Nested {
    operation: Arc<str>,
    template: Arc<str>,
    items: String,
    /// Within an item.
    owner: String,
}

/// One line under `operations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredOperation {
    pub id: Arc<str>,
    pub binding: Said<String>,
}

/// From the description alone.
pub fn infer(description: &Description) -> Inferred {
    let mut inferred = Inferred { types: resources::resources(description), ..Inferred::default() };
    inferred.single_tenant = !inferred.types.values().any(|one| one.tenant.is_some());
    inferred.whoami = operations::whoami(description);
    inferred.operations = description
        .operations
        .iter()
        .map(|operation| InferredOperation {
            id: operation.id.clone(),
            binding: operations::binding(operation, &inferred.types),
        })
        .collect();
    let templates = description.operations.iter().map(|one| (one.id.clone(), one.template.clone()));
    inferred.templates = templates.collect();
    resources::complete(description, &mut inferred);
    inferred
}

impl Inferred {
    /// The line to add for one operation.
    pub fn line(&self, operation: &str) -> Option<String> {
        let one = self.operations.iter().find(|one| &*one.id == operation)?;
        Some(format!("{}: {}", text::quoted(&one.id), one.binding.what))
    }

    /// The bindings file.
    pub fn text(&self) -> String {
        text::file(self)
    }
}

/// Whether a path is one of a single object: it ends with a parameter.
fn is_item(operation: &Operation) -> bool {
    operation.template.trim_end_matches('/').ends_with('}')
}

#[cfg(test)]
mod tests;
