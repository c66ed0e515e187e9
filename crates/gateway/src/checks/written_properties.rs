//! Refuses a body that writes properties which the caller may not write, or which nobody may change.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal, Violation};
use policy::bindings::{Action, Class, IdPlace, Representation, Resource};
use policy::decide::{Subject, SubjectKind};
use policy::plan::{Bound, Plan};
use policy::properties::{Allowance, Member, Rules};
use policy::shown::guards_of;
use policy::written::{Denied, Reached, There, beyond, immutable, misnamed, repeated_id, whose};
use policy::{Declared, Origin, Path};

use super::writes::{Named, Writes, writes};
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
    /// What a patch may compare with.
    reads: Rules,
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
        let Some(Authorized { authorization, operation, plan }) = preparation.authorized() else {
            return Ok(None);
        };
        let Some(takes) = &plan.takes else { return Ok(None) };
        let properties = authorization.bindings.properties.get(&takes.kind);
        Ok(Some(Self {
            plan: Arc::clone(plan),
            takes: takes.clone(),
            resource: authorization.bindings.resources.get(&takes.kind).cloned(),
            only: takes.only.as_deref().map(Rules::only),
            rules: Rules::writing(properties),
            reads: Rules::reading(properties, guards_of(operation, &takes.at)),
        }))
    }
}

impl Check for WrittenProperties {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Step::pass();
        };
        let Some(subject) = &exchange.subject else { return Step::Fail("nobody who writes".to_owned()) };
        let writes = match writes(&self.takes.at, &self.plan.operation, exchange, body) {
            Ok(writes) => writes,
            Err(refusal) => return Step::Refuse(refusal),
        };
        let owns = self.owns(exchange, subject);
        let mut allowances = vec![self.rules.allowance(subject, owns)];
        allowances.extend(self.only.as_ref().map(|only| only.allowance(subject, false)));
        let mut denied = match &writes {
            Writes::Objects(objects) => self.of_objects(objects, &allowances, exchange, subject),
            Writes::Named(named) => {
                let reads = self.reads.allowance(subject, owns);
                let mut denied = Vec::new();
                for named in named {
                    let found = match &named.object {
                        _ if named.tests && is_whole(&reads, &named.first) => Vec::new(),
                        Some(alone) => self.of_objects(&[alone.root()], &allowances, exchange, subject),
                        None => self.of_name(named, &allowances),
                    };
                    denied.extend(found);
                }
                denied
            }
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

fn is_whole(allowance: &Allowance<'_>, name: &str) -> bool {
    matches!(allowance.member(name), Member::Whole)
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
        let reached = reached(exchange);
        let declared = self.declared();
        let by = (&reached as Reached<'_>, &declared);
        let may_name = |kind: &str, id: &str| self.plan.takes_any_id || reached(kind, id);
        for object in objects {
            let resource = self.resource.as_ref();
            let own_id = resource.and_then(|resource| repeated_id(*object, resource, (&may_name, &declared)));
            for allowance in allowances {
                for beyond in beyond(*object, allowance) {
                    if own_id.as_ref() != Some(&beyond.pointer)
                        && denied.iter().all(|known: &Denied| known.pointer != beyond.pointer)
                    {
                        denied.push(beyond);
                    }
                }
            }
            let Some(resource) = resource else { continue };
            if self.makes() {
                denied.extend(self.misattributed(*object, resource, subject, by));
            } else {
                let there = There {
                    id: known.map(|known| &known.id),
                    facts: known.map(|known| &known.facts),
                    renames: self.plan.renames,
                };
                denied.extend(immutable(*object, resource, &there, by));
            }
            if !self.chooses_id(resource, allowances) {
                let beyond = misnamed(*object, resource, by);
                denied.extend(beyond.filter(|beyond| !denied.contains(beyond)));
            }
        }
        denied
    }

    /// What is known of it is its name.
    fn of_name(&self, named: &Named, allowances: &[Allowance<'_>]) -> Vec<Denied> {
        let is_bound: &dyn Fn(&str, &Path) -> bool = &|kind, path| self.is_bound(kind, path);
        let declared = self.declared();
        let is_fixed = |name: &str| {
            self.resource.as_ref().is_some_and(|resource| {
                let is_id = resource.says_which(name, &declared)
                    && !is_bound(&resource.name, &resource.id)
                    && !self.chooses_id(resource, allowances);
                let is_held = match self.makes() {
                    true => {
                        self.plan.class != Class::Public && resource.says_whose(name, is_bound, &declared)
                    }
                    false => resource.is_fixed(name, self.plan.renames, is_bound, &declared),
                };
                is_id || is_held
            })
        };
        let denied = |name: &str, rule| Denied { pointer: format!("/{name}"), rule };
        let mut all = Vec::new();
        // What is compared stays as it is.
        let fixed = |name: &str| !named.tests && is_fixed(name);
        all.extend(named.whole.as_deref().filter(|name| fixed(name)).map(|name| denied(name, "immutable")));
        if fixed(&named.first) {
            all.push(denied(&named.first, "immutable"));
        } else if !allowances.iter().all(|allowance| is_whole(allowance, &named.first)) {
            all.push(denied(&named.first, "writable"));
        }
        all
    }

    fn declared(&self) -> Declared<'_> {
        Declared::new(Some(&self.plan.operation), self.takes.at.steps())
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
        by: (Reached<'_>, &Declared<'_>),
    ) -> Vec<Denied> {
        // What the public may make, registrations above all, is not yet anybody's.
        if subject.kind == SubjectKind::Operator || self.plan.class == Class::Public {
            return Vec::new();
        }
        let own = resource.facts_of_own(subject, Origin::Principal);
        whose(object, resource, &own, self.plan.class <= Class::User, by)
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
        // What nobody may write is named by the bindings; what else stands there may be the caller's own words.
        let pointer = if denied.rule == "writable" { repeated(&denied.pointer) } else { denied.pointer };
        Violation {
            place: "body".to_owned(),
            pointer: format!("{}{pointer}", self.takes.at.pointer()),
            rule: denied.rule.to_owned(),
            expected,
        }
    }
}

/// A pointer of which only indices and plain names are told.
fn repeated(pointer: &str) -> String {
    let tokens = pointer.split('/').map(|token| match model::is_index(token) {
        true => token.into(),
        false => model::shown_name(token),
    });
    tokens.collect::<Vec<_>>().join("/")
}
