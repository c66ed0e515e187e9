//! Takes properties out of answers that the caller may not see, by the rules of each type and role.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Mode, Owasp, Phase};
use openapi::Operation;
use policy::bindings::{From, List, Representation};
use policy::decide::{Subject, SubjectKind};
use policy::properties::Rules;
use policy::shown::{Cuts, guards_of, objects};
use policy::{Authorization, OWNER, Origin};

use super::answer;
use crate::check::{About, Authorized, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct ShownProperties {
    authorization: Arc<Authorization>,
    shows: Vec<(Representation, Rules)>,
    /// The type of which the operation lists the principal's own objects and nobody else's, as the bindings say.
    own: Option<Arc<str>>,
}

impl Build for ShownProperties {
    const ABOUT: About = About {
        name: "shown_properties",
        phase: Phase::Authorize,
        owasp: &[Owasp::Api3],
        summary: "Takes properties out of answers that the caller may not see.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    /// Only for operations that show or list a type of which something is not for everybody.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(Authorized { authorization, operation, plan }) = preparation.authorized() else {
            return Ok(None);
        };
        let rules = |shown: &Representation| rules(authorization, operation, shown);
        let shows = plan.shows.iter().cloned().chain(plan.list.as_ref().map(listed));
        let shows = shows.map(|shown| {
            let rules = rules(&shown);
            (shown, rules)
        });
        let shows: Vec<_> = shows.filter(|(_, rules)| !rules.is_free()).collect();
        let is_own = |list: &&List| {
            let resource = authorization.bindings.resources.get(&list.kind);
            resource.is_some_and(|resource| resource.is_listed_as_own_by(&operation.id))
        };
        let own = plan.list.as_ref().filter(is_own).map(|list| Arc::clone(&list.kind));
        Ok((!shows.is_empty()).then(|| Self { authorization: Arc::clone(authorization), shows, own }))
    }
}

/// What a list shows: its items.
fn listed(list: &List) -> Representation {
    Representation { kind: Arc::clone(&list.kind), at: list.items.clone(), only: None }
}

fn rules(authorization: &Authorization, operation: &Operation, shown: &Representation) -> Rules {
    Rules::reading(authorization.bindings.properties.get(&shown.kind), guards_of(operation, &shown.at))
}

impl Check for ShownProperties {
    fn step(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::pass()
    }

    fn response_body(&self) -> BodyNeed {
        BodyNeed::Whole
    }

    fn on_response_body(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let (tape, subject) = match answer::shown(exchange) {
            Ok(shown) => shown,
            Err(step) => return step,
        };
        let mut cuts = Cuts::default();
        for (shown, rules) in &self.shows {
            let found = match objects(tape.root(), &shown.at) {
                Ok(found) => found,
                Err(fault) => return answer::unfilterable(&format!("{}: {fault}", shown.kind)),
            };
            for object in found {
                let owns = self.owns(&shown.kind, object, subject, exchange);
                cuts.properties(object, &rules.allowance(subject, owns));
            }
        }
        if cuts.is_empty() {
            return Step::pass();
        }
        let report = Edit::Report(format!("properties taken out: {}", cuts.taken));
        Step::Continue(vec![Edit::SpliceResponse(cuts.into_ranges()), report])
    }
}

impl ShownProperties {
    /// Whether the object is the caller's: as it says itself, else as became known of it before it was shown.
    fn owns(&self, kind: &str, object: tape::Node<'_>, subject: &Subject, exchange: &Exchange) -> bool {
        let Some(resource) = self.authorization.bindings.resources.get(kind) else { return false };
        let said = resource.facts_in(object, subject, Origin::Response);
        if let Some(owner) = said.owner() {
            return subject.is(owner);
        }
        let id = resource.id_in(object);
        let known =
            exchange.objects.iter().find(|known| &*known.resource == kind && Some(&known.id) == id.as_ref());
        match known.and_then(|known| known.facts.get(OWNER)) {
            Some(owner) => subject.is(owner),
            // What a list of the caller's own holds: not where the items would have to say it, and an operator's are all.
            None => {
                self.own.as_deref() == Some(kind)
                    && !matches!(resource.owner, From::Property(_))
                    && subject.kind != SubjectKind::Operator
                    && !subject.subject.is_empty()
            }
        }
    }
}
