//! Tenant isolation: proved by the shape of the guard, and tried on small worlds of two tenants.
//!
//! What is shown: in Cedar a `forbid` that applies outweighs every `permit`. The guard is a `forbid` for every action and
//! resource, and applies to a `User` or `Client` whenever the tenants differ; both attributes are required by the schema,
//! and an object without a tenant, or any error, is refused before or after policies are asked. So where the guard
//! stands, no other policy can let one of them cross, whatever it says. That it stands is read from the set as it is
//! written, and once more from the policies that are in fact asked of each operation. What is taken for granted is that
//! Cedar evaluates as it is specified; the worlds that are tried go through it as requests do, and would show some faults
//! of it and of ours, not all. Where the guard does not stand, one of them shows what happens.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use cedar_policy_core::ast::{Effect, Expr, ExprKind, Literal};

use super::Policies;
use super::fold::Known;
use super::guard::{self, GUARDED};
use super::slice::Slice;
use crate::decide::{Circumstances, Crossing, Decider, Query, Subject, SubjectKind, Target};
use crate::facts::{Facts, OWNER, Origin, PARENT, TENANT};

/// Values that are tried for one attribute.
const VALUES_MAX: usize = 8;
/// Questions for one operation.
const QUESTIONS_MAX: usize = 20_000;
/// Worlds for one kind of principal and one type of object in which everything is chosen by itself.
const MIXED: u64 = 400;
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const ADDRESSES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];
/// Monday at noon, and Sunday at three in the morning, UTC.
const TIMES_S: [u64; 2] = [1_795_435_200, 1_795_316_400];

/// Looks for the guard where it has to hold: among the policies that are asked of each operation, for each kind of
/// guarded principal and each type of object, as they were cut and folded. How often it was found, and where not.
pub(super) fn guarded(policies: &Policies) -> (u64, Vec<Arc<str>>) {
    let (mut found, mut without) = (0, BTreeSet::new());
    for (operation, slice) in &policies.slices {
        for kind in GUARDED {
            for (index, of_type) in policies.names.types.iter().enumerate() {
                let known = Known {
                    principal: Some(policies.names.kind(kind)),
                    resource: Some(&of_type.entity),
                    ..Known::default()
                };
                if slice.applicable(kind, index).any(|rule| guard::holds(rule, known)) {
                    found += 1;
                } else {
                    without.insert(Arc::clone(operation));
                }
            }
        }
    }
    (found, without.into_iter().collect())
}

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
        let mut search = Search { policies, operation, slice, words: slice.texts(), tried: 0 };
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
    /// Texts that its policies name.
    words: BTreeSet<Arc<str>>,
    tried: usize,
}

