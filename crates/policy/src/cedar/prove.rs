//! Tenant isolation: proved by the shape of the guard, and tried on small worlds of two tenants.
//!
//! The proof: in Cedar a `forbid` that applies outweighs every `permit`. The guard is a `forbid` for every action and
//! resource, and applies to a `User` or `Client` whenever the tenants differ; both attributes are required by the schema,
//! and an object without a tenant, or any error, is refused before or after policies are asked. So where the guard
//! stands, no other policy can let one of them cross. Where it does not stand, a world is looked for that shows it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use cedar_policy_core::ast::{Effect, Expr, ExprKind, Literal};

use super::Policies;
use super::guard::GUARDED;
use super::slice::Slice;
use crate::decide::{Circumstances, Crossing, Decider, Query, Subject, SubjectKind, Target};
use crate::facts::{Facts, OWNER, Origin, PARENT, TENANT};

/// Values that are tried for one attribute.
const VALUES_MAX: usize = 8;
/// Questions for one operation.
const QUESTIONS_MAX: usize = 20_000;
/// Monday at noon, and Sunday at three in the morning, UTC.
const TIMES_S: [u64; 2] = [1_795_435_200, 1_795_316_400];

/// The first world in which a principal reaches an object of another tenant, and how many were tried.
pub(super) fn search(policies: &Policies) -> (u64, Option<Crossing>) {
    let mut questions = 0;
    let mut operations: Vec<&Arc<str>> = policies.slices.keys().collect();
    operations.sort();
    for operation in operations {
        let Some(slice) = policies.slices.get(operation) else { continue };
        if !slice.rules.iter().any(|rule| rule.effect == Effect::Permit) {
            continue;
        }
        let mut search = Search { policies, operation, slice, tried: 0 };
        let crossing = search.operation();
        questions += search.tried as u64;
        if crossing.is_some() {
            return (questions, crossing);
        }
    }
    (questions, None)
}

struct Search<'a> {
    policies: &'a Policies,
    operation: &'a Arc<str>,
    slice: &'a Slice,
    tried: usize,
}

impl Search<'_> {
    fn operation(&mut self) -> Option<Crossing> {
        let words: Vec<Arc<str>> = literals(self.slice).into_iter().take(VALUES_MAX).collect();
        let all: BTreeSet<Arc<str>> = literals(self.slice);
        let mut kinds: Vec<Arc<str>> = self.policies.names.index.keys().cloned().collect();
        kinds.sort();
        for principal_kind in GUARDED {
            for kind in &kinds {
                let Some(index) = self.policies.names.type_index(kind) else { continue };
                if !self.slice.applicable(principal_kind, index).any(|rule| rule.effect == Effect::Permit) {
                    continue;
                }
                for able in [false, true] {
                    for subject in subjects(
                        principal_kind,
                        able,
                        &all,
                        &words,
                        &self.policies.names.principal_attributes,
                    ) {
                        if let Some(crossing) = self.objects(&subject, kind, index, &words) {
                            return Some(crossing);
                        }
                    }
                }
            }
        }
        None
    }

    fn objects(
        &mut self,
        subject: &Subject,
        kind: &str,
        index: usize,
        words: &[Arc<str>],
    ) -> Option<Crossing> {
        let attributes = self.policies.names.types.get(index).map(|of_type| of_type.attributes.clone())?;
        let nothing: Arc<str> = "".into();
        for owner in ["ann", "bob", ""] {
            for value in words.iter().chain([&nothing]) {
                for now_unix_s in TIMES_S {
                    let mut facts = Facts::default();
                    facts.set(TENANT, "b", Origin::Request);
                    facts.set(OWNER, owner, Origin::Request);
                    facts.set(PARENT, Arc::clone(value), Origin::Request);
                    for name in &attributes {
                        facts.set(Arc::clone(name), Arc::clone(value), Origin::Request);
                    }
                    self.tried += 1;
                    if self.tried > QUESTIONS_MAX {
                        return None;
                    }
                    let decision = self.policies.decide(&Query {
                        subject,
                        operation: self.operation,
                        target: Target::Object { kind, id: "1", facts: &facts },
                        circumstances: Circumstances {
                            method: "GET",
                            now_unix_s,
                            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                            written: &[],
                        },
                    });
                    if decision.allowed {
                        return Some(Crossing {
                            subject: subject.clone(),
                            operation: Arc::clone(self.operation),
                            kind: kind.into(),
                            facts,
                            policies: decision.policies,
                        });
                    }
                }
            }
        }
        None
    }
}

/// Principals of tenant `a`: one that holds nothing, and one that holds whatever a policy names.
fn subjects(
    kind: SubjectKind,
    able: bool,
    all: &BTreeSet<Arc<str>>,
    words: &[Arc<str>],
    attributes: &BTreeSet<Arc<str>>,
) -> Vec<Subject> {
    let nobody = Subject::new(kind, "ann", "a");
    if !able {
        return vec![nobody];
    }
    let of = |word: &Arc<str>| Subject {
        roles: all.clone(),
        scopes: all.clone(),
        acr: Arc::clone(word),
        auth_age_s: Some(0),
        attributes: attributes.iter().map(|name| (Arc::clone(name), Arc::clone(word))).collect(),
        ..nobody.clone()
    };
    let nothing: Arc<str> = "".into();
    if words.is_empty() { vec![of(&nothing)] } else { words.iter().map(of).collect() }
}

/// Texts that the operation's policies name.
fn literals(slice: &Slice) -> BTreeSet<Arc<str>> {
    let conditions = slice.rules.iter().filter_map(|rule| rule.condition.as_deref());
    let text = |part: &Expr| match part.expr_kind() {
        ExprKind::Lit(Literal::String(said)) => Some(Arc::from(said.as_str())),
        _ => None,
    };
    conditions.flat_map(Expr::subexpressions).filter_map(text).collect()
}
