//! Asks the sources of an object, cheapest first, until everything is known that the policies will ask.
//!
//! The check is stepped again with every answer, so this begins anew each time and finds what was answered already.

mod sources;

use std::collections::BTreeSet;
use std::sync::Arc;

use http::HeaderValue;
use model::{AuthorizationTrace, EvidenceTrace};
use policy::bindings::{IdPlace, Resource};
use policy::plan::{Bound, Source};
use policy::{Facts, OWNER, Origin, PARENT, TENANT};

use super::{Standpoint, ids};
use crate::evidence::{Relation, What};
use crate::objects::ObjectName;
use crate::question::{Answers, Question};

/// From an object to another that knows its owner, and from there once more.
const HOPS_MAX: usize = 2;

/// What became known of an object.
pub(super) enum Gathered {
    Known(Facts),
    /// It is not there, or not under this parent.
    Absent(Facts),
    /// Its answer will tell.
    Awaiting(Facts),
    Failed(Facts, &'static str),
    /// Something has been asked.
    Pending,
}

pub(super) struct Gathering<'a> {
    at: &'a Standpoint<'a>,
    answers: &'a Answers,
    asks_for: &'a BTreeSet<Arc<str>>,
    is_cheap: bool,
    wanted: Vec<Question>,
    evidence: Vec<EvidenceTrace>,
    etag: Option<HeaderValue>,
}

/// An object on the way.
#[derive(Clone, Copy)]
struct Sought<'b> {
    resource: &'b Arc<Resource>,
    id: &'b Arc<str>,
    sources: &'b [Source],
    /// Where the parent's id stands, and which it is.
    parent: Option<(&'b IdPlace, &'b str)>,
    hops: usize,
    /// The request names it as the caller's own.
    is_caller: bool,
}

impl Sought<'_> {
    fn name(&self) -> ObjectName<'_> {
        ObjectName { kind: &self.resource.name, id: self.id }
    }
}

