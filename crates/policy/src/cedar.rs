//! Decisions by Cedar policies: read, validated against a schema made from the bindings, held to the tenant guard, cut
//! into one slice an operation, and evaluated so that whatever goes wrong refuses.

mod entities;
mod fold;
mod guard;
mod read;
mod schema;
mod slice;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use cedar_policy_core::ast::{Effect, Entity, EntityUIDEntry, Literal, Request, SlotEnv, Value, ValueKind};
use cedar_policy_core::entities::{Entities, NoEntitiesSchema, TCComputation};
use cedar_policy_core::evaluator::{EvaluationError, Evaluator};
use cedar_policy_core::extensions::Extensions;
use model::{Finding, Place};
use openapi::Description;

use crate::bindings::Bindings;
use crate::codes;
use crate::decide::{Decider, Decision, Query, SubjectKind, Target};
use schema::Names;
use slice::{Rule, Slice};

/// What holds where no policies are named.
pub const BUILT_IN: &str = include_str!("cedar/builtin.cedar");
/// The name of the built-in set in places.
pub const BUILT_IN_FILE: &str = "built-in.cedar";

/// Policies, ready to decide. Immutable.
pub struct Policies {
    names: Names,
    slices: HashMap<Arc<str>, Slice>,
    nothing: BTreeSet<Arc<str>>,
}

/// Reads `sources` (file name and text), or the built-in set where there are none. Nothing decides where there is an
/// error among the findings.
pub fn build(
    bindings: &Bindings,
    description: &Description,
    sources: &[(Arc<str>, Bytes)],
) -> (Option<Arc<dyn Decider>>, Vec<Finding>) {
    let (policies, findings) = policies(bindings, description, sources);
    (policies.map(|policies| Arc::new(policies) as Arc<dyn Decider>), findings)
}

/// As [`build`], for those who also explain, test and prove.
pub fn policies(
    bindings: &Bindings,
    description: &Description,
    sources: &[(Arc<str>, Bytes)],
) -> (Option<Policies>, Vec<Finding>) {
    let mut findings = Vec::new();
    let Some(names) = Names::of(bindings, description, &mut findings) else {
        return (None, findings);
    };
    let built_in = [(Arc::from(BUILT_IN_FILE), Bytes::from_static(BUILT_IN.as_bytes()))];
    let own = sources.is_empty();
    let sources = if own { built_in.as_slice() } else { sources };
    let policies = read::read(sources, &mut findings);
    let read_whole = !findings.iter().any(Finding::is_error);
    if read_whole {
        read::validate(&policies, &names, sources, &mut findings);
        missing_guards(&policies, &names, sources, &mut findings);
    }
    if own {
        // Not everything of the built-in set can apply to every API.
        findings.retain(Finding::is_error);
    }
    if findings.iter().any(Finding::is_error) {
        return (None, findings);
    }
    let slices = slice::slices(&policies, &names);
    (Some(Policies { names, slices, nothing: BTreeSet::new() }), findings)
}

fn missing_guards(
    policies: &[read::Read],
    names: &Names,
    sources: &[(Arc<str>, Bytes)],
    findings: &mut Vec<Finding>,
) {
    for kind in guard::GUARDED {
        if policies.iter().any(|read| guard::guards(&read.policy, names, kind)) {
            continue;
        }
        let of_kind = names.kind(kind);
        let file = sources.first().map_or_else(|| Arc::from(BUILT_IN_FILE), |(file, _)| Arc::clone(file));
        let sentence = format!("no policy keeps a `{of_kind}` within its tenant");
        findings.push(
            Finding::error(codes::POLICY_GUARD, sentence).at(Place::file(file), "in this set").advice(format!(
                "add `forbid (principal is {of_kind}, action, resource) unless {{ resource.tenant == principal.tenant }};`"
            )),
        );
    }
}

