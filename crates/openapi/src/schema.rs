//! Schemas of a description, translated to JSON Schema 2020-12, compiled once, and checked without building values.
//!
//! The dialects differ in small things (`nullable`, boolean bounds, siblings of `$ref`); the translation in `bundle`
//! removes the differences, so that one validator serves all. What an instance may cost is counted, not timed.

mod bundle;
mod compile;
mod decimal;
mod instance;
mod keywords;
mod quick;
mod shape;
mod violations;

use std::fmt;

use jsonschema::Validator;
use model::{Finding, Violation};
use serde_json::Value;

use crate::reference::SchemaRef;
use instance::{Data, Fuel, Instance, Instances, READS_MAX};
use quick::Quick;

pub use decimal::is_same_number;
pub(crate) use shape::{Shape, Shapes};
pub(crate) use violations::{Site, VIOLATIONS_MAX};

/// Which way a value travels: `readOnly` is refused in requests, `writeOnly` in responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Request,
    Response,
}

/// What a schema is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rules {
    pub direction: Direction,
    /// Objects may only hold declared properties, whatever `additionalProperties` says.
    pub only_declared_properties: bool,
}

/// Reports after which an explanation ends.
const REPORTS_MAX: u32 = 500;

/// A compiled schema. One that cannot be compiled refuses every value.
pub struct Schema {
    bundle: Value,
    validator: Option<Validator<Instances>>,
    /// The short way, where there is one.
    quick: Option<Quick>,
    findings: Vec<Finding>,
}

impl Schema {
    pub fn compile(source: &SchemaRef, rules: Rules) -> Self {
        let (bundle, mut findings) = bundle::bundle(source, rules);
        let usable = !findings.iter().any(Finding::is_error);
        let validator = usable.then(|| compile::compile(&bundle));
        let validator = match validator {
            Some(Ok(validator)) => Some(validator),
            Some(Err(sentence)) => {
                let finding = Finding::error("B1216", format!("the schema cannot be compiled: {sentence}"));
                findings.push(finding.at(source.place(), "this schema"));
                None
            }
            None => None,
        };
        let quick = validator.as_ref().and_then(|_| Quick::new(&bundle));
        Self { bundle, validator, quick, findings }
    }

    /// What is wrong with the schema; with an error among it, every value is refused.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Checks a value of a tape.
    ///
    /// # Errors
    /// What does not hold, at most [`VIOLATIONS_MAX`], in a stable order; never the value.
    pub fn check_node(&self, node: tape::Node<'_>, place: &str, pointer: &str) -> Result<(), Vec<Violation>> {
        if self.quick.as_ref().is_some_and(|quick| quick.holds(node)) {
            return Ok(());
        }
        self.check(Data::Tape(node), Site { place, pointer })
    }

    /// Checks a value that was decoded from text, such as a parameter.
    ///
    /// # Errors
    /// As [`Schema::check_node`].
    pub fn check_value(&self, value: &Value, place: &str, pointer: &str) -> Result<(), Vec<Violation>> {
        self.check(Data::Value(value), Site { place, pointer })
    }

    /// Checks a text where it stands.
    pub(crate) fn check_text(&self, text: &str, place: &str) -> Result<(), Vec<Violation>> {
        if self.quick.as_ref().is_some_and(|quick| quick.holds_text(text)) {
            return Ok(());
        }
        self.check(Data::Text(text), Site { place, pointer: "" })
    }

    /// Which kinds of values the schema takes, for decoding text.
    pub(crate) fn shapes(&self) -> Shapes<'_> {
        Shapes::new(&self.bundle)
    }

    fn check(&self, data: Data<'_>, site: Site<'_>) -> Result<(), Vec<Violation>> {
        let Some(validator) = &self.validator else {
            return Err(vec![site.violation("", "schema", "a schema that can be enforced")]);
        };
        let fuel = Fuel::new(READS_MAX);
        let holds = validator.is_valid(Instance::new(data, &fuel));
        if fuel.is_spent() {
            return Err(vec![site.violation("", "schema", "a value that can be checked at bounded cost")]);
        }
        if holds {
            return Ok(());
        }
        let fuel = Fuel::with_reports(READS_MAX, REPORTS_MAX);
        let mut found = violations::violations(validator.iter_errors(Instance::new(data, &fuel)), site);
        if found.is_empty() {
            found.push(site.violation("", "schema", "a value that matches the schema"));
        }
        Err(found)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema(usable: {})", self.validator.is_some())
    }
}

#[cfg(test)]
mod tests;
