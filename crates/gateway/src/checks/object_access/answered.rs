//! The answer held against what was decided: by its status, and by the objects that it shows.

use std::sync::Arc;

use model::{AuthorizationTrace, Judgement};
use policy::bindings::{Action, From, Resource};
use policy::decide::Subject;
use policy::plan::Source;
use policy::{Facts, Known, OWNER, Origin};
use tape::Node;

use super::super::answer;
use super::super::subject::{identity_of, key_of_self};
use super::gather::{Gathered, Gathering};
use super::ids::{self, Named};
use super::located::located;
use super::{ObjectAccess, Standpoint, judge, not_found, refuse, unavailable};
use crate::check::{Edit, Step};
use crate::evidence::{Relation, relations};
use crate::exchange::Exchange;
use crate::learned::Owner;
use crate::question::Answers;

/// Whether the answer decides, or would where the check is watched.
fn is_awaited(exchange: &Exchange) -> bool {
    let decided = exchange.authorization.as_ref().map(|decided| decided.decision);
    exchange.awaits_answer || decided == Some(Judgement::Awaiting)
}

pub(super) fn head(check: &ObjectAccess, exchange: &Exchange) -> Step {
    let Some(response) = &exchange.response else { return Step::pass() };
    if !check.plan.safe {
        changed(check, exchange);
    }
    if let Some(subject) = &exchange.subject
        && let Some((kind, id)) = located(&check.service, &check.plan, exchange)
    {
        remember(check, subject, &kind, &id, &Facts::default());
    }
    if check.plan.objects.is_empty() {
        return Step::pass();
    }
    let status = response.status.as_u16();
    if (is_awaited(exchange) || exchange.answer_decides()) && response.status.is_informational() {
        return not_found(Judgement::Denied, "a tunnel shows nobody whose it is");
    }
    // Where the answer decides, what is missing is read as long as what is somebody else's.
    if !is_awaited(exchange) && matches!(status, 404 | 410) {
        return not_found(Judgement::Absent, "the service says that there is no such object");
    }
    Step::pass()
}

/// What the caller's own lists said before counts no more, and what is gone is nobody's.
fn changed(check: &ObjectAccess, exchange: &Exchange) {
    let identity = exchange.caller.as_ref().and_then(identity_of);
    if let Some(own) = check.key_of_own(identity) {
        check.shared.evidence.changed(own);
    }
    if let Some(myself) = key_of_self(&check.shared, &check.service, identity).filter(|_| check.plan.renames)
    {
        check.shared.evidence.changed(myself);
    }
    for known in &exchange.objects {
        let key = check.key(&known.resource, &known.id);
        check.shared.evidence.changed(key);
        if check.plan.action == Action::Delete {
            check.shared.learned.forget(key);
        }
    }
    if check.plan.renames && exchange.response.as_ref().is_some_and(|response| response.status.is_success()) {
        renamed(check, exchange);
    }
}

/// Whoever takes an old id has another object, whoever takes an old name of a user is another one, and what was known by
/// the new id was of another.
fn renamed(check: &ObjectAccess, exchange: &Exchange) {
    let Some(takes) = &check.plan.takes else { return };
    let Some(resource) = check.service.authorization.bindings.resources.get(&takes.kind) else { return };
    let named = exchange.objects.iter().filter(|known| known.resource == takes.kind);
    let old: Vec<_> = named.map(|known| Arc::clone(&known.id)).collect();
    if resource.is_its_own_owner()
        && let Some(subject) = &exchange.subject
    {
        for name in old.iter().chain([&subject.subject]) {
            check.shared.learned.forget_owner(&Owner {
                space: check.service.authorization.bindings.principals.space(subject),
                subject: Arc::clone(name),
                tenant: Arc::clone(&subject.tenant),
            });
        }
    }
    old.iter().chain(&wrote(check, exchange, resource)).for_each(|id| forget(check, &takes.kind, id));
}

fn forget(check: &ObjectAccess, kind: &str, id: &str) {
    let key = check.key(kind, id);
    check.shared.learned.forget(key);
    check.shared.evidence.changed(key);
}

