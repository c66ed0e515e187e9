//! How authorization stands: what is asked, what is only watched, what is known of ids, and which evidence failed.

use std::collections::{BTreeMap, BTreeSet};

use model::Mode;
use policy::Authorization;
use policy::plan::Bound;
use serde::Serialize;

use crate::shared::Shared;
use crate::snapshot::ApiPlan;
use crate::standing::{FailedEvidence, IdGrade};

/// Checks that authorize, in the order in which they run.
const CHECKS: [&str; 11] = [
    "subject",
    "function_access",
    "opened_ids",
    "opened_body",
    "preset_properties",
    "sealed_ids",
    "shown_errors",
    "shown_properties",
    "listed_items",
    "object_access",
    "written_properties",
];

/// Of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorizationStatus {
    pub policies: usize,
    /// Operations that the bindings list, those of them that they deny, and those that nobody bound: both are refused.
    pub operations_bound: usize,
    pub operations_denied: usize,
    pub operations_unbound: usize,
    pub checks: Vec<CheckModes>,
    pub types: Vec<TypeStatus>,
    /// Numbers of the keys of sealed ids; the first seals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sealing_keys: Vec<u8>,
    /// What failed last comes first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_evidence: Vec<FailedEvidence>,
}

/// In how many operations a check has which mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckModes {
    pub check: &'static str,
    pub enforce: usize,
    pub watch: usize,
    pub off: usize,
}

/// A resource type that operations are bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TypeStatus {
    #[serde(rename = "type")]
    pub kind: String,
    /// Where facts about its objects come from, in any operation.
    pub sources: Vec<&'static str>,
    /// What sealed ids begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// Of the service's own ids, as far as any passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<IdGrade>,
}

/// Of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectTotals {
    /// Objects of which the owner is known because they were seen being made.
    pub learned: usize,
    pub learned_max: usize,
    /// Objects that are being changed, or waited for.
    pub locked: usize,
    pub locked_max: usize,
}

pub(super) fn objects(shared: &Shared) -> ObjectTotals {
    let (locked, locked_max) = shared.locks.count();
    let learned = shared.learned.len();
    ObjectTotals { learned, learned_max: shared.learned.objects_max(), locked, locked_max }
}

pub(super) fn of(api: &ApiPlan, shared: &Shared) -> Option<AuthorizationStatus> {
    let authorization = api.settings.authorization.as_ref()?;
    let operations = &api.settings.description.operations;
    let bound = operations.iter().filter_map(|operation| authorization.plan(&operation.id));
    let denied = bound.clone().filter(|plan| plan.deny).count();
    let bound = bound.count();
    let name = &*api.settings.name;
    Some(AuthorizationStatus {
        policies: authorization.decider.policies(),
        operations_bound: bound,
        operations_denied: denied,
        operations_unbound: operations.len().saturating_sub(bound),
        checks: checks(api),
        types: types(authorization, name, shared),
        sealing_keys: api.settings.sealing.iter().flat_map(|keys| keys.numbers()).collect(),
        failed_evidence: shared.standing.failures(name),
    })
}

fn checks(api: &ApiPlan) -> Vec<CheckModes> {
    let mut modes = CHECKS.map(|check| CheckModes { check, enforce: 0, watch: 0, off: 0 });
    for plan in api.plans() {
        let running = plan.checks.iter().map(|check| (check.about.name, check.mode));
        for (name, mode) in running.chain(plan.off.iter().map(|about| (about.name, Mode::Off))) {
            let Some(one) = modes.iter_mut().find(|one| one.check == name) else { continue };
            match mode {
                Mode::Enforce => one.enforce += 1,
                Mode::Watch => one.watch += 1,
                Mode::Off => one.off += 1,
            }
        }
    }
    modes.into_iter().filter(|one| one.enforce + one.watch + one.off > 0).collect()
}

fn types(authorization: &Authorization, api: &str, shared: &Shared) -> Vec<TypeStatus> {
    let mut sources: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
    for plan in authorization.plans() {
        plan.objects.iter().for_each(|bound| add(bound, &mut sources));
        for shown in plan.list.iter().map(|list| &list.kind).chain(plan.shows.iter().map(|shows| &shows.kind))
        {
            sources.entry(shown).or_default();
        }
    }
    let of = |(kind, sources): (&str, BTreeSet<&'static str>)| {
        let resource = authorization.bindings.resources.get(kind)?;
        Some(TypeStatus {
            kind: kind.to_owned(),
            sources: sources.into_iter().collect(),
            sealed: resource.seal.as_ref().map(|seal| seal.prefix.to_string()),
            ids: shared.standing.grade(api, kind),
        })
    };
    sources.into_iter().filter_map(of).collect()
}

fn add<'p>(bound: &'p Bound, sources: &mut BTreeMap<&'p str, BTreeSet<&'static str>>) {
    sources.entry(&bound.resource.name).or_default().extend(bound.sources.iter().map(|source| source.word()));
    bound.parent.iter().for_each(|parent| add(parent, sources));
}
