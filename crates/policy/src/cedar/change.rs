//! What another set of policies lets happen: which policies came, went or are others, and, where their shape shows it,
//! whether more or less is permitted.
//!
//! Judged by shape alone: a policy that asks for fewer of the same conditions applies to more. Wherever the shape does not
//! show it, nothing is claimed.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use cedar_policy_core::ast::{BinaryOp, Effect, Expr, ExprKind, Literal};
use model::Place;

use super::fold::{Known, fold, truth};
use super::read::{self, Read};

/// What a change does to what is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    Widens,
    Narrows,
    /// The shape does not show it.
    Open,
}

/// One policy that is another, new, or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    pub bearing: Bearing,
    pub sentence: String,
    /// In the new set where it stands there, else in the old one.
    pub place: Place,
}

/// Every difference of two sets that can be read, by file name and text. Names of files and the order of policies are none.
pub fn changes(old: &[(Arc<str>, Bytes)], new: &[(Arc<str>, Bytes)]) -> Vec<PolicyChange> {
    let (mut old, mut new) = (shapes(old), shapes(new));
    new.retain(|policy| {
        let same = old.iter().position(|other| other.is_like(policy));
        same.map(|at| old.remove(at)).is_none()
    });
    let mut changes = Vec::new();
    // Policies without names are told apart by their order. Whichever are paired, what is concluded holds: where each
    // permits less than some policy did, all of them do.
    let unnamed = |list: &[Shape]| list.iter().filter(|policy| !policy.is_named).count();
    let by_order = unnamed(&old) == unnamed(&new);
    for policy in &new {
        let partner = old.iter().position(|other| {
            if policy.is_named {
                other.is_named && other.id == policy.id
            } else {
                !other.is_named && by_order
            }
        });
        changes.push(match partner.map(|at| old.remove(at)) {
            Some(before) => before.becomes(policy),
            None => policy.comes(),
        });
    }
    changes.extend(old.iter().map(Shape::goes));
    changes
}

struct Shape {
    id: Arc<str>,
    is_named: bool,
    place: Arc<Place>,
    effect: Effect,
    /// All of them have to hold; scope first. Each with its text.
    conditions: Vec<(String, Expr)>,
}

fn shapes(sources: &[(Arc<str>, Bytes)]) -> Vec<Shape> {
    read::read(sources, &mut Vec::new()).iter().map(Shape::of).collect()
}

impl Shape {
    fn of(read: &Read) -> Self {
        let mut conditions = Vec::new();
        conjuncts(&fold(&read.policy.condition(), Known::default()), &mut conditions);
        let by_place = format!("{}:{}", read.place.file, read.place.line);
        Self {
            id: Arc::clone(&read.id),
            is_named: *read.id != *by_place,
            place: Arc::clone(&read.place),
            effect: read.policy.effect(),
            conditions,
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        let texts =
            |policy: &Self| policy.conditions.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
        self.effect == other.effect && texts(self) == texts(other)
    }

    fn name(&self) -> String {
        if self.is_named {
            return format!("policy `{}`", self.id);
        }
        let file = self.place.file.rsplit('/').next().unwrap_or_default();
        format!("the policy in line {} of `{file}`", self.place.line)
    }

    fn change(&self, bearing: Bearing, sentence: String) -> PolicyChange {
        PolicyChange { bearing, sentence, place: (*self.place).clone() }
    }

    fn comes(&self) -> PolicyChange {
        let (bearing, does) = match self.effect {
            Effect::Permit => (Bearing::Widens, "permits"),
            Effect::Forbid => (Bearing::Narrows, "forbids"),
        };
        self.change(bearing, format!("{} is new, and {does}", self.name()))
    }

    fn goes(&self) -> PolicyChange {
        let (bearing, did) = match self.effect {
            Effect::Permit => (Bearing::Narrows, "permitted"),
            Effect::Forbid => (Bearing::Widens, "forbade"),
        };
        self.change(bearing, format!("{}, which {did}, is gone", self.name()))
    }

    fn becomes(&self, new: &Self) -> PolicyChange {
        let name = new.name();
        let does = match (self.effect, new.effect) {
            (Effect::Forbid, Effect::Permit) => {
                return new.change(Bearing::Widens, format!("{name} now permits; it forbade"));
            }
            (Effect::Permit, Effect::Forbid) => {
                return new.change(Bearing::Narrows, format!("{name} now forbids; it permitted"));
            }
            (Effect::Permit, Effect::Permit) => "permits",
            (Effect::Forbid, Effect::Forbid) => "forbids",
        };
        let (applies_to_more, how) = if is_part(&new.conditions, &self.conditions) {
            (true, "under fewer conditions")
        } else if is_part(&self.conditions, &new.conditions) {
            (false, "under more conditions")
        } else {
            match bounds(&self.conditions, &new.conditions) {
                Some(true) => (true, "up to a higher bound"),
                Some(false) => (false, "up to a lower bound"),
                None => {
                    let sentence =
                        format!("what {name} {does} is another, and cannot be judged by its shape");
                    return new.change(Bearing::Open, sentence);
                }
            }
        };
        let widens = applies_to_more == (new.effect == Effect::Permit);
        let bearing = if widens { Bearing::Widens } else { Bearing::Narrows };
        new.change(bearing, format!("{name} {does} {how}"))
    }
}

/// What an `&&` joins, without what is always true.
fn conjuncts(expr: &Expr, into: &mut Vec<(String, Expr)>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr.expr_kind() {
            ExprKind::And { left, right } => open.extend([&**right, &**left]),
            _ if truth(expr) == Some(true) => {}
            _ => into.push((expr.to_string(), expr.clone())),
        }
    }
}

/// Whether `whole` holds all of `part`, in its order.
fn is_part(part: &[(String, Expr)], whole: &[(String, Expr)]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|(text, _)| rest.any(|(other, _)| other == text))
}

/// Where conditions differ in nothing but upper bounds of numbers, whether all of these rose (or else fell).
fn bounds(old: &[(String, Expr)], new: &[(String, Expr)]) -> Option<bool> {
    if old.len() != new.len() {
        return None;
    }
    let differ = old.iter().zip(new).filter(|((a, _), (b, _))| a != b);
    let mut rose = differ.map(|((_, a), (_, b))| {
        let ((op_a, of_a, a), (op_b, of_b, b)) = (bound(a)?, bound(b)?);
        (op_a == op_b && of_a == of_b && a != b).then_some(b > a)
    });
    let first = rose.next()??;
    rose.all(|other| other == Some(first)).then_some(first)
}

/// `value < 300`, `value <= 300`: what is held against which number.
fn bound(expr: &Expr) -> Option<(BinaryOp, String, i64)> {
    let ExprKind::BinaryApp { op: op @ (BinaryOp::Less | BinaryOp::LessEq), arg1, arg2 } = expr.expr_kind()
    else {
        return None;
    };
    match arg2.expr_kind() {
        ExprKind::Lit(Literal::Long(number)) => Some((*op, arg1.to_string(), *number)),
        _ => None,
    }
}