impl Search<'_> {
    fn operation(&mut self) -> Option<Crossing> {
        let words: Vec<Arc<str>> = self.words.iter().take(VALUES_MAX).cloned().collect();
        let mut kinds: Vec<Arc<str>> = self.policies.names.index.keys().cloned().collect();
        kinds.sort();
        for principal_kind in GUARDED {
            for kind in &kinds {
                let Some(index) = self.policies.names.type_index(kind) else { continue };
                if !self.slice.applicable(principal_kind, index).any(|rule| rule.effect == Effect::Permit) {
                    continue;
                }
                for able in [false, true] {
                    let attributes = &self.policies.names.principal_attributes;
                    for subject in subjects(principal_kind, able, &self.words, &words, attributes) {
                        if let Some(crossing) = self.objects(&subject, kind, index, &words) {
                            return Some(crossing);
                        }
                    }
                }
                if let Some(crossing) = self.mixed(principal_kind, kind, index) {
                    return Some(crossing);
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
                    let facts = facts(owner, value, attributes.iter().map(|name| (name, value)));
                    let world = World { now_unix_s, ..World::of(facts) };
                    if let Some(crossing) = self.ask(subject, kind, world) {
                        return Some(crossing);
                    }
                }
            }
        }
        None
    }

    /// Worlds in which nothing is like anything else: every attribute, list and circumstance chosen by itself, the same
    /// ones whenever it is tried.
    fn mixed(&mut self, principal_kind: SubjectKind, kind: &str, index: usize) -> Option<Crossing> {
        let words = self.words.clone();
        let mut values: Vec<Arc<str>> = words.iter().cloned().collect();
        values.extend(["", "ann", "bob", "a", "b"].map(Arc::from));
        let mut numbers = numbers(self.slice);
        numbers.extend([0, 60, 86_400, 10_000_000]);
        let attributes = self.policies.names.types.get(index).map(|of_type| of_type.attributes.clone())?;
        for number in 0..MIXED {
            let mut pick = Pick(number);
            let held = |pick: &mut Pick| -> BTreeSet<Arc<str>> {
                words.iter().filter(|_| pick.of(2) == 0).cloned().collect()
            };
            let value = |pick: &mut Pick| pick.one(&values, "".into());
            let mut subject = Subject::new(principal_kind, "ann", "a");
            (subject.roles, subject.scopes) = (held(&mut pick), held(&mut pick));
            subject.acr = value(&mut pick);
            subject.auth_age_s = (pick.of(3) > 0).then(|| pick.one(&numbers, 0));
            for name in &self.policies.names.principal_attributes {
                subject.attributes.insert(Arc::clone(name), value(&mut pick));
            }
            let (owner, parent) = (value(&mut pick), value(&mut pick));
            let chosen: Vec<_> = attributes.iter().map(|name| (name, value(&mut pick))).collect();
            let facts = facts(&owner, &parent, chosen.iter().map(|(name, value)| (*name, value)));
            let world = World {
                method: pick.one(&METHODS, "GET"),
                now_unix_s: pick.one(&TIMES_S, 0).saturating_add(pick.one(&numbers, 0)),
                address: pick.one(&ADDRESSES, IpAddr::V4(Ipv4Addr::LOCALHOST)),
                written: held(&mut pick).into_iter().collect(),
                facts,
            };
            if let Some(crossing) = self.ask(&subject, kind, world) {
                return Some(crossing);
            }
        }
        None
    }

    fn ask(&mut self, subject: &Subject, kind: &str, world: World) -> Option<Crossing> {
        self.tried += 1;
        if self.tried > QUESTIONS_MAX {
            return None;
        }
        let decision = self.policies.decide(&Query {
            subject,
            operation: self.operation,
            target: Target::Object { kind, id: "1", facts: &world.facts },
            circumstances: Circumstances {
                method: world.method,
                now_unix_s: world.now_unix_s,
                address: world.address,
                written: &world.written,
            },
        });
        decision.allowed.then(|| Crossing {
            subject: subject.clone(),
            operation: Arc::clone(self.operation),
            kind: kind.into(),
            facts: world.facts,
            method: world.method,
            now_unix_s: world.now_unix_s,
            address: world.address,
            written: world.written,
            policies: decision.policies,
        })
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

/// An object of tenant `b`, and the circumstances in which it is asked for.
struct World {
    facts: Facts,
    method: &'static str,
    now_unix_s: u64,
    address: IpAddr,
    written: Vec<Arc<str>>,
}

impl World {
    fn of(facts: Facts) -> Self {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self { facts, method: "GET", now_unix_s: 0, address, written: Vec::new() }
    }
}

fn facts<'n>(
    owner: &str,
    parent: &str,
    attributes: impl Iterator<Item = (&'n Arc<str>, &'n Arc<str>)>,
) -> Facts {
    let mut facts = Facts::default();
    facts.set(TENANT, "b", Origin::Request);
    facts.set(OWNER, owner, Origin::Request);
    facts.set(PARENT, parent, Origin::Request);
    for (name, value) in attributes {
        facts.set(Arc::clone(name), Arc::clone(value), Origin::Request);
    }
    facts
}

/// Choices that follow from a number alone (SplitMix64, Steele and others 2014).
struct Pick(u64);

impl Pick {
    fn of(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % count.max(1) as u64).unwrap_or_default()
    }

    /// One of some; `or` where there is none.
    fn one<T: Clone>(&mut self, of: &[T], or: T) -> T {
        of.get(self.of(of.len())).cloned().unwrap_or(or)
    }
}

/// Whole numbers that the operation's policies name, and those just beside them.
fn numbers(slice: &Slice) -> Vec<u64> {
    let number = |part: &Expr| match part.expr_kind() {
        ExprKind::Lit(Literal::Long(said)) => u64::try_from(*said).ok(),
        _ => None,
    };
    let beside = |number: u64| [number.saturating_sub(1), number, number.saturating_add(1)];
    let named: BTreeSet<u64> = slice.parts().filter_map(number).flat_map(beside).collect();
    named.into_iter().collect()
}
