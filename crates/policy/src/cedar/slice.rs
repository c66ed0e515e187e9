//! The policies that concern one operation, with everything that is known of it put into their conditions.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy_core::ast::{
    ActionConstraint, Effect, EntityUID, Expr, ExprKind, Policy, PrincipalOrResourceConstraint, Var,
};

use super::fold::{Known, asked_for, fold, text, truth};
use super::read::Read;
use super::schema::{ActionName, KINDS, Names};
use crate::decide::SubjectKind;
use model::Place;

/// One operation's policies.
pub(super) struct Slice {
    pub action: Arc<EntityUID>,
    pub rules: Vec<Rule>,
    pub needs: Needs,
    /// Attributes of objects that the rules ask for.
    pub asks: BTreeSet<Arc<str>>,
    /// Those that rules which forbid ask for.
    pub forbids_by: BTreeSet<Arc<str>>,
}

impl Slice {
    /// Texts that the rules name.
    pub fn texts(&self) -> BTreeSet<Arc<str>> {
        self.parts().filter_map(text).collect()
    }

    pub fn parts(&self) -> impl Iterator<Item = &Expr> {
        self.rules.iter().filter_map(|rule| rule.condition.as_deref()).flat_map(Expr::subexpressions)
    }
}

/// One policy, as far as it concerns one operation.
pub(super) struct Rule {
    pub id: Arc<str>,
    pub place: Arc<Place>,
    pub effect: Effect,
    /// Without what is known of action and scope. `None`: always true.
    pub condition: Option<Arc<Expr>>,
    reach: Arc<Reach>,
}

impl Rule {
    /// Whether the policy can apply to a principal and an object of these types.
    pub fn reaches(&self, kind: SubjectKind, type_index: usize) -> bool {
        let reach = self.reach.0.get(kind as usize);
        let word = reach.and_then(|words| words.get(type_index / 64));
        word.is_some_and(|word| word >> (type_index % 64) & 1 == 1)
    }
}

/// By kind of principal: a bit for each type of object.
struct Reach([Vec<u64>; 4]);

/// What conditions look at: nothing else need be built for a decision.
#[derive(Default)]
pub(super) struct Needs {
    attributes: BTreeSet<Arc<str>>,
    /// The context as a whole stands somewhere, not only an attribute of it.
    context: bool,
}

impl Needs {
    pub fn attribute(&self, name: &str) -> bool {
        self.attributes.contains(name)
    }

    pub fn context(&self, name: &str) -> bool {
        self.context || self.attributes.contains(name)
    }
}

/// Slices of every bound operation.
pub(super) fn slices(policies: &[Read], names: &Names) -> HashMap<Arc<str>, Slice> {
    let prepared: Vec<Prepared<'_>> = policies.iter().map(|read| Prepared::of(read, names)).collect();
    names.actions.iter().map(|(id, action)| (Arc::clone(id), slice(action, &prepared, names))).collect()
}

/// A policy with what does not depend on the operation.
struct Prepared<'a> {
    read: &'a Read,
    /// With scope, without action.
    condition: Arc<Expr>,
    names_action: bool,
    reach: Arc<Reach>,
}

impl<'a> Prepared<'a> {
    fn of(read: &'a Read, names: &Names) -> Self {
        let condition = fold(&without_action(&read.policy), Known::default());
        let names_action =
            condition.subexpressions().any(|part| matches!(part.expr_kind(), ExprKind::Var(Var::Action)));
        let reach = Reach(KINDS.map(|kind| {
            let mut words = vec![0_u64; names.types.len().div_ceil(64)];
            for (index, of_type) in names.types.iter().enumerate() {
                let known = Known {
                    principal: Some(names.kind(kind)),
                    resource: Some(&of_type.entity),
                    ..Known::default()
                };
                if truth(&fold(&condition, known)) != Some(false)
                    && let Some(word) = words.get_mut(index / 64)
                {
                    *word |= 1 << (index % 64);
                }
            }
            words
        }));
        Self { read, condition: Arc::new(condition), names_action, reach: Arc::new(reach) }
    }
}