impl Decider for Policies {
    fn decide(&self, query: &Query<'_>) -> Decision {
        let Some(slice) = self.slices.get(query.operation) else {
            return Decision::fault("the operation is not bound");
        };
        let (type_index, object) = match self.object(query, slice) {
            Ok(found) => found,
            Err(fault) => return Decision::fault(fault),
        };
        let principal = entities::principal(query.subject, &self.names, &slice.needs);
        let request = Request::new_unchecked(
            entities::known(principal.uid()),
            EntityUIDEntry::Known { euid: Arc::clone(&slice.action), loc: None },
            entities::known(object.uid()),
            Some(entities::context(&query.circumstances, &slice.needs)),
        );
        // Neither has parents, so there is nothing to close.
        let entities = Entities::from_entities(
            [principal, object],
            None::<&NoEntitiesSchema>,
            TCComputation::AssumeAlreadyComputed,
            Extensions::all_available(),
        );
        match entities {
            Ok(entities) => {
                let evaluator = Evaluator::new(request, &entities, Extensions::all_available());
                outcome(slice.applicable(query.subject.kind, type_index), &evaluator)
            }
            Err(_) => Decision::fault("principal and object have the same name"),
        }
    }

    fn asks_for(&self, operation: &str) -> &BTreeSet<Arc<str>> {
        self.slices.get(operation).map_or(&self.nothing, |slice| &slice.asks)
    }
}

impl Policies {
    /// The object's type and entity, or why there is none.
    fn object(&self, query: &Query<'_>, slice: &Slice) -> Result<(usize, Entity), &'static str> {
        match query.target {
            Target::Api => entities::api(query.operation, query.subject, &self.names)
                .map(|entity| (0, entity))
                .ok_or("the operation has no type"),
            Target::Object { facts, .. } if facts.disputed => {
                Err("sources contradict each other about the object")
            }
            Target::Object { kind, id, facts } => {
                let index = self.names.type_index(kind).ok_or("the object's type is not declared")?;
                entities::object(index, id, facts, &self.names, &slice.needs)
                    .map(|entity| (index, entity))
                    .ok_or("the object's tenant is not known")
            }
        }
    }
}

impl Slice {
    fn applicable(&self, kind: SubjectKind, type_index: usize) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.reaches(kind, type_index))
    }
}

/// Every policy is evaluated, so that an error in any of them is seen and refuses.
fn outcome<'a>(rules: impl Iterator<Item = &'a Rule>, evaluator: &Evaluator<'_>) -> Decision {
    let slots = SlotEnv::new();
    let mut permits: Vec<Arc<str>> = Vec::new();
    let mut forbids: Vec<Arc<str>> = Vec::new();
    let mut faults = Vec::new();
    for rule in rules {
        let applies = match &rule.condition {
            None => Ok(true),
            Some(condition) => match evaluator.interpret(condition, &slots) {
                Ok(Value { value: ValueKind::Lit(Literal::Bool(said)), .. }) => Ok(said),
                Ok(_) => Err("it is neither true nor false"),
                Err(error) => Err(fault(&error)),
            },
        };
        match (applies, rule.effect) {
            (Ok(true), Effect::Permit) => permits.push(Arc::clone(&rule.id)),
            (Ok(true), Effect::Forbid) => forbids.push(Arc::clone(&rule.id)),
            (Ok(false), _) => {}
            (Err(error), _) => faults.push(format!("policy `{}`: {error}", rule.id)),
        }
    }
    let allowed = faults.is_empty() && forbids.is_empty() && !permits.is_empty();
    Decision { allowed, policies: if allowed { permits } else { forbids }, faults }
}

/// In words of ours: Cedar's own would name values.
fn fault(error: &EvaluationError) -> &'static str {
    match error {
        EvaluationError::EntityDoesNotExist(_) => "it looks at an entity that is not part of the request",
        EvaluationError::EntityAttrDoesNotExist(_) | EvaluationError::RecordAttrDoesNotExist(_) => {
            "it looks at an attribute that is not there"
        }
        EvaluationError::IntegerOverflow(_) => "a number is too large",
        EvaluationError::RecursionLimit(_) => "it is nested too deeply",
        _ => "it cannot be evaluated",
    }
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policies").field("operations", &self.slices.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
