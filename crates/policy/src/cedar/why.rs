//! Explanations: each policy of the slice on its own, and small changes of the question after which the answer is yes.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy_core::ast::{BinaryOp, Effect, Expr, ExprKind, Var};
use cedar_policy_core::evaluator::Evaluator;

use super::fold::text;
use super::slice::{Rule, Slice};
use super::{Policies, evaluate};
use crate::decide::{Decider, Query, Target};
use crate::explain::{Change, Considered, Explanation, Outcome, evidence};
use crate::facts::{Facts, OWNER, Origin, TENANT};

/// Changes that are tried for one explanation.
const CHANGES_MAX: usize = 64;

pub(super) fn explain(policies: &Policies, query: &Query<'_>) -> Explanation {
    let decision = policies.decide(query);
    let considered = policies.evaluated(query, |slice, type_index, evaluator| {
        slice.applicable(query.subject.kind, type_index).map(|rule| considered(rule, evaluator)).collect()
    });
    let would_allow = match policies.slices.get(query.operation) {
        Some(slice) if !decision.allowed => changes(policies, query, slice),
        _ => Vec::new(),
    };
    Explanation {
        decision,
        considered: considered.unwrap_or_default(),
        evidence: evidence(query),
        would_allow,
    }
}

fn considered(rule: &Rule, evaluator: &Evaluator<'_>) -> Considered {
    let outcome = match evaluate(rule.condition.as_deref(), evaluator) {
        Ok(true) => Outcome::Applied,
        Ok(false) => Outcome::Unmet(first_unmet(rule.condition.as_deref(), evaluator)),
        Err(fault) => Outcome::Faulty(fault.to_owned()),
    };
    Considered {
        id: Arc::clone(&rule.id),
        permits: rule.effect == Effect::Permit,
        place: (*rule.place).clone(),
        outcome,
    }
}

/// The first part of a conjunction that is not true.
fn first_unmet(condition: Option<&Expr>, evaluator: &Evaluator<'_>) -> String {
    let Some(mut condition) = condition else { return String::new() };
    while let ExprKind::And { left, right } = condition.expr_kind() {
        condition = if evaluate(Some(left), evaluator) == Ok(true) { right } else { left };
    }
    condition.to_string()
}

fn changes(policies: &Policies, query: &Query<'_>, slice: &Slice) -> Vec<Change> {
    let mut tried: BTreeSet<Change> = BTreeSet::new();
    if matches!(query.target, Target::Object { .. }) {
        tried.extend([Change::Owner, Change::Tenant, Change::OwnerAndTenant]);
    }
    for rule in slice.rules.iter().filter(|rule| rule.effect == Effect::Permit) {
        let parts = rule.condition.iter().flat_map(|condition| condition.subexpressions());
        parts.for_each(|part| named(part, &mut tried));
    }
    let mut found: Vec<Change> =
        tried.into_iter().take(CHANGES_MAX).filter(|change| allows(policies, query, change)).collect();
    // What one of the two does alone need not be said of both.
    if found.contains(&Change::Owner) || found.contains(&Change::Tenant) {
        found.retain(|change| *change != Change::OwnerAndTenant);
    }
    found
}

/// Values that a condition compares with, as changes that would bring them about.
fn named(part: &Expr, changes: &mut BTreeSet<Change>) {
    let ExprKind::BinaryApp { op, arg1, arg2 } = part.expr_kind() else { return };
    match op {
        BinaryOp::Contains | BinaryOp::ContainsAny | BinaryOp::ContainsAll => {
            let make: fn(Arc<str>) -> Change = match attribute(arg1, Var::Principal) {
                Some("roles") => Change::Role,
                Some("scopes") => Change::Scope,
                _ => return,
            };
            changes.extend(arg2.subexpressions().filter_map(text).map(make));
        }
        BinaryOp::Eq => {
            for (side, other) in [(arg1, arg2), (arg2, arg1)] {
                let Some(value) = text(other) else { continue };
                if let Some(name) = attribute(side, Var::Resource) {
                    changes.insert(Change::Attribute(name.into(), value));
                } else if attribute(side, Var::Principal) == Some("acr") {
                    changes.insert(Change::Acr(value));
                }
            }
        }
        BinaryOp::Less | BinaryOp::LessEq if attribute(arg1, Var::Principal) == Some("auth_age_s") => {
            changes.insert(Change::RecentAuthentication);
        }
        _ => {}
    }
}

fn attribute(expr: &Expr, of: Var) -> Option<&str> {
    match expr.expr_kind() {
        ExprKind::GetAttr { expr, attr } if matches!(expr.expr_kind(), ExprKind::Var(var) if *var == of) => {
            Some(attr)
        }
        _ => None,
    }
}

fn allows(policies: &Policies, query: &Query<'_>, change: &Change) -> bool {
    let mut subject = query.subject.clone();
    let mut facts: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    match change {
        Change::Owner => facts.push((OWNER.into(), Arc::clone(&subject.subject))),
        Change::Tenant => facts.push((TENANT.into(), Arc::clone(&subject.tenant))),
        Change::OwnerAndTenant => {
            facts.push((OWNER.into(), Arc::clone(&subject.subject)));
            facts.push((TENANT.into(), Arc::clone(&subject.tenant)));
        }
        Change::Role(role) => _ = subject.roles.insert(Arc::clone(role)),
        Change::Scope(scope) => _ = subject.scopes.insert(Arc::clone(scope)),
        Change::Acr(acr) => subject.acr = Arc::clone(acr),
        Change::RecentAuthentication => subject.auth_age_s = Some(0),
        Change::Attribute(name, value) => facts.push((Arc::clone(name), Arc::clone(value))),
    }
    let changed;
    let target = match query.target {
        Target::Object { kind, id, facts: known } if !facts.is_empty() => {
            changed = replaced(known, &facts);
            Target::Object { kind, id, facts: &changed }
        }
        same => same,
    };
    policies.decide(&Query { subject: &subject, target, ..*query }).allowed
}

fn replaced(known: &Facts, changes: &[(Arc<str>, Arc<str>)]) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in changes {
        facts.set(Arc::clone(name), Arc::clone(value), Origin::Request);
    }
    for fact in known.iter().filter(|fact| changes.iter().all(|(name, _)| *name != fact.name)) {
        facts.set(Arc::clone(&fact.name), Arc::clone(&fact.value), fact.origin);
    }
    facts.disputed = known.disputed;
    facts
}