/// Ids of objects of a type that the request writes.
fn wrote(check: &ObjectAccess, exchange: &Exchange, resource: &Resource) -> Vec<Arc<str>> {
    let takes = check.plan.takes.as_ref().filter(|takes| takes.kind == resource.name);
    let Some((takes, body)) = takes.zip(exchange.body.as_ref()) else { return Vec::new() };
    let Ok(tape) = body.json() else { return Vec::new() };
    let declared = policy::Declared::new(Some(&check.plan.operation), &[]);
    let written = policy::shown::written_objects(tape.root(), &takes.at, &declared).unwrap_or_default();
    written.into_iter().filter_map(|object| resource.id_in(object)).collect()
}

pub(super) fn body(check: &ObjectAccess, exchange: &Exchange, answers: &Answers) -> Step {
    let failed = exchange.response.as_ref().is_some_and(|response| !response.status.is_success());
    if is_awaited(exchange) && failed {
        return not_found(Judgement::Absent, "the answer was to tell whose it is, and shows no object");
    }
    let read = answer::read(exchange);
    let root = match &read {
        Ok(Some(tape)) => Some(tape.root()),
        Ok(None) | Err(_) if is_awaited(exchange) => {
            let why = "the answer was to tell whose it is, and cannot be read";
            return not_found(Judgement::Absent, why);
        }
        _ if exchange.answer_decides() => None,
        Ok(None) => return Step::pass(),
        Err(_) if exchange.objects.is_empty() => return Step::pass(),
        Err(_) => return read.err().unwrap_or_else(Step::pass),
    };
    let (Some(subject), Some(caller)) = (&exchange.subject, &exchange.caller) else {
        return Step::Fail("it is not known who calls".to_owned());
    };
    if let Some(root) = root.filter(|_| check.plan.action == Action::Create) {
        learn(check, exchange, root);
    }
    let Ok(named) = ids::named(&check.plan.objects, exchange) else {
        // The body has been changed by what is preset; its ids were read before.
        return Step::Fail("the ids of the request cannot be read again".to_owned());
    };
    let Ok(written) = check.written(exchange) else {
        return Step::Fail("what the request writes cannot be read again".to_owned());
    };
    let at = Standpoint { check, exchange, subject, identity: identity_of(caller), written };
    let mut trace = AuthorizationTrace::new(Judgement::Allowed);
    let mut gathering = Gathering::new(&at, answers);
    let mut known = Vec::with_capacity(named.len());
    for one in &named {
        let before = exchange
            .objects
            .iter()
            .find(|known| known.resource == one.bound.resource.name && known.id == one.id);
        let mut facts = before.map(|known| known.facts.clone()).unwrap_or_default();
        let shown = root.map_or(Shown::Nothing, |root| shown(&at, one, root));
        if let Shown::Object(node) = &shown
            && let Some(id) = one.bound.resource.id_in(*node)
            && check.plan.renames
            && !failed
            && id != one.id
        {
            forget(check, &one.bound.resource.name, &id);
        }
        let answer = Answer { at: &at, one, shown };
        let judged = if facts.unconfirmed && !matches!(answer.shown, Shown::Another) {
            answer.confirmed(&mut facts, &mut gathering, &mut trace)
        } else {
            answer.held_against(&mut facts, &mut gathering, &mut trace)
        };
        let Some(judged) = judged else { continue };
        judge::tell(&mut trace, one, judged, &facts);
        trace.decision = judge::worse(trace.decision, judged);
        known.push(Known { resource: Arc::clone(&one.bound.resource.name), id: Arc::clone(&one.id), facts });
    }
    let wanted = gathering.take_wanted();
    if !wanted.is_empty() {
        return Step::Ask(wanted);
    }
    gathering.tell(&mut trace);
    match trace.decision {
        Judgement::Allowed if read.is_err() => read.err().unwrap_or_else(Step::pass),
        Judgement::Allowed if named.is_empty() => Step::pass(),
        Judgement::Allowed => Step::Continue(vec![Edit::Objects(known), Edit::Decided(Box::new(trace))]),
        Judgement::Unknown => unavailable(trace),
        _ => refuse(trace),
    }
}

