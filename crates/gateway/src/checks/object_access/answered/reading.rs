//! Judges the objects of a request by what its answer shows of them.

use std::sync::Arc;

use model::{AuthorizationTrace, Judgement};
use policy::bindings::From;
use policy::{Facts, Known, OWNER, Origin};
use tape::Node;

use super::super::gather::{Gathered, Gathering};
use super::super::ids::Named;
use super::super::{Standpoint, judge};
use super::shown::{Shown, may_await, shown};
use super::{is_awaited, kept};
use crate::evidence::relations;
use crate::objects::ObjectName;
use crate::question::{Answers, Question};

/// One answer, read for one request.
pub(super) struct Reading<'a> {
    at: &'a Standpoint<'a>,
    gathering: Gathering<'a>,
    trace: AuthorizationTrace,
}

impl<'a> Reading<'a> {
    pub(super) fn new(at: &'a Standpoint<'a>, answers: &'a Answers) -> Self {
        let trace = AuthorizationTrace::new(Judgement::Allowed);
        Self { at, gathering: Gathering::new(at, answers), trace }
    }

    /// What is known of the objects then, and the judgement on all of them; or what has to be asked first. Without a
    /// document nothing is shown.
    pub(super) fn judged(
        mut self,
        named: &[Named<'_>],
        document: Option<Node<'_>>,
    ) -> Result<(Vec<Known>, AuthorizationTrace), Vec<Question>> {
        let mut known = Vec::with_capacity(named.len());
        for one in named {
            let kind = &one.bound.resource.name;
            let before = self.at.exchange.objects.iter();
            let before = before.clone().find(|known| known.resource == *kind && known.id == one.id);
            let mut facts = before.map(|known| known.facts.clone()).unwrap_or_default();
            let shown = document.map_or(Shown::Nothing, |root| shown(self.at, one, root));
            self.forget_new_name(one, &shown);
            let Some(judged) = self.object(one, &shown, &mut facts) else { continue };
            judge::tell(&mut self.trace, one, judged, &facts);
            self.trace.decision = judge::worse(self.trace.decision, judged);
            known.push(Known { resource: Arc::clone(kind), id: Arc::clone(&one.id), facts });
        }
        let wanted = self.gathering.take_wanted();
        if !wanted.is_empty() {
            return Err(wanted);
        }
        self.gathering.tell(&mut self.trace);
        Ok((known, self.trace))
    }

    /// What was known by the name that the object has now was of another.
    fn forget_new_name(&self, named: &Named<'_>, shown: &Shown<'_>) {
        let resource = &named.bound.resource;
        let has_succeeded =
            self.at.exchange.response.as_ref().is_none_or(|response| response.status.is_success());
        if let Shown::Object(node) = shown
            && let Some(id) = resource.id_in(*node)
            && self.at.check.plan.renames
            && has_succeeded
            && id != named.id
        {
            kept::forget(self.at.check, ObjectName { kind: &resource.name, id: &id });
        }
    }

    /// The judgement on one object, of which `facts` are known; `None` where something has been asked.
    fn object(&mut self, named: &Named<'_>, shown: &Shown<'_>, facts: &mut Facts) -> Option<Judgement> {
        if facts.unconfirmed && !matches!(shown, Shown::Another) {
            self.confirmed(named, shown, facts)
        } else {
            self.held_against(named, shown, facts)
        }
    }

    /// By what the answer shows, after what was known before.
    fn held_against(&mut self, named: &Named<'_>, shown: &Shown<'_>, facts: &mut Facts) -> Option<Judgement> {
        let fault = match shown {
            Shown::Object(node) => {
                match self.facts_of(named, *node) {
                    Ok(said) => facts.merge(&said),
                    Err(Gathered::Pending) => return None,
                    Err(_) => facts.disputed = true,
                }
                return Some(if is_of_another_parent(named, facts) {
                    Judgement::Absent
                } else {
                    judge::known(self.at, named, facts, &mut self.trace)
                });
            }
            // Where nothing of the kind is shown, there is nothing to be held against what was decided.
            Shown::Nothing if !is_awaited(self.at.exchange) || !may_await(named) => {
                return Some(Judgement::Allowed);
            }
            Shown::Nothing => "the answer shows no object of the kind",
            Shown::Another => "the answer shows another object than was asked for",
        };
        self.trace.faults.push(fault.to_owned());
        Some(Judgement::Denied)
    }

    /// Where what was learned stood for what others would have said: the answer says it, or they are asked.
    fn confirmed(&mut self, named: &Named<'_>, shown: &Shown<'_>, facts: &mut Facts) -> Option<Judgement> {
        let (at, resource) = (self.at, &named.bound.resource);
        let said = match shown {
            Shown::Object(node) => resource.facts_in(*node, at.subject, Origin::Response),
            Shown::Nothing | Shown::Another => Facts::default(),
        };
        let says_tenant = said.tenant().is_some() || !matches!(resource.tenant, From::Property(_));
        if said.owner().is_some() && says_tenant {
            facts.unconfirmed = false;
            return self.held_against(named, shown, facts);
        }
        match self.gathering.object(named.bound, &named.id, named.parent.as_deref()) {
            Gathered::Pending => None,
            Gathered::Known(mut told) => {
                told.merge(&said);
                *facts = told;
                Some(judge::known(at, named, facts, &mut self.trace))
            }
            Gathered::Awaiting(_) => {
                self.trace.faults.push("the answer was to tell whose it is, and does not".to_owned());
                Some(Judgement::Absent)
            }
            other => {
                let (judged, told) = judge::gathered(at, named, other, &mut self.trace);
                *facts = told;
                Some(judged)
            }
        }
    }

    /// What the object itself says, with what others say of it where the answer decides.
    fn facts_of(&mut self, named: &Named<'_>, node: Node<'_>) -> Result<Facts, Gathered> {
        let (at, resource) = (self.at, &named.bound.resource);
        let mut facts = resource.facts_in(node, at.subject, Origin::Response);
        if resource.is_its_own_owner() && resource.id_in(node).is_some_and(|id| id != named.id) {
            // Its new name says nothing of whose it was.
            facts.forget(OWNER);
        }
        if !is_awaited(at.exchange) {
            return Ok(facts);
        }
        for relation in relations(node, resource) {
            match self.gathering.related(&relation, 0) {
                Gathered::Known(others) => facts.take_related(relation.fact, &others),
                other => return Err(other),
            }
        }
        Ok(facts)
    }
}

/// A child of another parent is none of the one that is named.
fn is_of_another_parent(named: &Named<'_>, facts: &Facts) -> bool {
    let said = facts.get(policy::PARENT).map(|said| &**said);
    named.parent.as_deref().is_some_and(|parent| said != Some(parent))
}
