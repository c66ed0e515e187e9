//! Where facts about an object come from, looked up and ordered by what they cost.

use std::sync::Arc;

use model::{Finding, Owasp};
use openapi::Operation;

use super::Compiler;
use super::objects::only_path_place;
use crate::bindings::{Evidence, From, IdPlace, Object, Producer, Resource, shown};
use crate::codes;
use crate::plan::{Bound, Call, Listing, Producing, Resolving, Source};

/// An object whose sources are sought.
pub(super) struct Asked<'a> {
    pub(super) operation: &'a Arc<Operation>,
    pub(super) resource: &'a Arc<Resource>,
    pub(super) object: &'a Object,
    /// Whether the operation's own answer may say it.
    pub(super) safe: bool,
    /// Whether the file names the sources, so that one that cannot be asked here is a fault; else it is left out.
    pub(super) named: bool,
    /// Where sources are named.
    pub(super) at: String,
}

impl Compiler<'_> {
    pub(super) fn named_sources(&mut self, asked: &Asked<'_>, evidence: &[Evidence]) -> Vec<Source> {
        let mut sources = Vec::new();
        for (index, evidence) in evidence.iter().enumerate() {
            let at = format!("{}/{index}", asked.at);
            let before = sources.len();
            self.source(asked, evidence, &at, &mut sources);
            let none = sources.len() == before;
            let sentence = match evidence {
                _ if !none => continue,
                Evidence::Producer if asked.resource.producers.is_empty() => {
                    format!("{} has no producer", shown(&asked.resource.name))
                }
                Evidence::Resolver if asked.resource.resolver.is_none() => {
                    format!("{} has no resolver", shown(&asked.resource.name))
                }
                _ => continue,
            };
            self.error(codes::SOURCE_MISFIT, sentence, &at, "named here");
        }
        // What was seen once says nothing of now: ids are given again.
        let is_of_old = |source: &Source| matches!(source, Source::Sealed | Source::Learned);
        let has_seal = sources.iter().any(|source| matches!(source, Source::Sealed));
        if has_seal && sources.iter().all(is_of_old) {
            let sentence = format!(
                "a sealed id alone says which tenant was shown the {}, and not what has become of it",
                shown(&asked.resource.name)
            );
            self.error(codes::SOURCE_MISFIT, sentence, &asked.at, "another source has to stand beside it");
        }
        ordered(sources)
    }

    /// What the type has, and the answer where nothing has happened by then.
    pub(super) fn default_sources(&mut self, asked: &Asked<'_>) -> Vec<Source> {
        let mut sources = Vec::new();
        self.producers(asked, &mut sources);
        self.resolver(asked, &mut sources);
        if asked.safe && !sources.iter().any(|source| matches!(source, Source::Response)) {
            sources.push(Source::Response);
        }
        ordered(sources)
    }

    pub(super) fn sources_of_type(&mut self, resource: &Arc<Resource>) -> Vec<Source> {
        let mut sources = Vec::new();
        let at = format!("/resources/{}", resource.name);
        for (index, producer) in resource.producers.iter().enumerate() {
            let at = format!("{at}/producers/{index}");
            let Some(operation) = self.asked(&producer.operation, &format!("{at}/operation")) else {
                continue;
            };
            self.answers(&operation, &producer.items, &format!("{at}/items"));
            if let Some(page) = &producer.page {
                self.page(&operation, page, &format!("{at}/page"));
            }
            // What takes a parameter of the request at hand can be asked only there.
            if let Some(parameters) =
                self.quietly(|compiler| compiler.call_parameters(&operation, &[], None, None, &at))
            {
                sources.push(Source::Producer(Arc::new(Producing {
                    call: Call { operation, parameters },
                    producer: producer.clone(),
                })));
            }
        }
        if let Some(resolver) = &resource.resolver
            && let Some(operation) = self.asked(&resolver.operation, &format!("{at}/resolver/operation"))
            && let Some(id) = self.resolver_id(&operation, resolver.id.as_ref(), &format!("{at}/resolver"))
        {
            self.answers(&operation, &resolver.object, &format!("{at}/resolver/object"));
            let own = [id.clone()];
            if let Some(parameters) =
                self.quietly(|compiler| compiler.call_parameters(&operation, &own, None, None, &at))
            {
                let call = Call { operation, parameters };
                sources.push(Source::Resolver(Arc::new(Resolving {
                    call,
                    id,
                    object: resolver.object.clone(),
                })));
            }
        }
        ordered(sources)
    }

    fn quietly<T>(&mut self, of: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.findings.len();
        let made = of(self);
        self.findings.truncate(before);
        made
    }

    fn source(&mut self, asked: &Asked<'_>, evidence: &Evidence, at: &str, sources: &mut Vec<Source>) {
        match evidence {
            Evidence::Claim(claim) => sources.push(Source::Claim(claim.clone())),
            Evidence::Sealed if asked.resource.seal.as_ref().is_some_and(|seal| !seal.shared) => {
                sources.push(Source::Sealed);
            }
            Evidence::Sealed => {
                let sentence =
                    format!("ids of {} are not sealed for one tenant", shown(&asked.resource.name));
                self.error(
                    codes::SOURCE_MISFIT,
                    sentence,
                    at,
                    "`seal` of the resource type is missing, or shared",
                );
            }
            Evidence::Learned => sources.push(Source::Learned),
            Evidence::External => sources.push(Source::External),
            Evidence::Response if asked.safe => sources.push(Source::Response),
            Evidence::Response => {
                let sentence = format!(
                    "{} has an effect, which its answer would show too late",
                    shown(&asked.operation.id)
                );
                self.error(codes::SOURCE_MISFIT, sentence, at, "only where `safe: true` holds");
            }
            Evidence::Producer => self.producers(asked, sources),
            Evidence::Resolver => self.resolver(asked, sources),
            Evidence::Related { kind, id } => {
                sources
                    .extend(self.related(asked, kind, id, at).map(|bound| Source::Related(Box::new(bound))));
            }
            Evidence::List { .. } => {
                let at = format!("{at}/list");
                sources.extend(self.list(asked, evidence, &at).map(|list| Source::List(Arc::new(list))));
            }
        }
    }

    fn related(&mut self, asked: &Asked<'_>, kind: &Arc<str>, id: &IdPlace, at: &str) -> Option<Bound> {
        let resource = self.resource(kind, &format!("{at}/related/type"))?;
        self.named(asked.operation, id, &format!("{at}/related/id"));
        if !is_tied(asked.object, kind, id) {
            let sentence = format!(
                "nothing ties the {} that {} names to the {} whose owner counts",
                shown(&asked.resource.name),
                shown(&asked.operation.id),
                shown(kind)
            );
            self.untied(sentence, kind, id, at);
            return None;
        }
        let object = Object {
            place: self.at(at),
            kind: kind.clone(),
            id: id.clone(),
            parent: None,
            optional: false,
            evidence: None,
        };
        let related = Asked {
            resource: &resource,
            object: &object,
            safe: false,
            named: false,
            at: at.to_owned(),
            ..*asked
        };
        let sources = self.default_sources(&related);
        if sources.is_empty() && *kind != asked.resource.name {
            let sentence = format!("{} has neither producer nor resolver", shown(kind));
            self.error(codes::SOURCE_MISFIT, sentence, at, "nothing can be asked of it");
        }
        Some(Bound { id: id.clone(), parent: None, sources, optional: false, resource })
    }

    fn list(&mut self, asked: &Asked<'_>, evidence: &Evidence, at: &str) -> Option<Listing> {
        let Evidence::List { operation, items, id, owner, tenant } = evidence else { return None };
        let operation = self.asked(operation, &format!("{at}/operation"))?;
        let parent = asked.object.parent.as_ref().map(|parent| &parent.id);
        let parameters = self.call_parameters(&operation, &[], Some(asked.operation), parent, at)?;
        self.answers(&operation, items, &format!("{at}/items"));
        Some(Listing {
            call: Call { operation, parameters },
            items: items.clone(),
            id: id.clone(),
            owner: owner.clone(),
            tenant: tenant.clone(),
        })
    }

    fn untied(&mut self, sentence: String, kind: &str, id: &IdPlace, at: &str) {
        let finding = Finding::error(codes::RELATED_UNTIED, sentence)
            .at(self.at(at), "a caller who owns the one names any other beside it")
            .advice(format!(
                "`parent: {{ type: {}, id: {id} }}` in the object, with a source that shows its parent",
                shown(kind)
            ));
        self.findings.push(finding.owasp(Owasp::Api1));
    }

    fn producers(&mut self, asked: &Asked<'_>, sources: &mut Vec<Source>) {
        for (index, producer) in asked.resource.producers.iter().enumerate() {
            let at = format!("/resources/{}/producers/{index}", asked.resource.name);
            sources.extend(
                self.producer(asked, producer, &at).map(|producing| Source::Producer(Arc::new(producing))),
            );
        }
    }

    fn producer(&mut self, asked: &Asked<'_>, producer: &Producer, at: &str) -> Option<Producing> {
        let operation = self.asked(&producer.operation, &format!("{at}/operation"))?;
        let parent = asked.object.parent.as_ref().map(|parent| &parent.id);
        let parameters = self.parameters(asked, &operation, &[], parent, at)?;
        if let Some((_, from)) =
            parameters.first().filter(|_| !matches!(asked.resource.owner, From::Property(_)))
        {
            // Whoever's list the caller names is not the caller's, unless its items say whose they are.
            let sentence = format!(
                "{} lists whoever is named by `{from}`, and its items show no owner",
                shown(&operation.id)
            );
            if asked.named {
                self.error(
                    codes::SOURCE_OPERATION,
                    sentence,
                    at,
                    "what is in it is not the caller's for that",
                );
            }
            return None;
        }
        Some(Producing { call: Call { operation, parameters }, producer: producer.clone() })
    }

    fn parameters(
        &mut self,
        asked: &Asked<'_>,
        called: &Operation,
        own: &[IdPlace],
        parent: Option<&IdPlace>,
        at: &str,
    ) -> Option<Vec<(IdPlace, IdPlace)>> {
        let before = self.findings.len();
        let parameters = self.call_parameters(called, own, Some(asked.operation), parent, at);
        if !asked.named {
            self.findings.truncate(before);
        }
        parameters
    }

    fn resolver(&mut self, asked: &Asked<'_>, sources: &mut Vec<Source>) {
        let Some(resolver) = &asked.resource.resolver else { return };
        let at = format!("/resources/{}/resolver", asked.resource.name);
        let Some(operation) = self.asked(&resolver.operation, &format!("{at}/operation")) else { return };
        // Asking the same thing first would show what the answer shows.
        if operation.id == asked.operation.id && asked.safe {
            return sources.push(Source::Response);
        }
        let Some(id) = self.resolver_id(&operation, resolver.id.as_ref(), &at) else { return };
        let parent = asked.object.parent.as_ref().map(|parent| &parent.id);
        let own = [id.clone()];
        if let Some(parameters) = self.parameters(asked, &operation, &own, parent, &at) {
            let call = Call { operation, parameters };
            sources.push(Source::Resolver(Arc::new(Resolving { call, id, object: resolver.object.clone() })));
        }
    }

    fn resolver_id(&mut self, operation: &Operation, id: Option<&IdPlace>, at: &str) -> Option<IdPlace> {
        match id {
            Some(id) => self.place(operation, id, &format!("{at}/id")).then(|| id.clone()),
            None => only_path_place(operation).or_else(|| {
                let sentence =
                    format!("which parameter of {} takes the id is not said", shown(&operation.id));
                self.error(codes::SOURCE_OPERATION, sentence, at, "`id` is missing here");
                None
            }),
        }
    }
}

/// Whether the object has to belong to the other one, or is it by another name: whose the other one is says nothing of an
/// object that stands beside it by the caller's choice.
fn is_tied(object: &Object, kind: &str, id: &IdPlace) -> bool {
    let is_parent = |parent: &Object| *parent.kind == *kind && parent.id == *id;
    object.id == *id || object.parent.as_deref().is_some_and(is_parent)
}

/// Cheapest first, each once where nothing tells two apart.
fn ordered(mut sources: Vec<Source>) -> Vec<Source> {
    sources.sort_by_key(Source::cost);
    sources.dedup_by(|a, b| {
        a.cost() == b.cost()
            && matches!(a, Source::Sealed | Source::Learned | Source::External | Source::Response)
    });
    sources
}