/// What the answer shows of one object that the request named.
struct Answer<'a, 't> {
    at: &'a Standpoint<'a>,
    one: &'a Named<'a>,
    shown: Shown<'t>,
}

impl Answer<'_, '_> {
    /// The judgement by what the answer shows, after what was known before; `None` where something has been asked.
    fn held_against(
        &self,
        facts: &mut Facts,
        gathering: &mut Gathering<'_>,
        trace: &mut AuthorizationTrace,
    ) -> Option<Judgement> {
        let (at, one) = (self.at, self.one);
        Some(match &self.shown {
            Shown::Object(node) => {
                match facts_of(gathering, one, *node, at) {
                    Ok(said) => facts.merge(&said),
                    Err(Gathered::Pending) => return None,
                    Err(_) => facts.disputed = true,
                }
                belongs(one, facts).unwrap_or_else(|| judge::known(at, one, facts, trace))
            }
            // Where nothing of the kind is shown, there is nothing to be held against what was decided.
            Shown::Nothing if !is_awaited(at.exchange) || !may_await(one) => Judgement::Allowed,
            Shown::Nothing => {
                trace.faults.push("the answer shows no object of the kind".to_owned());
                Judgement::Denied
            }
            Shown::Another => {
                trace.faults.push("the answer shows another object than was asked for".to_owned());
                Judgement::Denied
            }
        })
    }

    /// The judgement where what was learned stood for what others would have said: the answer says it, or they are asked.
    fn confirmed(
        &self,
        facts: &mut Facts,
        gathering: &mut Gathering<'_>,
        trace: &mut AuthorizationTrace,
    ) -> Option<Judgement> {
        let (at, one) = (self.at, self.one);
        let resource = &one.bound.resource;
        let said = match &self.shown {
            Shown::Object(node) => resource.facts_in(*node, at.subject, Origin::Response),
            Shown::Nothing | Shown::Another => Facts::default(),
        };
        let says_tenant = said.tenant().is_some() || !matches!(resource.tenant, From::Property(_));
        if said.owner().is_some() && says_tenant {
            facts.unconfirmed = false;
            return self.held_against(facts, gathering, trace);
        }
        match gathering.object(one.bound, &one.id, one.parent.as_deref()) {
            Gathered::Pending => None,
            Gathered::Known(mut told) => {
                told.merge(&said);
                *facts = told;
                Some(judge::known(at, one, facts, trace))
            }
            Gathered::Awaiting(_) => {
                trace.faults.push("the answer was to tell whose it is, and does not".to_owned());
                Some(Judgement::Absent)
            }
            other => {
                let (judged, told) = judge::gathered(at, one, other, trace);
                *facts = told;
                Some(judged)
            }
        }
    }
}

fn facts_of(
    gathering: &mut Gathering<'_>,
    named: &Named<'_>,
    node: Node<'_>,
    at: &Standpoint<'_>,
) -> Result<Facts, Gathered> {
    let resource = &named.bound.resource;
    let mut facts = resource.facts_in(node, at.subject, Origin::Response);
    if resource.is_its_own_owner() && resource.id_in(node).is_some_and(|id| id != named.id) {
        // Its new name says nothing of whose it was.
        facts.forget(OWNER);
    }
    if !is_awaited(at.exchange) {
        return Ok(facts);
    }
    for Relation { fact, kind, id } in relations(node, resource) {
        match gathering.related(&kind, &id, 0) {
            Gathered::Known(others) => facts.take_related(fact, &others),
            other => return Err(other),
        }
    }
    Ok(facts)
}

/// The judgement on a child of another parent.
fn belongs(named: &Named<'_>, facts: &Facts) -> Option<Judgement> {
    let parent = named.parent.as_deref()?;
    (facts.get(policy::PARENT).map(|known| &**known) != Some(parent)).then_some(Judgement::Absent)
}

