//! Refuses a body that writes properties which the caller may not write, or which nobody may change.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal, Violation};
use policy::bindings::{Action, Class, IdPlace, Representation, Resource};
use policy::decide::{Subject, SubjectKind};
use policy::plan::{Bound, Plan};
use policy::properties::{Allowance, Member, Rules};
use policy::written::{Denied, Reached, beyond, immutable, misnamed, whose};
use policy::{Origin, Path};

use super::writes::{Names, Writes, writes};
use crate::check::{About, Authorized, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct WrittenProperties {
    plan: Arc<Plan>,
    takes: Representation,
    /// `None`: a type with nothing but rules, which no object is of.
    resource: Option<Resource>,
    rules: Rules,
    /// What the operation takes at most, whatever the rules allow.
    only: Option<Rules>,
}

impl Build for WrittenProperties {
    const ABOUT: About = About {
        name: "written_properties",
        phase: Phase::Authorize,
        owasp: &[Owasp::Api3],
        summary: "Refuses a body that writes properties which the caller may not write, or which nobody may change.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::Whole,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(Authorized { authorization, plan, .. }) = preparation.authorized() else { return Ok(None) };
        let Some(takes) = &plan.takes else { return Ok(None) };
        Ok(Some(Self {
            plan: Arc::clone(plan),
            takes: takes.clone(),
            resource: authorization.bindings.resources.get(&takes.kind).cloned(),
            only: takes.only.as_deref().map(Rules::only),
            rules: Rules::writing(authorization.bindings.properties.get(&takes.kind)),
        }))
    }
}

impl Check for WrittenProperties {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Step::pass();
        };
        let Some(subject) = &exchange.subject else { return Step::Fail("nobody who writes".to_owned()) };
        let writes = match writes(&self.takes.at, exchange, body) {
            Ok(writes) => writes,
            Err(refusal) => return Step::Refuse(refusal),
        };
        let mut allowances = vec![self.rules.allowance(subject, self.owns(exchange, subject))];
        allowances.extend(self.only.as_ref().map(|only| only.allowance(subject, false)));
        let mut denied = match &writes {
            Writes::Objects(objects) => self.of_objects(objects, &allowances, exchange, subject),
            Writes::Names(names) => self.of_names(names, &allowances),
        };
        // What is set for the caller stands there by our own hand.
        denied.retain(|denied| !self.plan.preset.contains_key(denied.pointer.trim_start_matches('/')));
        if denied.is_empty() {
            return Step::pass();
        }
        let violations = denied.into_iter().map(|denied| self.violation(denied)).collect();
        Step::refuse(Refusal::new(Code::PropertyDenied).violations(violations))
    }
}

/// Objects that the request names were decided on before.
fn reached(exchange: &Exchange) -> impl Fn(&str, &str) -> bool {
    |kind, id| exchange.objects.iter().any(|known| *known.resource == *kind && *known.id == *id)
}