fn slice(action: &ActionName, prepared: &[Prepared<'_>], names: &Names) -> Slice {
    let known = Known { action: Some((&action.uid, &action.groups)), ..Known::default() };
    let mut slice = Slice {
        action: Arc::new(action.uid.clone()),
        rules: Vec::new(),
        needs: Needs::default(),
        asks: BTreeSet::new(),
        forbids_by: BTreeSet::new(),
    };
    for policy in prepared {
        if !concerns(policy.read.policy.action_constraint(), action) {
            continue;
        }
        let condition = if policy.names_action {
            Arc::new(fold(&policy.condition, known))
        } else {
            Arc::clone(&policy.condition)
        };
        if truth(&condition) == Some(false) {
            continue;
        }
        let rule = Rule {
            id: Arc::clone(&policy.read.id),
            place: Arc::clone(&policy.read.place),
            effect: policy.read.policy.effect(),
            condition: (truth(&condition) != Some(true)).then_some(condition),
            reach: Arc::clone(&policy.reach),
        };
        if let Some(condition) = &rule.condition {
            slice.needs.look_at(condition);
            if action.types.iter().any(|index| KINDS.iter().any(|kind| rule.reaches(*kind, *index))) {
                asked(condition, names, &mut slice.asks);
                if rule.effect == Effect::Forbid {
                    asked(condition, names, &mut slice.forbids_by);
                }
            }
        }
        slice.rules.push(rule);
    }
    slice
}

fn concerns(constraint: &ActionConstraint, action: &ActionName) -> bool {
    let within = |uid: &EntityUID| *uid == action.uid || action.groups.contains(uid);
    match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => **uid == action.uid,
        ActionConstraint::In(uids) => uids.iter().any(|uid| within(uid)),
    }
}

/// The scopes of principal and resource as a condition, and the policy's own.
fn without_action(policy: &Policy) -> Expr {
    let scoped = |constraint: &PrincipalOrResourceConstraint, expr: Expr| {
        (!matches!(constraint, PrincipalOrResourceConstraint::Any)).then_some(expr)
    };
    let (principal, resource) = (policy.principal_constraint(), policy.resource_constraint());
    let own = policy.non_scope_constraints().cloned().unwrap_or_else(|| Expr::val(true));
    let resource = scoped(resource.as_inner(), resource.as_expr());
    let own = resource.into_iter().fold(own, |own, scope| Expr::and(scope, own));
    let principal = scoped(principal.as_inner(), principal.as_expr());
    principal.into_iter().fold(own, |own, scope| Expr::and(scope, own))
}

impl Needs {
    fn look_at(&mut self, condition: &Expr) {
        let mut held = 0_usize;
        let mut seen = 0_usize;
        for part in condition.subexpressions() {
            let is_context = |expr: &Expr| matches!(expr.expr_kind(), ExprKind::Var(Var::Context));
            seen += usize::from(is_context(part));
            if let Some((base, attribute)) = asked_for(part) {
                held += usize::from(is_context(base));
                self.attributes.insert(attribute.into());
            }
        }
        self.context |= seen > held;
    }
}

/// Attributes that may be an object's: whatever is asked neither of the principal nor of the context.
fn asked(condition: &Expr, names: &Names, asks: &mut BTreeSet<Arc<str>>) {
    for (base, attribute) in condition.subexpressions().filter_map(asked_for) {
        let elsewhere =
            matches!(base.expr_kind(), ExprKind::Var(Var::Principal | Var::Context | Var::Action));
        let known = ["tenant", "owner", "parent"].contains(&attribute)
            || names.types.iter().any(|of_type| of_type.attributes.contains(attribute));
        if !elsewhere && known {
            asks.insert(attribute.into());
        }
    }
}
