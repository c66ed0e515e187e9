//! The tenant guard, found by its shape: a `forbid` for the whole of a principal type that nothing but equal tenants
//! escapes. In Cedar a `forbid` that applies outweighs every `permit`, so its presence is the proof of isolation.

use cedar_policy_core::ast::{
    ActionConstraint, BinaryOp, Effect, EntityType, Expr, ExprKind, Policy, PrincipalOrResourceConstraint,
    UnaryOp, Var,
};

use super::fold::{Known, fold};
use super::schema::Names;
use super::slice::Rule;
use crate::decide::SubjectKind;

/// The kinds of principals that are held to their tenant.
pub(super) const GUARDED: [SubjectKind; 2] = [SubjectKind::User, SubjectKind::Client];

/// Whether the policy guards every action and resource against principals of this kind.
pub(super) fn guards(policy: &Policy, names: &Names, kind: SubjectKind) -> bool {
    let of_kind = names.kind(kind);
    policy.effect() == Effect::Forbid
        && matches!(policy.action_constraint(), ActionConstraint::Any)
        && matches!(policy.resource_constraint().as_inner(), PrincipalOrResourceConstraint::Any)
        && covers(policy.principal_constraint().as_inner(), of_kind)
        && policy.non_scope_constraints().is_none_or(|condition| {
            let known = Known { principal: Some(of_kind), ..Known::default() };
            forbids_unless_same_tenant(&fold(condition, known))
        })
}

/// Whether a policy as it is asked forbids whatever crosses tenants, for a principal and an object of these types.
pub(super) fn holds(rule: &Rule, known: Known<'_>) -> bool {
    let forbids = |condition: &Expr| forbids_unless_same_tenant(&fold(condition, known));
    rule.effect == Effect::Forbid && rule.condition.as_deref().is_none_or(forbids)
}

fn covers(constraint: &PrincipalOrResourceConstraint, kind: &EntityType) -> bool {
    match constraint {
        PrincipalOrResourceConstraint::Any => true,
        PrincipalOrResourceConstraint::Is(entity_type) => **entity_type == *kind,
        _ => false,
    }
}

/// `!(resource.tenant == principal.tenant)`, either way round: no further condition may stand beside it, because each
/// condition narrows what a `forbid` forbids.
fn forbids_unless_same_tenant(condition: &Expr) -> bool {
    let ExprKind::UnaryApp { op: UnaryOp::Not, arg } = condition.expr_kind() else {
        return matches!(super::fold::truth(condition), Some(true));
    };
    let ExprKind::BinaryApp { op: BinaryOp::Eq, arg1, arg2 } = arg.expr_kind() else { return false };
    (is_tenant_of(arg1, Var::Resource) && is_tenant_of(arg2, Var::Principal))
        || (is_tenant_of(arg1, Var::Principal) && is_tenant_of(arg2, Var::Resource))
}

fn is_tenant_of(expr: &Expr, var: Var) -> bool {
    match expr.expr_kind() {
        ExprKind::GetAttr { expr, attr } => {
            attr == crate::facts::TENANT && matches!(expr.expr_kind(), ExprKind::Var(found) if *found == var)
        }
        _ => false,
    }
}
