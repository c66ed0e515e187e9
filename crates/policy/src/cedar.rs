//! Decisions by Cedar policies: read, validated against a schema made from the bindings, held to the tenant guard, cut
//! into one slice an operation, and evaluated so that whatever goes wrong refuses.

mod change;
mod entities;
mod fold;
mod guard;
mod prove;
mod read;
mod schema;
mod slice;
mod why;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use cedar_policy_core::ast::{
    Effect, Entity, EntityUIDEntry, Expr, Literal, Request, SlotEnv, Value, ValueKind,
};
use cedar_policy_core::entities::{Entities, NoEntitiesSchema, TCComputation};
use cedar_policy_core::evaluator::{EvaluationError, Evaluator};
use cedar_policy_core::extensions::Extensions;
use model::{Finding, Place};
use openapi::Description;

use crate::bindings::Bindings;
use crate::codes;
use crate::decide::{Decider, Decision, Isolation, Query, SubjectKind, Target};
use crate::explain::Explanation;
pub use change::{Bearing, PolicyChange, changes};
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
    guards: Vec<(SubjectKind, Arc<str>, Place)>,
    /// As they are written, by file.
    sources: Vec<(Arc<str>, Bytes)>,
    count: usize,
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
    let (policies, findings) = unguarded(bindings, description, sources);
    (policies.filter(|_| !findings.iter().any(Finding::is_error)), findings)
}

/// As [`policies`], also where nothing but the guard is missing: to be tried, never to serve.
pub fn unguarded(
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
    names.misnamed(bindings, sources, &mut findings);
    let policies = read::read(sources, &mut findings);
    let read_whole = !findings.iter().any(Finding::is_error);
    if read_whole {
        read::validate(&policies, &names, sources, &mut findings);
    }
    let unsound = findings.iter().any(Finding::is_error);
    if own {
        // Not everything of the built-in set can apply to every API.
        findings.retain(Finding::is_error);
    }
    if unsound {
        return (None, findings);
    }
    let slices = slice::slices(&policies, &names);
    let guards = guards(&policies, &names);
    let count = policies.len();
    let policies =
        Policies { names, slices, nothing: BTreeSet::new(), guards, sources: sources.to_vec(), count };
    policies.missing_guards(sources, &mut findings);
    if !findings.iter().any(Finding::is_error) {
        never_permitted(bindings, description, &policies, &mut findings);
    }
    (Some(policies), findings)
}

fn guards(policies: &[read::Read], names: &Names) -> Vec<(SubjectKind, Arc<str>, Place)> {
    let found = guard::GUARDED.into_iter().filter_map(|kind| {
        let read = policies.iter().find(|read| guard::guards(&read.policy, names, kind))?;
        Some((kind, Arc::clone(&read.id), (*read.place).clone()))
    });
    found.collect()
}

fn never_permitted(
    bindings: &Bindings,
    description: &Description,
    policies: &Policies,
    findings: &mut Vec<Finding>,
) {
    let Policies { names, slices, .. } = policies;
    for operation in &description.operations {
        let bound = schema::binding_of(bindings, operation).filter(|binding| !binding.deny);
        let (Some(binding), Some(slice)) = (bound, slices.get(&operation.id)) else { continue };
        let Some(action) = names.actions.get(&operation.id) else { continue };
        let permits = |rule: &Rule| {
            let reaches = |kind| action.types.iter().any(|index| rule.reaches(kind, *index));
            rule.effect == Effect::Permit && schema::KINDS.into_iter().any(reaches)
        };
        if !slice.rules.iter().any(permits) {
            let sentence = format!("no policy permits {}", operation.id);
            let finding = Finding::warning(codes::POLICY_NOTHING_PERMITS, sentence);
            findings.push(finding.at(binding.place.clone(), "every call of it is refused"));
        }
    }
}

impl Decider for Policies {
    fn policies(&self) -> usize {
        self.count
    }

    fn written(&self) -> &[(Arc<str>, Bytes)] {
        &self.sources
    }

    fn decide(&self, query: &Query<'_>) -> Decision {
        self.evaluated(query, |slice, type_index, evaluator| {
            outcome(slice.applicable(query.subject.kind, type_index), evaluator)
        })
        .unwrap_or_else(Decision::fault)
    }

    fn asks_for(&self, operation: &str) -> &BTreeSet<Arc<str>> {
        self.slices.get(operation).map_or(&self.nothing, |slice| &slice.asks)
    }

    fn forbids_by(&self, operation: &str) -> &BTreeSet<Arc<str>> {
        self.slices.get(operation).map_or(&self.nothing, |slice| &slice.forbids_by)
    }

