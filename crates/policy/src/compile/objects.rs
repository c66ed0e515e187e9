//! Objects of an operation, bound to their types and to where facts about them come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Finding, Owasp};
use openapi::Operation;

use super::{Compiler, Typed};
use crate::bindings::{Binding, Class, From, IdPlace, Object, Resource, shown};
use crate::codes;
use crate::plan::Bound;

impl Compiler<'_> {
    pub(super) fn objects(
        &mut self,
        operation: &Arc<Operation>,
        binding: &Binding,
        safe: bool,
        at: &str,
    ) -> Vec<Bound> {
        let places: Vec<_> = if self.bindings.places.has(&format!("{at}/object")) {
            std::iter::once(format!("{at}/object"))
                .chain(
                    (0..binding.objects.len().saturating_sub(1)).map(|index| format!("{at}/objects/{index}")),
                )
                .collect()
        } else {
            (0..binding.objects.len()).map(|index| format!("{at}/objects/{index}")).collect()
        };
        let mut bound = Vec::new();
        for (object, at_object) in binding.objects.iter().zip(&places) {
            self.named(operation, &object.id, &format!("{at_object}/id"));
            let Some(resource) = self.resource(&object.kind, &format!("{at_object}/type")) else { continue };
            let parent = object
                .parent
                .as_ref()
                .and_then(|parent| self.parent(operation, &resource, parent, &format!("{at_object}/parent")));
            let (evidence, at) = match &object.evidence {
                Some(own) => (Some(own), format!("{at_object}/evidence")),
                None => (binding.evidence.as_ref(), format!("{at}/evidence")),
            };
            let named = evidence.is_some();
            let asked = super::sources::Asked { operation, resource: &resource, object, safe, named, at };
            let sources = match evidence {
                Some(evidence) => self.named_sources(&asked, evidence),
                None => self.default_sources(&asked),
            };
            let has_sources = resource.resolver.is_some() || !resource.producers.is_empty();
            let is_for_all = binding.class > Class::User && !binding.roles.is_empty();
            if sources.is_empty() && has_sources && !named && !safe && !binding.deny && !is_for_all {
                let sentence = format!(
                    "nothing that can be asked says whose {} it is before {} takes effect",
                    shown(&resource.name),
                    shown(&operation.id)
                );
                self.warning(codes::EFFECT_WITHOUT_EVIDENCE, sentence, at_object, "no evidence of it");
            }
            bound.push(Bound { resource, id: object.id.clone(), parent, sources, optional: object.optional });
        }
        bound
    }

    /// The id of an object: at a place of the request, or the caller's subject.
    pub(super) fn named(&mut self, operation: &Operation, place: &IdPlace, at: &str) {
        if *place != IdPlace::Principal {
            self.place(operation, place, at);
        }
    }

    fn parent(
        &mut self,
        operation: &Arc<Operation>,
        child: &Arc<Resource>,
        parent: &Object,
        at: &str,
    ) -> Option<Box<Bound>> {
        let resource = self.resource(&parent.kind, &format!("{at}/type"))?;
        self.named(operation, &parent.id, &format!("{at}/id"));
        if let Some(said) = &child.parent
            && said.kind != parent.kind
        {
            let sentence = format!(
                "{} belongs to {}, not to {}",
                shown(&child.name),
                shown(&said.kind),
                shown(&parent.kind)
            );
            self.error(codes::PARENT_MISFIT, sentence, at, "another type is said here");
        }
        // What the answer shows is the child.
        let asked = super::sources::Asked {
            operation,
            resource: &resource,
            object: parent,
            safe: false,
            named: false,
            at: at.to_owned(),
        };
        let sources = self.default_sources(&asked);
        Some(Box::new(Bound { id: parent.id.clone(), sources, parent: None, optional: false, resource }))
    }

    pub(super) fn resource(&mut self, kind: &str, at: &str) -> Option<Arc<Resource>> {
        if let Some(resource) = self.resources.get(kind) {
            return Some(Arc::clone(resource));
        }
        let names: Vec<_> = self.resources.keys().cloned().collect();
        let sentence = format!("there is no resource type `{}`", shown(kind));
        self.unknown(codes::TYPE_UNKNOWN, sentence, at, kind, names.iter().map(|name| &**name));
        None
    }

    /// What another object knows has to be asked of that object, and with nothing but its id.
    pub(super) fn ways(&mut self, known: &BTreeMap<Arc<str>, Arc<Typed>>) {
        for typed in known.values() {
            let resource = &typed.resource;
            for (key, from) in [("tenant", &resource.tenant), ("owner", &resource.owner)] {
                let From::Related { kind, .. } = from else { continue };
                if known.get(kind).is_some_and(|related| related.sources.is_empty()) {
                    let sentence = format!(
                        "the {key} of {} is that of {}, which has neither producer nor resolver that needs its id alone",
                        shown(&resource.name),
                        shown(kind)
                    );
                    let at = format!("/resources/{}/{key}", resource.name);
                    self.error(codes::SOURCE_MISFIT, sentence, &at, "nothing can be asked of it");
                }
            }
        }
    }

    /// Types that a type names.
    pub(super) fn relations(&mut self, resource: &Resource) {
        let at = format!("/resources/{}", resource.name);
        self.of_all(resource, &at);
        for (key, from) in [("tenant", &resource.tenant), ("owner", &resource.owner)] {
            if let From::Related { kind, .. } = from {
                self.resource(kind, &format!("{at}/{key}/related/type"));
                if *kind == resource.name {
                    let sentence =
                        format!("the {key} of {} is said to be that of another {}", shown(kind), shown(kind));
                    self.error(
                        codes::COMBINATION,
                        sentence,
                        &format!("{at}/{key}"),
                        "it leads back to itself",
                    );
                }
            }
        }
        if let Some(parent) = &resource.parent {
            self.resource(&parent.kind, &format!("{at}/parent/type"));
        }
    }
}

impl Compiler<'_> {
    /// What is everybody's own without a word of where that is known from.
    fn of_all(&mut self, resource: &Resource, at: &str) {
        let name = shown(&resource.name);
        if resource.per_caller && resource.owner != From::Principal {
            let sentence = format!("{name} is kept for each caller, and has an owner besides");
            self.error(codes::COMBINATION, sentence, &format!("{at}/owner"), "one of them belongs here");
        }
        if !resource.per_caller && resource.owner == From::Principal {
            let sentence = format!("whoever names a {name} owns it");
            let finding = Finding::error(codes::OWNER_OF_ALL, sentence)
                .at(self.at(&format!("{at}/owner")), "so that every one is the caller's")
                .advice(
                    "`property`, `related` or `producers`; `per_caller: true` where the API keeps them apart",
                );
            self.findings.push(finding.owasp(Owasp::Api1));
        }
        if !resource.me.is_empty() && resource.seal.is_some() {
            let sentence = format!("ids of {name} are sealed, and `me` is none");
            self.error(codes::COMBINATION, sentence, &format!("{at}/me"), "one of them belongs here");
        }
    }
}

/// The only place of an operation's path, for a resolver that names none.
pub(super) fn only_path_place(operation: &Operation) -> Option<IdPlace> {
    let mut names =
        operation.template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
    let first = names.next()?;
    names.next().is_none().then(|| IdPlace::Path(first.into()))
}
