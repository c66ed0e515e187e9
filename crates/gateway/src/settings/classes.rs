//! Classes of requests: what an operation or a caller is, which limits that brings, and who gives way first.

use std::sync::Arc;

use serde::Serialize;

use super::{Api, Limit};

/// Who is served when not all can be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// Gives way first.
    Low,
    #[default]
    Normal,
    High,
    /// May use the reserve that nobody else may.
    Critical,
}

impl Importance {
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A class of operations, of callers, or of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    pub name: Arc<str>,
    pub importance: Importance,
    /// Callers whose client is one of these.
    pub clients: Vec<String>,
    /// Issuers whose callers `clients` and `scopes` mean; empty: everybody's, and callers without one. Names of clients
    /// and scopes are each issuer's own.
    pub issuers: Vec<String>,
    /// Callers who hold one of these scopes.
    pub scopes: Vec<String>,
    /// Operations with one of these ids.
    pub operations: Vec<String>,
    /// Every operation of these APIs that is in no other class.
    pub apis: Vec<String>,
    pub limits: Vec<Limit>,
}

/// What one operation is said to be: by the gateway file, or by the description's `x-bartizan`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    pub class: Option<Arc<str>>,
    /// Units that a call takes from limits that count cost.
    pub cost: Option<u64>,
}

pub const CLASS: &str = "class";
pub const COST: &str = "cost";
/// A call that nothing else is said of.
pub const COST_USUAL: u64 = 1;
pub const COST_MAX: u64 = 1_000_000;

impl Declared {
    /// From the members of an `x-bartizan`; what is not well-formed is told of elsewhere.
    pub fn in_extension(extension: &serde_json::Value) -> Self {
        let class = extension.get(CLASS).and_then(serde_json::Value::as_str);
        let cost = extension.get(COST).and_then(serde_json::Value::as_u64);
        Self { class: class.map(Arc::from), cost: cost.filter(|cost| *cost <= COST_MAX) }
    }

    /// The gateway file's word, else the operation's or its path item's, else the description's.
    pub fn of(api: &Api, operation: &openapi::Operation) -> Self {
        let file = api.declared.get(&*operation.id).cloned().unwrap_or_default();
        let own = Self::in_extension(&operation.extension);
        let root = Self::in_extension(&api.description.extension);
        Self { class: file.class.or(own.class).or(root.class), cost: file.cost.or(own.cost).or(root.cost) }
    }
}

impl Class {
    /// The class of an operation, and what a call of it costs. Named in the gateway file or the description, else the
    /// first class that lists the operation, else the first that lists the API.
    pub fn of_operation<'c>(
        classes: &'c [Arc<Self>],
        api: &Api,
        operation: Option<&openapi::Operation>,
    ) -> (Option<&'c Arc<Self>>, u64) {
        let of_api = || classes.iter().find(|class| class.apis.iter().any(|name| **name == *api.name));
        let Some(operation) = operation else { return (of_api(), COST_USUAL) };
        let declared = Declared::of(api, operation);
        let named = declared.class.and_then(|name| classes.iter().find(|class| class.name == name));
        let lists = |class: &&Arc<Self>| class.operations.iter().any(|id| **id == *operation.id);
        let class = named.or_else(|| classes.iter().find(lists)).or_else(of_api);
        (class, declared.cost.unwrap_or(COST_USUAL))
    }

    /// The class of a caller: by the client first, because one is listed by name; then by a scope.
    pub fn of_caller<'c>(
        classes: &'c [Arc<Self>],
        client: Option<&str>,
        issuer: Option<&str>,
        holds: impl Fn(&str) -> bool,
    ) -> Option<&'c Arc<Self>> {
        let is_one = |list: &[String], name| list.iter().any(|listed| Some(listed.as_str()) == name);
        let meant = |class: &Self| class.issuers.is_empty() || is_one(&class.issuers, issuer);
        let lists = |class: &&Arc<Self>| is_one(&class.clients, client) && meant(class);
        let by_scope = |class: &&Arc<Self>| class.scopes.iter().any(|scope| holds(scope)) && meant(class);
        classes.iter().find(lists).or_else(|| classes.iter().find(by_scope))
    }
}
