//! What each source says of one object, and its line in the record.

use std::sync::Arc;

use http::Method;
use model::EvidenceTrace;
use policy::decide::{Query, SubjectKind, Target};
use policy::plan::{Call, Source};
use policy::{Facts, OWNER, Origin, PARENT, TENANT};
use serde_json::Value;

use super::super::super::circumstances;
use super::super::super::subject::{Outcome, look, word};
use super::super::ids;
use super::{Gathering, Said, Sought};
use crate::decision_point::Evaluation;
use crate::evidence::{Ask, Found, Says, What};
use crate::question::{Answer, Question};
use crate::settings::Importance;

impl Gathering<'_> {
    pub(super) fn claim(&mut self, name: &str, sought: &Sought<'_>) -> Said {
        let claims = self.at.exchange.caller.as_ref().map(|caller| &caller.claims);
        let is_own = claims.and_then(|claims| policy::claim(claims, name)).is_some_and(|value| match value {
            Value::String(text) => **text == **sought.id,
            Value::Number(number) if !number.is_f64() => number.to_string() == **sought.id,
            _ => false,
        });
        self.note("claim", None, if is_own { "found" } else { "absent" }, 0);
        if is_own { Said::Facts(self.own(Origin::Claim)) } else { Said::Nothing }
    }

    /// An id that was sealed for the caller's tenant was shown to that tenant. Operators are shown those of others.
    pub(super) fn sealed(&mut self, sought: &Sought<'_>) -> Said {
        let is_ours = self.at.subject.kind != SubjectKind::Operator
            && !self.at.subject.tenant.is_empty()
            && self
                .at
                .exchange
                .opened
                .iter()
                .any(|opened| opened.kind == sought.resource.name && opened.id == *sought.id);
        self.note("sealed", None, if is_ours { "found" } else { "absent" }, 0);
        if !is_ours {
            return Said::Nothing;
        }
        let mut facts = Facts::default();
        facts.set(TENANT, Arc::clone(&self.at.subject.tenant), Origin::Sealed);
        Said::Facts(facts)
    }

    fn own(&self, origin: Origin) -> Facts {
        let subject = self.at.subject;
        let mut facts = Facts::default();
        for (name, value) in [(TENANT, &subject.tenant), (OWNER, &subject.subject)] {
            if !value.is_empty() {
                facts.set(name, Arc::clone(value), origin);
            }
        }
        facts
    }

    /// A service may have given the id to somebody else without our seeing it: those who can be asked are asked, unless
    /// the answer is to confirm what was learned. If it does not, they are asked then.
    pub(super) fn learned(&mut self, sought: &Sought<'_>) -> Said {
        let plan = &self.at.check.plan;
        let is_only = sought.sources.iter().all(|source| matches!(source, Source::Learned));
        let says_whose = matches!(sought.resource.owner, policy::bindings::From::Property(_));
        let is_shown = plan.shows.iter().any(|shows| shows.kind == sought.resource.name);
        let is_answer_to_come =
            self.at.exchange.response.is_none() && self.at.exchange.head.method != Method::HEAD;
        let is_held_against = plan.safe && sought.hops == 0 && says_whose && is_shown && is_answer_to_come;
        if !is_only && !is_held_against {
            return Said::Nothing;
        }
        let key = self.at.check.key(sought.name());
        // What another issuer calls the same is somebody else.
        let space = self.at.check.service.authorization.bindings.principals.space(self.at.subject);
        let owner = self.at.check.shared.learned.owner(key, self.at.exchange.received_ns);
        let owner = owner.filter(|owner| owner.space == space);
        self.note("learned", None, if owner.is_some() { "found" } else { "absent" }, 0);
        let Some(owner) = owner else { return Said::Nothing };
        let mut facts = Facts::default();
        facts.unconfirmed = !is_only;
        facts.set(TENANT, owner.tenant, Origin::Learned);
        facts.set(OWNER, owner.subject, Origin::Learned);
        Said::Facts(facts)
    }

    /// A decision point that says no says that there is nothing for this caller.
    pub(super) fn external(&mut self, sought: &Sought<'_>, facts: &Facts) -> Said {
        let check = self.at.check;
        let Some(point) = &check.service.api.decision_point else {
            return Said::Failed("no external decision point is configured");
        };
        let query = Query {
            subject: self.at.subject,
            operation: &check.plan.operation.id,
            target: Target::Object { kind: &sought.resource.name, id: sought.id, facts },
            circumstances: circumstances(self.at.exchange, &self.at.written),
        };
        let body = policy::authzen::question(&check.service.api.name, &query);
        let timeout = check.service.api.authorization_limits.evidence_timeout;
        let evaluation = Evaluation { point: Arc::clone(point), body, timeout };
        let told = match self.answers.of(&evaluation.key()) {
            Some(Answer::Evaluated(told)) => Arc::clone(told),
            Some(_) => {
                self.note("external", None, "failed", 0);
                return Said::Failed("the external decision point gave no answer");
            }
            None => {
                self.wanted.push(Question::Evaluate(Box::new(evaluation)));
                return Said::Pending;
            }
        };
        self.note("external", None, if told.allowed { "found" } else { "absent" }, 0);
        if told.allowed { Said::Facts(told.facts.clone()) } else { Said::Absent }
    }

    pub(super) fn call(&mut self, what: What, call: &Call, sought: &Sought<'_>) -> Said {
        let mut parameters = Vec::with_capacity(call.parameters.len());
        for (parameter, from) in &call.parameters {
            match ids::one(from, self.at.exchange) {
                Ok(value) => parameters.push((parameter.clone(), value)),
                Err(fault) => return Said::Failed(fault.words()),
            }
        }
        let check = self.at.check;
        let ask = Ask {
            service: Arc::clone(&check.service),
            what,
            id: Arc::clone(sought.id),
            object: Some(check.key(sought.name())),
            whose: check.key_of_own(self.at.identity),
            parameters,
            subject: Arc::clone(self.at.subject),
            identity: self.at.identity,
            // What has an effect is decided on what holds now.
            fresh: (!check.plan.safe).then(|| Arc::clone(&self.at.exchange.request_id)),
            headers: None,
            importance: Importance::default(),
        };
        let found = match look(&check.shared, &ask, self.answers) {
            Outcome::Found(found) => found,
            Outcome::Ask => {
                self.wanted.push(Question::Evidence(Box::new(ask)));
                return Said::Pending;
            }
        };
        self.note(ask.what.word(), Some(&call.operation.id), word(&found), found.calls);
        // Being in the list of a parent is belonging to it.
        let of_parent = sought.parent.filter(|(place, _)| {
            !matches!(ask.what, What::Resolve(..)) && call.parameters.iter().any(|(_, from)| from == *place)
        });
        self.said(&found, sought, of_parent.map(|(_, id)| id))
    }

    fn said(&mut self, found: &Found, sought: &Sought<'_>, of_parent: Option<&str>) -> Said {
        match &found.says {
            Says::Object { facts, related, etag } => {
                if sought.hops == 0 && self.at.check.plan.if_match {
                    // A weak one compares as different whatever it is (RFC 9110 section 13.1.1).
                    self.etag = etag.clone().filter(|etag| !etag.as_bytes().starts_with(b"W/"));
                }
                let mut facts = Facts::clone(facts);
                if let Some(parent) = of_parent {
                    facts.set(PARENT, parent, Origin::List);
                }
                self.relations(facts, related, sought.hops)
            }
            Says::Absent => Said::Nothing,
            Says::Failed(words) => Said::Failed(words),
            Says::Holder(_) | Says::Page(_) => Said::Failed("the answer is to another question"),
        }
    }

    fn note(&mut self, source: &str, operation: Option<&Arc<str>>, outcome: &str, calls: u32) {
        let line = EvidenceTrace {
            source: source.to_owned(),
            operation: operation.map(ToString::to_string),
            outcome: outcome.to_owned(),
            calls,
        };
        self.evidence.push(line);
    }
}