/// Whether the answer may have been waited for to know about this object; of the others everything was known before.
fn may_await(named: &Named<'_>) -> bool {
    named.bound.sources.iter().any(|source| matches!(source, Source::Response))
}

enum Shown<'t> {
    Object(Node<'t>),
    Another,
    Nothing,
}

/// The object as the answer shows it. The operation's own binding says where; without one, the answer is the object.
fn shown<'t>(at: &Standpoint<'_>, named: &Named<'_>, root: Node<'t>) -> Shown<'t> {
    let resource = &named.bound.resource;
    let mut nodes = Vec::new();
    for shows in at.check.plan.shows.iter().filter(|shows| shows.kind == resource.name) {
        match policy::shown::objects(root, &shows.at) {
            Ok(found) => nodes.extend(found),
            Err(_) => return Shown::Another,
        }
    }
    if !at.check.plan.shows.iter().any(|shows| shows.kind == resource.name) {
        if !is_awaited(at.exchange) || !may_await(named) {
            return Shown::Nothing;
        }
        nodes.push(root);
    }
    if nodes.is_empty() {
        return Shown::Nothing;
    }
    let same = |node: &&Node<'t>| resource.id_in(**node).is_some_and(|id| id == named.id);
    match (nodes.iter().find(same), nodes.as_slice()) {
        (Some(node), _) => Shown::Object(*node),
        (None, [node]) if was_renamed(at, named, *node) => Shown::Object(*node),
        _ => Shown::Another,
    }
}

/// A write may change the id by which the object was named: to the one that was written, or where ids follow from what is
/// written, to one under which the answer still says whose the object is.
fn was_renamed(at: &Standpoint<'_>, named: &Named<'_>, node: Node<'_>) -> bool {
    let resource = &named.bound.resource;
    let takes = at.check.plan.takes.as_ref().filter(|takes| takes.kind == resource.name);
    let Some(id) = resource.id_in(node).filter(|_| takes.is_some() && !at.check.plan.safe) else {
        return false;
    };
    let says_whose = || resource.facts_in(node, at.subject, Origin::Response).owner().is_some();
    let follows = at.check.plan.renames && !resource.is_its_own_owner();
    wrote(at.check, at.exchange, resource).as_slice() == [id]
        || (follows && matches!(resource.owner, From::Property(_)) && says_whose())
}

/// What was made is the maker's.
fn learn(check: &ObjectAccess, exchange: &Exchange, root: Node<'_>) {
    let (Some(subject), Some(response)) = (&exchange.subject, &exchange.response) else { return };
    if !response.status.is_success() {
        return;
    }
    for shows in &check.plan.shows {
        let Some(resource) = check.service.authorization.bindings.resources.get(&shows.kind) else {
            continue;
        };
        // The type that is made; what else the answer shows was there before.
        let is_made = check.plan.takes.as_ref().is_none_or(|takes| takes.kind == shows.kind);
        for node in policy::shown::objects(root, &shows.at).unwrap_or_default() {
            if let Some(id) = resource.id_in(node).filter(|_| is_made)
                && !ids::was_there(&check.plan.objects, exchange, &shows.kind, &id)
            {
                // An operator may make what will be another's.
                let shown = resource.facts_in(node, subject, Origin::Response);
                remember(check, subject, &shows.kind, &id, &shown);
            }
        }
    }
}

/// As far as the maker has a name, and the answer does not say that it is nobody's.
fn remember(check: &ObjectAccess, subject: &Subject, kind: &str, id: &str, shown: &Facts) {
    let owner = Owner {
        space: check.service.authorization.bindings.principals.space(subject),
        subject: Arc::clone(shown.owner().unwrap_or(&subject.subject)),
        tenant: Arc::clone(shown.tenant().unwrap_or(&subject.tenant)),
    };
    let is_named = |text: &Arc<str>| !text.is_empty();
    if [&subject.subject, &subject.tenant, &owner.subject, &owner.tenant].into_iter().all(is_named) {
        let key = check.key(kind, id);
        check.shared.learned.learn(key, owner);
        check.shared.evidence.changed(key);
    }
}
