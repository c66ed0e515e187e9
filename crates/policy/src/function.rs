//! Whether a principal may call an operation at all, before any object is known: class, roles, scopes, assurance.

use std::sync::Arc;

use crate::bindings::{Assurance, Class};
use crate::decide::{Subject, SubjectKind};
use crate::plan::Plan;

/// Why not. The words are for records: which role would have done is not the caller's to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("the operation is denied to everyone")]
    Everyone,
    #[error("the caller is anonymous")]
    Anonymous,
    #[error("the caller holds none of the roles")]
    Role,
    #[error("the caller lacks a scope")]
    Scope,
    /// Answered with a challenge (RFC 9470).
    #[error("the authentication is too weak or too old")]
    Assurance,
}

/// The first reason, in the order in which the gateway asks.
pub fn denied(plan: &Plan, subject: &Subject) -> Option<Denied> {
    let roles = roles(plan);
    if plan.deny {
        Some(Denied::Everyone)
    } else if subject.kind == SubjectKind::Anonymous && plan.class != Class::Public {
        Some(Denied::Anonymous)
    } else if !roles.is_empty() && !roles.iter().any(|role| subject.roles.contains(role)) {
        Some(Denied::Role)
    } else if !plan.scopes.iter().all(|scope| subject.scopes.contains(scope)) {
        Some(Denied::Scope)
    } else if plan.assurance.as_ref().is_some_and(|assurance| !suffices(assurance, subject)) {
        Some(Denied::Assurance)
    } else {
        None
    }
}

/// A class above that of users is somebody's: where no roles are named, those who hold the role of its name.
pub fn roles(plan: &Plan) -> Vec<Arc<str>> {
    let named = match plan.class {
        Class::Public | Class::User => return plan.roles.clone(),
        Class::Support => "support",
        Class::Internal => "internal",
        Class::Admin => "admin",
    };
    if plan.roles.is_empty() { vec![named.into()] } else { plan.roles.clone() }
}

/// RFC 9470: an authentication context among those that are asked for, and recent enough. What a token does not say
/// does not suffice.
pub fn suffices(assurance: &Assurance, subject: &Subject) -> bool {
    let strong = assurance.acr.is_empty() || assurance.acr.contains(&subject.acr);
    let recent = |age_s: u64| assurance.max_age.is_none_or(|max| age_s <= max.as_secs());
    strong && (assurance.max_age.is_none() || subject.auth_age_s.is_some_and(recent))
}