/// What one source came to.
enum Said {
    Facts(Facts),
    Nothing,
    Absent,
    Awaits,
    Failed(&'static str),
    Pending,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(at: &'a Standpoint<'a>, answers: &'a Answers) -> Self {
        let check = at.check;
        let asks_for = check.service.authorization.decider.asks_for(&check.plan.operation.id);
        let (wanted, evidence) = (Vec::new(), Vec::new());
        Self { at, answers, asks_for, is_cheap: false, wanted, evidence, etag: None }
    }

    /// Only what costs nothing.
    pub(super) fn cheap(self) -> Self {
        Self { is_cheap: true, ..self }
    }

    pub(super) fn take_wanted(&mut self) -> Vec<Question> {
        std::mem::take(&mut self.wanted)
    }

    pub(super) fn take_etag(&mut self) -> Option<HeaderValue> {
        self.etag.take()
    }

    /// What was asked, for the record.
    pub(super) fn tell(&mut self, trace: &mut AuthorizationTrace) {
        trace.upstream_calls += self.evidence.iter().map(|one| one.calls).sum::<u32>();
        trace.evidence.append(&mut self.evidence);
    }

    pub(super) fn object(&mut self, bound: &Bound, id: &Arc<str>, parent: Option<&str>) -> Gathered {
        let parent = bound.parent.as_ref().map(|bound| &bound.id).zip(parent);
        self.sought(Sought {
            resource: &bound.resource,
            id,
            sources: &bound.sources,
            parent,
            hops: 0,
            is_caller: bound.id == IdPlace::Principal,
        })
    }

    /// Whether everything is known that the policies will ask.
    pub(super) fn suffices(&self, bound: &Bound, facts: &Facts) -> bool {
        self.is_enough(&bound.resource, bound.parent.is_some(), facts, 0)
    }

    fn is_enough(&self, resource: &Resource, has_parent: bool, facts: &Facts, hops: usize) -> bool {
        let asks = |name: &str| hops > 0 || self.asks_for.contains(name);
        let owner_is_open =
            asks(OWNER) && resource.owner != policy::bindings::From::None && facts.owner().is_none();
        let is_open =
            |name: &Arc<str>| hops == 0 && self.asks_for.contains(name) && facts.get(name).is_none();
        let parent_is_open = has_parent && facts.get(PARENT).is_none();
        let etag_is_open = hops == 0 && self.at.check.plan.if_match && self.etag.is_none() && !self.is_cheap;
        !(facts.tenant().is_none()
            || owner_is_open
            || parent_is_open
            || etag_is_open
            || resource.attributes.keys().any(is_open))
    }

    fn sought(&mut self, sought: Sought<'_>) -> Gathered {
        let Sought { resource, sources, parent, hops, .. } = sought;
        let mut facts = Facts::default();
        let declared = if sought.is_caller || resource.is_caller(self.at.subject, sought.id) {
            resource.facts_of_own(self.at.subject, Origin::Principal)
        } else {
            resource.facts_by_declaration(self.at.subject)
        };
        for fact in declared.iter().filter(|fact| !fact.value.is_empty()) {
            facts.set(Arc::clone(&fact.name), Arc::clone(&fact.value), fact.origin);
        }
        let (mut failed, mut awaits) = (None, false);
        for source in sources {
            // A decision point is not there to fill gaps alone: it is always heard.
            let decides = matches!(source, Source::External);
            if !decides && self.is_enough(resource, parent.is_some(), &facts, hops) {
                continue;
            }
            match self.source(source, &sought, &facts) {
                Said::Facts(said) => facts.merge(&said),
                Said::Nothing => {}
                Said::Absent => return Gathered::Absent(facts),
                Said::Awaits => awaits = true,
                Said::Failed(words) if decides => return Gathered::Failed(facts, words),
                Said::Failed(words) => failed = failed.or(Some(words)),
                Said::Pending => return Gathered::Pending,
            }
        }
        if let Some((_, id)) = parent
            && facts.get(PARENT).is_some_and(|known| **known != *id)
        {
            return Gathered::Absent(facts);
        }
        let is_enough = self.is_enough(resource, parent.is_some(), &facts, hops);
        match failed {
            _ if is_enough => Gathered::Known(facts),
            _ if awaits => Gathered::Awaiting(facts),
            Some(words) => Gathered::Failed(facts, words),
            // Nothing shows that it belongs to the parent.
            None if parent.is_some() && facts.get(PARENT).is_none() => Gathered::Absent(facts),
            None => Gathered::Known(facts),
        }
    }

    fn source(&mut self, source: &Source, sought: &Sought<'_>, facts: &Facts) -> Said {
        match source {
            Source::Claim(claim) => self.claim(claim, sought),
            Source::Sealed => self.sealed(sought),
            _ if self.is_cheap => Said::Nothing,
            Source::Learned => self.learned(sought),
            Source::Producer(producing) => {
                let what = What::Produce(Arc::clone(producing), Arc::clone(sought.resource));
                self.call(what, &producing.call, sought)
            }
            Source::List(listing) => {
                let what = What::List(Arc::clone(listing), Arc::clone(sought.resource));
                self.call(what, &listing.call, sought)
            }
            Source::Resolver(resolving) => {
                let what = What::Resolve(Arc::clone(resolving), Arc::clone(sought.resource));
                match self.call(what, &resolving.call, sought) {
                    // The object itself was asked for.
                    Said::Nothing => Said::Absent,
                    said => said,
                }
            }
            Source::Related(bound) => self.related_of_request(bound, sought),
            Source::Response if self.at.check.plan.safe && sought.hops == 0 => Said::Awaits,
            Source::Response => Said::Nothing,
            Source::External => self.external(sought, facts),
        }
    }

    /// Adds what other objects know of this one.
    fn relations(&mut self, mut facts: Facts, relations: &[Relation], hops: usize) -> Said {
        for relation in relations {
            match self.related(relation, hops) {
                Gathered::Known(others) => facts.take_related(relation.fact, &others),
                Gathered::Absent(_) | Gathered::Awaiting(_) => {}
                Gathered::Failed(_, words) => return Said::Failed(words),
                Gathered::Pending => return Said::Pending,
            }
        }
        Said::Facts(facts)
    }

    pub(super) fn related(&mut self, relation: &Relation, hops: usize) -> Gathered {
        if hops >= HOPS_MAX {
            return Gathered::Failed(Facts::default(), "the way to the owner leads over too many objects");
        }
        let authorization = Arc::clone(&self.at.check.service.authorization);
        let Some(typed) = authorization.typed(&relation.kind) else {
            return Gathered::Failed(Facts::default(), "nothing is known of the related type");
        };
        self.sought(Sought {
            resource: &typed.resource,
            id: &relation.id,
            sources: &typed.sources,
            parent: None,
            hops: hops + 1,
            is_caller: false,
        })
    }

    fn related_of_request(&mut self, bound: &Bound, sought: &Sought<'_>) -> Said {
        if sought.hops >= HOPS_MAX {
            return Said::Failed("the way to the owner leads over too many objects");
        }
        let named =
            ids::one(&bound.id, self.at.exchange).and_then(|id| ids::own(bound, id, self.at.exchange));
        let id = match named {
            Ok(id) => id,
            Err(fault) => return Said::Failed(fault.words()),
        };
        let gathered = self.sought(Sought {
            resource: &bound.resource,
            id: &id,
            sources: &bound.sources,
            parent: None,
            hops: sought.hops + 1,
            is_caller: bound.id == IdPlace::Principal,
        });
        match gathered {
            Gathered::Known(others) => {
                let mut facts = Facts::default();
                for name in [TENANT, OWNER] {
                    facts.take_related(name, &others);
                }
                Said::Facts(facts)
            }
            Gathered::Absent(_) => Said::Absent,
            Gathered::Awaiting(_) => Said::Nothing,
            Gathered::Failed(_, words) => Said::Failed(words),
            Gathered::Pending => Said::Pending,
        }
    }
}
