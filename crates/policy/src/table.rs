//! A table of expected decisions: principal, operation, object and circumstances, and whether it is allowed, by what.
//!
//! ```yaml
//! version: 1
//! cases:
//!   - name: an owner reads
//!     principal: { type: user, subject: ann, tenant: acme, roles: [clerk], scopes: [orders], acr: gold, auth_age_s: 30 }
//!     operation: getOrder
//!     object: { type: Order, id: "7", tenant: acme, owner: ann, attributes: { status: open } }
//!     context: { method: GET, now_s: 1795316400, address: 192.0.2.7, written: [status] }
//!     expect: allow
//!     by: owner
//! ```

mod read;

use std::net::IpAddr;
use std::sync::Arc;

use model::Place;

use crate::compile::Authorization;
use crate::decide::{Circumstances, Decider, Query, Subject, SubjectKind, Target};
use crate::explain::Explanation;
use crate::facts::Facts;
use crate::function::{self, Denied};

pub use read::read;

/// Cases of one table.
pub const CASES_MAX: usize = 10_000;

#[derive(Debug)]
pub struct Table {
    /// `None`: the only API that has authorization.
    pub api: Option<Arc<str>>,
    pub cases: Vec<Case>,
}

#[derive(Debug)]
pub struct Case {
    /// Of the case; findings about its outcome stand there.
    pub place: Place,
    pub name: Arc<str>,
    pub subject: Subject,
    pub operation: Arc<str>,
    pub object: Option<(Arc<str>, Arc<str>, Facts)>,
    /// `None`: the operation's.
    pub method: Option<Arc<str>>,
    pub now_unix_s: u64,
    pub address: IpAddr,
    pub written: Vec<Arc<str>>,
    pub allowed: bool,
    /// A policy that must be among those that decided.
    pub by: Option<Arc<str>>,
}

/// What became of a case.
#[derive(Debug)]
pub struct Outcome {
    pub met: bool,
    pub allowed: bool,
    /// Before any object: class, roles, scopes, assurance. Policies were not asked then.
    pub denied: Option<Denied>,
    /// `None`: the operation is not bound.
    pub explanation: Option<Explanation>,
}

impl Case {
    /// Decides it as the gateway would: the operation first, then the object, or the operation as such.
    pub fn run(&self, authorization: &Authorization) -> Outcome {
        self.run_by(authorization, &*authorization.decider)
    }

    /// By other policies than those that serve.
    pub fn run_by(&self, authorization: &Authorization, decider: &dyn Decider) -> Outcome {
        let Some(plan) = authorization.plan(&self.operation) else {
            return Outcome {
                met: !self.allowed && self.by.is_none(),
                allowed: false,
                denied: None,
                explanation: None,
            };
        };
        let subject = self.confined(authorization);
        let denied = function::denied(plan, &subject);
        let target = match &self.object {
            None => Target::Api,
            Some((kind, id, facts)) => Target::Object { kind, id, facts },
        };
        let explanation = decider.explain(&Query {
            subject: &subject,
            operation: &self.operation,
            target,
            circumstances: Circumstances {
                method: self.method.as_deref().unwrap_or(&plan.operation.method),
                now_unix_s: self.now_unix_s,
                address: self.address,
                written: &self.written,
            },
        });
        let allowed = denied.is_none() && explanation.decision.allowed;
        let by = self.by.as_ref().is_none_or(|id| explanation.decision.policies.contains(id));
        Outcome { met: allowed == self.allowed && by, allowed, denied, explanation: Some(explanation) }
    }

    /// A case that names no issuer means a user of those whose subjects own things.
    fn confined(&self, authorization: &Authorization) -> Subject {
        let principals = &authorization.bindings.principals;
        let mut subject = self.subject.clone();
        if subject.issuer.is_empty() && subject.kind != SubjectKind::Client {
            subject.issuer = principals.issuers.first().cloned().unwrap_or_default();
        }
        principals.confine(&mut subject);
        subject
    }
}

impl Outcome {
    /// For people: the verdict and its reasons, a line each.
    pub fn lines(&self) -> Vec<String> {
        match (&self.denied, &self.explanation) {
            (Some(denied), _) => vec![format!("refused: {denied}")],
            (None, Some(explanation)) => explanation.lines(),
            (None, None) => vec!["refused: the operation is not bound".to_owned()],
        }
    }
}

impl Outcome {
    /// The verdict and what would have changed it, without the policies.
    pub fn summary(&self) -> Vec<String> {
        match (&self.denied, &self.explanation) {
            (None, Some(explanation)) => explanation.summary(),
            _ => self.lines(),
        }
    }

    /// What became of each policy, and where it stands.
    pub fn policies(&self) -> Vec<(Place, String)> {
        let explained = self.explanation.iter().filter(|_| self.denied.is_none());
        let considered = explained.flat_map(|explained| &explained.considered);
        considered.map(|considered| (considered.place.clone(), considered.outcome.to_string())).collect()
    }
}

#[cfg(test)]
mod tests;
