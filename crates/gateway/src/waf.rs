//! The rule sets of one API, and what an operation leaves out of them.

mod bodies;
mod exclude;
mod inspection;
mod own;
mod proven;
mod received;

use std::collections::BTreeMap;
use std::sync::Arc;

use seclang::input::{Input, JsonNames};
use seclang::request::Request;
use seclang::{Engine, Exclusions, RuleSet, Transaction};

pub use bodies::BODIES;
pub use exclude::{Chosen, Exclude};
pub use inspection::Inspection;
pub(crate) use inspection::{Objection, Ruled};
pub use own::{own_rules, own_rules_list, own_rules_page};
pub(crate) use proven::Proven;

/// The name of the set of Bartizan's own rules.
pub const OWN: &str = "bartizan";
/// The name of the set that the operator's files make.
pub const FILES: &str = "files";

/// What inspects the requests of one API.
#[derive(Debug, Clone)]
pub struct Waf {
    /// In the order in which they run.
    pub sets: Vec<Set>,
    /// Everywhere in the API.
    pub exclude: Vec<Exclude>,
    /// By operation id.
    pub operations: BTreeMap<String, Vec<Exclude>>,
    /// Values that the description proves to be harmless are passed over.
    pub skip_proven: bool,
    /// Bodies of answers are held back and inspected.
    pub answers: bool,
    pub bounds: Bounds,
}

/// A compiled rule set with its name.
#[derive(Debug, Clone)]
pub struct Set {
    /// [`OWN`] or [`FILES`].
    pub name: &'static str,
    pub rules: Arc<RuleSet>,
}

/// What one request may take of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub json_names: JsonNames,
    /// Of a body, the content of uploaded files aside.
    pub body_bytes_max: usize,
    /// Parameters, fields and properties.
    pub arguments_max: usize,
    /// Of JSON and XML.
    pub depth_max: u32,
    /// Steps of the rules; a byte looked at is one.
    pub work_max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            json_names: JsonNames::default(),
            body_bytes_max: 1 << 20,
            arguments_max: 1_000,
            depth_max: 64,
            work_max: 20_000_000,
        }
    }
}

#[cfg(test)]
impl Waf {
    /// Bartizan's own rules, and nothing excluded.
    pub(crate) fn plain(rules: Arc<RuleSet>) -> Self {
        Self {
            sets: vec![Set { name: OWN, rules }],
            exclude: Vec::new(),
            operations: BTreeMap::new(),
            skip_proven: true,
            answers: false,
            bounds: Bounds::default(),
        }
    }
}

impl Waf {
    /// What a set leaves out everywhere in the API, and `more`.
    ///
    /// # Errors
    /// A sentence: why something cannot be excluded.
    pub fn exclusions<'e>(
        &'e self,
        set: &Set,
        more: impl IntoIterator<Item = &'e Exclude>,
    ) -> Result<Exclusions, String> {
        let mut exclusions = Exclusions::default();
        for exclude in self.exclude.iter().chain(more) {
            exclude.add_to(&mut exclusions, &set.rules)?;
        }
        Ok(exclusions)
    }
}

impl Bounds {
    /// The beginning of a request's way through a set, within these bounds.
    pub fn begin(
        &self,
        rules: &Arc<RuleSet>,
        exclusions: &Exclusions,
        request: Request,
    ) -> (Transaction, Input) {
        let transaction = Transaction::new(Arc::clone(rules), self.limits());
        let transaction = transaction.with_engine(ENGINE).with_exclusions(exclusions);
        (transaction, Input::new(request, &self.body(rules)))
    }

    pub(crate) fn limits(&self) -> seclang::Limits {
        seclang::Limits { fuel_steps_max: self.work_max, ..seclang::Limits::default() }
    }

    /// How bodies are read for a set: as its rules say, within these bounds.
    pub(crate) fn body(&self, rules: &RuleSet) -> seclang::input::BodySettings {
        seclang::input::BodySettings {
            json_names: self.json_names,
            arguments_max: self.arguments_max,
            body_without_files_bytes_max: self.body_bytes_max,
            decoded_bytes_max: self.body_bytes_max.saturating_mul(4),
            depth_max: self.depth_max,
            response_body_bytes_max: self.body_bytes_max,
            ..rules.settings().body.clone()
        }
    }
}

/// The gateway's modes decide whether a refusal refuses, so the rules themselves are always in force.
pub(crate) const ENGINE: Engine = Engine::On;