    fn words_of(&self, operation: &str) -> BTreeSet<Arc<str>> {
        self.slices.get(operation).map(Slice::texts).unwrap_or_default()
    }

    fn asks_what_is_written(&self, operation: &str) -> bool {
        self.slices.get(operation).is_some_and(|slice| slice.needs.context("written"))
    }

    fn isolation(&self) -> Option<Isolation> {
        let (guarded, unguarded) = prove::guarded(self);
        let (questions, crossing) = prove::search(self);
        Some(Isolation { guards: self.guards.clone(), guarded, unguarded, questions, crossing })
    }

    fn explain(&self, query: &Query<'_>) -> Explanation {
        why::explain(self, query)
    }
}

impl Policies {
    /// A set without the guard is told with an example of what it lets happen, where one is found.
    fn missing_guards(&self, sources: &[(Arc<str>, Bytes)], findings: &mut Vec<Finding>) {
        let file = sources.first().map_or_else(|| Arc::from(BUILT_IN_FILE), |(file, _)| Arc::clone(file));
        let missing =
            guard::GUARDED.into_iter().filter(|kind| self.guards.iter().all(|(guarded, ..)| guarded != kind));
        let mut crossing = None;
        for kind in missing {
            let of_kind = self.names.kind(kind);
            let crossing = crossing.get_or_insert_with(|| prove::search(self).1);
            let example = crossing.as_ref().filter(|crossing| crossing.subject.kind == kind);
            let case = example.map(|crossing| {
                format!("; the example as a case for `policy test --policies`: {}", crossing.case())
            });
            let example = example.map(|crossing| format!("; for example, {crossing}")).unwrap_or_default();
            let sentence = format!("no policy keeps a `{of_kind}` within its tenant{example}");
            let finding = Finding::error(codes::POLICY_GUARD, sentence)
                .at(Place::file(Arc::clone(&file)), "in this set")
                .advice(format!(
                    "add `forbid (principal is {of_kind}, action, resource) unless {{ resource.tenant == principal.tenant }};`{}",
                    case.unwrap_or_default()
                ));
            findings.push(finding);
        }
    }

    /// Calls `with` for the operation's policies, the object's type and an evaluator that holds the question, or says
    /// why nothing can be evaluated.
    fn evaluated<T>(
        &self,
        query: &Query<'_>,
        with: impl FnOnce(&Slice, usize, &Evaluator<'_>) -> T,
    ) -> Result<T, &'static str> {
        let slice = self.slices.get(query.operation).ok_or("the operation is not bound")?;
        let (type_index, object) = self.object(query, slice)?;
        let principal = entities::principal(query.subject, &self.names, &slice.needs);
        let request = Request::new_unchecked(
            entities::known(principal.uid()),
            EntityUIDEntry::Known { euid: Arc::clone(&slice.action), loc: None },
            entities::known(object.uid()),
            Some(entities::context(&query.circumstances, &slice.needs)),
        );
        // Neither has parents, so there is nothing to close. Their types differ, so their names do.
        let entities = Entities::from_entities(
            [principal, object],
            None::<&NoEntitiesSchema>,
            TCComputation::AssumeAlreadyComputed,
            Extensions::all_available(),
        );
        let entities = entities.map_err(|_| "principal and object have the same name")?;
        Ok(with(slice, type_index, &Evaluator::new(request, &entities, Extensions::all_available())))
    }

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
    let mut permits: Vec<Arc<str>> = Vec::new();
    let mut forbids: Vec<Arc<str>> = Vec::new();
    let mut faults = Vec::new();
    for rule in rules {
        match (evaluate(rule.condition.as_deref(), evaluator), rule.effect) {
            (Ok(true), Effect::Permit) => permits.push(Arc::clone(&rule.id)),
            (Ok(true), Effect::Forbid) => forbids.push(Arc::clone(&rule.id)),
            (Ok(false), _) => {}
            (Err(fault), _) => faults.push(format!("policy `{}`: {fault}", rule.id)),
        }
    }
    let allowed = faults.is_empty() && forbids.is_empty() && !permits.is_empty();
    Decision { allowed, policies: if allowed { permits } else { forbids }, faults }
}

fn evaluate(condition: Option<&Expr>, evaluator: &Evaluator<'_>) -> Result<bool, &'static str> {
    let Some(condition) = condition else { return Ok(true) };
    match evaluator.interpret(condition, &SlotEnv::new()) {
        Ok(Value { value: ValueKind::Lit(Literal::Bool(said)), .. }) => Ok(said),
        Ok(_) => Err("it is neither true nor false"),
        Err(error) => Err(fault(&error)),
    }
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
        f.debug_struct("Policies")
            .field("operations", &self.slices.len())
            .field("policies", &self.count)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
