//! Takes items out of lists that the caller may not see, and makes counts and cursors say nothing of them.

mod filled;
mod pages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal};
use policy::bindings::{From, List, Resource};
use policy::decide::{Query, Subject, Target};
use policy::plan::Plan;
use policy::{Authorization, Origin, shown};

use super::subject::is_outdated;
use super::writes::Reader;
use super::{answer, circumstances, unheard};
use crate::check::{About, Authorized, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::evidence::Service;
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::shared::Shared;
use pages::{Before, Pages};

/// Items of one list whose ids are graded.
const GRADED_MAX: usize = 500;

pub struct ListedItems {
    authorization: Arc<Authorization>,
    plan: Arc<Plan>,
    list: List,
    resource: Resource,
    /// The operation lists the principal's own objects and nobody else's, as the bindings say.
    is_of_own: bool,
    /// Where policies ask what is written.
    reader: Option<Reader>,
    /// Where pages are filled up with the caller's own items, and who is asked for them.
    pages: Option<(Pages, Arc<Service>)>,
    api: Arc<str>,
    shared: Arc<Shared>,
}

impl Build for ListedItems {
    const ABOUT: About = About {
        name: "listed_items",
        phase: Phase::Authorize,
        owasp: &[Owasp::Api1],
        summary: "Takes items out of lists that the caller may not see.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(Authorized { authorization, operation, plan }) = preparation.authorized() else {
            return Ok(None);
        };
        let Some(list) = &plan.list else { return Ok(None) };
        let Some(resource) = authorization.bindings.resources.get(&list.kind) else {
            return Err(format!("there is no type `{}`", list.kind));
        };
        let pages = list.overfetch.as_ref().filter(|_| list.filter).map(Pages::new).transpose()?;
        let is_of_own = resource.is_listed_as_own_by(&operation.id);
        Ok(Some(Self {
            authorization: Arc::clone(authorization),
            plan: Arc::clone(plan),
            list: list.clone(),
            resource: resource.clone(),
            is_of_own,
            reader: authorization
                .decider
                .asks_what_is_written(&operation.id)
                .then(|| Reader::new(plan, &*authorization.decider)),
            pages: pages.zip(preparation.service.cloned()),
            api: Arc::clone(&preparation.api.name),
            shared: Arc::clone(preparation.shared),
        }))
    }
}

impl Check for ListedItems {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        if let Err(refusal) = self.written(exchange) {
            return Step::Refuse(refusal);
        }
        let Some((pages, _)) = &self.pages else { return Step::pass() };
        let query = pages.query(exchange.route.query.as_deref(), Before { items: 0, pages: 0 });
        Step::Continue(query.map(|query| Edit::SetQuery(Some(query))).into_iter().collect())
    }

    fn request_body(&self) -> Option<BodyNeed> {
        self.reader.is_some().then_some(BodyNeed::Whole)
    }

    fn response_body(&self) -> BodyNeed {
        BodyNeed::Whole
    }

    fn on_response_body(&self, exchange: &Exchange, answers: &Answers) -> Step {
        let (tape, subject) = match answer::shown(exchange) {
            Ok(shown) => shown,
            Err(step) => return step,
        };
        if is_outdated(&self.shared, exchange) {
            return Step::Refuse(Box::new(Refusal::new(Code::EvidenceUnavailable).retry_after_s(1)));
        }
        if answers.is_empty() {
            self.shared.standing.observe(&self.api, &self.list.kind, || self.ids(tape.root()));
        }
        let written = match self.written(exchange) {
            Ok(written) => written,
            Err(refusal) => return Step::Refuse(refusal),
        };
        if let Some((pages, service)) = &self.pages {
            let written = written.as_slice();
            let filling = filled::Filling { check: self, pages, service, exchange, subject, written };
            return filling.step(answers, tape);
        }
        let mut fault = None;
        let mut is_foreign = false;
        let mut keeps = |item: tape::Node<'_>| match self.may_see(item, subject, exchange, &written) {
            Ok(allowed) => {
                is_foreign |= !allowed;
                allowed
            }
            Err(what) => {
                fault = Some(what);
                false
            }
        };
        let cuts = match shown::list(tape.root(), &self.list, &mut keeps) {
            Ok(cuts) => cuts,
            Err(misshapen) => return answer::unfilterable(&format!("{}: {misshapen}", self.list.kind)),
        };
        if let Some(fault) = fault {
            return Step::Fail(fault);
        }
        if is_foreign && !self.list.filter {
            return answer::unfilterable("the list holds items that are not the caller's");
        }
        if cuts.is_empty() {
            return Step::pass();
        }
        let report = Edit::Report(format!("{}: taken out: {}", self.list.kind, cuts.taken));
        Step::Continue(vec![Edit::SpliceResponse(cuts.into_ranges()), report])
    }
}

impl ListedItems {
    /// Names of what the request writes, where the policies ask for them.
    fn written(&self, exchange: &Exchange) -> Result<Vec<Arc<str>>, Box<Refusal>> {
        self.reader.as_ref().map_or_else(|| Ok(Vec::new()), |reader| reader.written(exchange))
    }

    /// Of the items as the service lists them.
    fn ids(&self, root: tape::Node<'_>) -> Vec<Arc<str>> {
        let items = shown::objects(root, &self.list.items).unwrap_or_default();
        items.into_iter().take(GRADED_MAX).filter_map(|item| self.resource.id_in(item)).collect()
    }

    /// An item of which it cannot be told whose it is, is nobody's to see.
    ///
    /// # Errors
    /// What went wrong in deciding.
    fn may_see(
        &self,
        item: tape::Node<'_>,
        subject: &Subject,
        exchange: &Exchange,
        written: &[Arc<str>],
    ) -> Result<bool, String> {
        let mut facts = self.resource.facts_in(item, subject, Origin::Response);
        if self.is_of_own && !matches!(self.resource.owner, From::Property(_)) {
            facts.merge(&self.resource.facts_of_own(subject, Origin::Producer));
        }
        if facts.tenant().is_none_or(|tenant| tenant.is_empty()) || facts.disputed {
            return Ok(false);
        }
        let id = self.resource.id_in(item).unwrap_or_default();
        let decision = self.authorization.decider.decide(&Query {
            subject,
            operation: &self.plan.operation.id,
            target: Target::Object { kind: &self.resource.name, id: &id, facts: &facts },
            circumstances: circumstances(exchange, written),
        });
        let is_heard =
            || unheard(&self.authorization, &self.plan.operation.id, &self.resource, &facts).is_none();
        match decision.faults.into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(decision.allowed && is_heard()),
        }
    }
}
