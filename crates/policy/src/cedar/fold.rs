//! What of a condition is known before any request comes: which action it is, of which types principal and resource
//! are. Folding keeps the meaning exactly, errors included: only what evaluation would not reach is left out.

use std::collections::HashSet;
use std::sync::Arc;

use cedar_policy_core::ast::{BinaryOp, EntityType, EntityUID, Expr, ExprKind, Literal, UnaryOp, Var};

/// What is known. `None`: not yet.
#[derive(Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// The action with every group it is in.
    pub action: Option<(&'a EntityUID, &'a HashSet<EntityUID>)>,
    pub principal: Option<&'a EntityType>,
    pub resource: Option<&'a EntityType>,
}

/// The condition with what is known put in. Source locations are gone: evaluation would count references to the
/// source's text, which all threads share.
pub(super) fn fold(expr: &Expr, known: Known<'_>) -> Expr {
    let go = |expr: &Expr| fold(expr, known);
    match expr.expr_kind() {
        ExprKind::Lit(literal) => Expr::val(literal.clone()),
        ExprKind::Var(var) => Expr::var(*var),
        ExprKind::If { test_expr, then_expr, else_expr } => {
            let test = go(test_expr);
            match truth(&test) {
                Some(true) => go(then_expr),
                Some(false) => go(else_expr),
                None => Expr::ite(test, go(then_expr), go(else_expr)),
            }
        }
        ExprKind::And { left, right } => {
            let left = go(left);
            match truth(&left) {
                Some(true) => go(right),
                Some(false) => left,
                None => Expr::and(left, go(right)),
            }
        }
        ExprKind::Or { left, right } => {
            let left = go(left);
            match truth(&left) {
                Some(true) => left,
                Some(false) => go(right),
                None => Expr::or(left, go(right)),
            }
        }
        ExprKind::UnaryApp { op, arg } => {
            let arg = go(arg);
            match (op, truth(&arg)) {
                (UnaryOp::Not, Some(said)) => Expr::val(!said),
                _ => Expr::unary_app(*op, arg),
            }
        }
        ExprKind::BinaryApp { op, arg1, arg2 } => match action_test(*op, arg1, arg2, known) {
            Some(said) => Expr::val(said),
            None => Expr::binary_app(*op, go(arg1), go(arg2)),
        },
        ExprKind::Is { expr, entity_type } => match type_of(expr, known) {
            Some(known) => Expr::val(known == entity_type),
            None => Expr::is_entity_type(go(expr), entity_type.clone()),
        },
        ExprKind::GetAttr { expr, attr } => Expr::get_attr(go(expr), attr.clone()),
        ExprKind::HasAttr { expr, attr } => Expr::has_attr(go(expr), attr.clone()),
        ExprKind::ExtHasAttr { expr, attrs } => Expr::extended_has_attr(go(expr), attrs.clone()),
        ExprKind::Like { expr, pattern } => Expr::like(go(expr), pattern.clone()),
        ExprKind::Set(items) => Expr::set(items.iter().map(go)),
        ExprKind::Record(members) => {
            Expr::record_arc(Arc::new(members.iter().map(|(name, expr)| (name.clone(), go(expr))).collect()))
        }
        ExprKind::ExtensionFunctionApp { fn_name, args } => {
            Expr::call_extension_fn(fn_name.clone(), args.iter().map(go).collect())
        }
        ExprKind::Slot(_) | ExprKind::Unknown(_) => expr.clone(),
    }
}

/// The literal that an expression is.
pub(super) fn truth(expr: &Expr) -> Option<bool> {
    match expr.expr_kind() {
        ExprKind::Lit(Literal::Bool(said)) => Some(*said),
        _ => None,
    }
}

/// The text that an expression is.
pub(super) fn text(expr: &Expr) -> Option<Arc<str>> {
    match expr.expr_kind() {
        ExprKind::Lit(Literal::String(said)) => Some(said.as_str().into()),
        _ => None,
    }
}

/// The entity that an expression names.
pub(super) fn entity(expr: &Expr) -> Option<&EntityUID> {
    match expr.expr_kind() {
        ExprKind::Lit(Literal::EntityUID(uid)) => Some(uid),
        _ => None,
    }
}

/// What is asked for an attribute, and the attribute's name.
pub(super) fn asked_for(expr: &Expr) -> Option<(&Expr, &str)> {
    match expr.expr_kind() {
        ExprKind::GetAttr { expr, attr } | ExprKind::HasAttr { expr, attr } => Some((expr, attr)),
        ExprKind::ExtHasAttr { expr, attrs } => Some((expr, attrs.first())),
        _ => None,
    }
}

fn action_test(op: BinaryOp, left: &Expr, right: &Expr, known: Known<'_>) -> Option<bool> {
    let (action, groups) = known.action?;
    let is_action = |expr: &Expr| matches!(expr.expr_kind(), ExprKind::Var(Var::Action));
    match op {
        BinaryOp::Eq if is_action(left) => Some(entity(right)? == action),
        BinaryOp::Eq if is_action(right) => Some(entity(left)? == action),
        BinaryOp::In if is_action(left) => {
            let within = |uid: &EntityUID| uid == action || groups.contains(uid);
            match right.expr_kind() {
                ExprKind::Set(items) => {
                    let uids: Option<Vec<&EntityUID>> = items.iter().map(entity).collect();
                    Some(uids?.into_iter().any(within))
                }
                _ => Some(within(entity(right)?)),
            }
        }
        _ => None,
    }
}

fn type_of<'a>(expr: &Expr, known: Known<'a>) -> Option<&'a EntityType> {
    match expr.expr_kind() {
        ExprKind::Var(Var::Principal) => known.principal,
        ExprKind::Var(Var::Resource) => known.resource,
        _ => None,
    }
}