impl WrittenProperties {
    fn of_objects(
        &self,
        objects: &[tape::Node<'_>],
        allowances: &[Allowance<'_>],
        exchange: &Exchange,
        subject: &Subject,
    ) -> Vec<Denied> {
        // A body of several objects cannot repeat what is known of one.
        let known = match exchange.objects.as_slice() {
            [known] if known.resource == self.takes.kind => Some(known),
            _ => None,
        };
        let mut denied = Vec::new();
        for object in objects {
            for allowance in allowances {
                for beyond in beyond(*object, allowance) {
                    if denied.iter().all(|known: &Denied| known.pointer != beyond.pointer) {
                        denied.push(beyond);
                    }
                }
            }
            let Some(resource) = &self.resource else { continue };
            if self.makes() {
                denied.extend(self.misattributed(*object, resource, subject, &reached(exchange)));
            } else {
                let (id, facts) = (known.map(|known| &known.id), known.map(|known| &known.facts));
                denied.extend(immutable(*object, resource, id, facts, &reached(exchange)));
            }
            if !self.chooses_id(resource, allowances) {
                let beyond = misnamed(*object, resource, &reached(exchange));
                denied.extend(beyond.filter(|beyond| !denied.contains(beyond)));
            }
        }
        denied
    }

    fn of_names(&self, names: &Names, allowances: &[Allowance<'_>]) -> Vec<Denied> {
        let mut denied = Vec::new();
        let is_bound: &dyn Fn(&str, &Path) -> bool = &|kind, path| self.is_bound(kind, path);
        let is_fixed = |name: &str| {
            self.resource.as_ref().is_some_and(|resource| {
                let is_id = resource.says_which(name)
                    && !is_bound(&resource.name, &resource.id)
                    && !self.chooses_id(resource, allowances);
                let is_held = match self.makes() {
                    true => self.plan.class != Class::Public && resource.says_whose(name, is_bound),
                    false => resource.is_fixed(name, is_bound),
                };
                is_id || is_held
            })
        };
        let fixed = names.whole.iter().filter(|name| is_fixed(name));
        denied.extend(fixed.map(|name| Denied { pointer: format!("/{name}"), rule: "immutable" }));
        for name in &names.first {
            let pointer = format!("/{name}");
            if is_fixed(name) {
                denied.push(Denied { pointer, rule: "immutable" });
            } else if !allowances.iter().all(|allowance| matches!(allowance.member(name), Member::Whole)) {
                denied.push(Denied { pointer, rule: "writable" });
            }
        }
        denied
    }

    /// Whether the object is new: one that the request names is there already, whatever the method.
    fn makes(&self) -> bool {
        let names = |bound: &Bound| bound.resource.name == self.takes.kind;
        self.plan.action == Action::Create && !self.plan.objects.iter().any(names)
    }

    /// Whether callers may write other ids than those they were let to: where a rule names the id or the bindings call it
    /// free, and where the public makes what is nobody's yet. Services that store what they are sent under the id in it
    /// would else store it over somebody else's.
    fn chooses_id(&self, resource: &Resource, allowances: &[Allowance<'_>]) -> bool {
        self.plan.takes_any_id
            || (self.makes() && self.plan.class == Class::Public)
            || allowances.iter().any(|allowance| allowance.names(&resource.id))
    }

    /// A new object is the caller's own, of the caller's tenant. Those who make objects for others, in a class that their
    /// role was asked for, stay within their tenant; operators do not.
    fn misattributed(
        &self,
        object: tape::Node<'_>,
        resource: &Resource,
        subject: &Subject,
        reached: Reached<'_>,
    ) -> Vec<Denied> {
        // What the public may make, registrations above all, is not yet anybody's.
        if subject.kind == SubjectKind::Operator || self.plan.class == Class::Public {
            return Vec::new();
        }
        let own = resource.facts_of_own(subject, Origin::Principal);
        whose(object, resource, &own, self.plan.class <= Class::User, reached)
    }

    /// Whether what stands at a place of the representation is bound as an object of the type, and so decided on.
    fn is_bound(&self, kind: &str, path: &Path) -> bool {
        let at = |whole: &Path| whole.steps().strip_prefix(self.takes.at.steps()) == Some(path.steps());
        let bound = |bound: &Bound| {
            *bound.resource.name == *kind && matches!(&bound.id, IdPlace::Body(whole) if at(whole))
        };
        self.plan.objects.iter().any(bound)
    }

    /// Whoever creates an object will own it, unless it is nobody.
    fn owns(&self, exchange: &Exchange, subject: &Subject) -> bool {
        let mut known = exchange.objects.iter().filter(|known| known.resource == self.takes.kind).peekable();
        match known.peek() {
            None => self.makes() && !subject.subject.is_empty(),
            Some(_) => known.all(|known| known.facts.owner().is_some_and(|owner| subject.is(owner))),
        }
    }

    fn violation(&self, denied: Denied) -> Violation {
        let expected = match denied.rule {
            "immutable" => "the value that is there already".to_owned(),
            _ => format!("properties of `{}` that this caller may write", self.takes.kind),
        };
        Violation {
            place: "body".to_owned(),
            pointer: denied.pointer,
            rule: denied.rule.to_owned(),
            expected,
        }
    }
}
