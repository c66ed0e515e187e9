//! From bindings, policies and a description to what the data plane runs on.

mod objects;
mod parameters;
mod representations;
mod sealed;
mod sources;
mod streams;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::{Finding, Place};
use openapi::{Description, Operation};

use crate::bindings::{Action, Binding, Bindings, IdPlace, Resource, shown};
use crate::codes;
use crate::decide::Decider;
use crate::ids;
use crate::plan::{Asking, Plan, Source};
use crate::suggest::closest;

pub(crate) use parameters::place_of;

/// One API's authorization, complete. Immutable.
#[derive(Debug)]
pub struct Authorization {
    pub bindings: Bindings,
    /// By operation id. An operation without one is refused.
    pub(crate) plans: HashMap<Arc<str>, Arc<Plan>>,
    pub decider: Arc<dyn Decider>,
    /// By type: what can be asked about an object of which only the id is known.
    pub(crate) known: BTreeMap<Arc<str>, Arc<Typed>>,
    pub whoami: Option<Arc<Asking>>,
}

/// A resource type with the sources that its objects have wherever they are named.
#[derive(Debug)]
pub struct Typed {
    pub resource: Arc<Resource>,
    /// Cheapest first.
    pub sources: Vec<Source>,
}

impl Authorization {
    pub fn plan(&self, operation_id: &str) -> Option<&Arc<Plan>> {
        self.plans.get(operation_id)
    }

    pub fn plans(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.plans.values()
    }

    /// A resource type, by its name.
    pub fn typed(&self, kind: &str) -> Option<&Arc<Typed>> {
        self.known.get(kind)
    }
}

/// Looks every name of the bindings up in the description. All findings at once; `None` when one of them is an error,
/// or when there is nobody to decide.
pub fn compile(
    bindings: Bindings,
    description: &Description,
    decider: impl Into<Option<Arc<dyn Decider>>>,
) -> (Option<Authorization>, Vec<Finding>) {
    let resources =
        bindings.resources.iter().map(|(name, resource)| (name.clone(), Arc::new(resource.clone())));
    let resources = resources.collect();
    let mut compiler = Compiler { bindings: &bindings, description, resources, findings: Vec::new() };
    let plans = compiler.plans();
    let known = compiler.types();
    let whoami = compiler.whoami();
    let mut findings = compiler.findings;
    findings.sort_by(|a, b| (&a.place, &a.code).cmp(&(&b.place, &b.code)));
    findings.dedup();
    let usable = !findings.iter().any(Finding::is_error);
    let decider = decider.into().filter(|_| usable);
    let authorization = decider.map(|decider| Authorization { bindings, plans, decider, known, whoami });
    (authorization, findings)
}

struct Compiler<'a> {
    bindings: &'a Bindings,
    description: &'a Description,
    resources: BTreeMap<Arc<str>, Arc<Resource>>,
    findings: Vec<Finding>,
}

impl Compiler<'_> {
    fn plans(&mut self) -> HashMap<Arc<str>, Arc<Plan>> {
        let bindings = self.bindings;
        let mut plans = HashMap::new();
        for (name, binding) in &bindings.operations {
            let Some(operation) = self.operation(name, binding.place.clone()) else { continue };
            let at = format!("/operations/{name}");
            let plan = self.plan(&operation, binding, &at);
            if plans.insert(operation.id.clone(), Arc::new(plan)).is_some() {
                self.error(
                    codes::COMBINATION,
                    format!("{} is bound twice", shown(name)),
                    &at,
                    "by its id and by its path",
                );
            }
        }
        plans
    }

    fn plan(&mut self, operation: &Arc<Operation>, binding: &Binding, at: &str) -> Plan {
        let action = binding.action.unwrap_or_else(|| action_of(&operation.method));
        let safe = binding.safe.unwrap_or_else(|| is_safe(&operation.method, action));
        if safe && matches!(action, Action::Write | Action::Delete | Action::Create) {
            let sentence =
                format!("{} is declared safe, and its action is `{}`", shown(&operation.id), action.word());
            self.error(codes::SAFETY_MISFIT, sentence, &format!("{at}/safe"), "declared here");
        }
        for place in &binding.free {
            self.place(operation, place, &format!("{at}/free"));
        }
        let mut objects = self.objects(operation, binding, safe, at);
        self.streams(operation, binding, &mut objects, at);
        self.representations(operation, binding, at);
        let sealed = self.sealed(operation, binding, &objects, at);
        Plan {
            operation: Arc::clone(operation),
            action,
            class: binding.class,
            deny: binding.deny,
            roles: binding.roles.clone(),
            scopes: binding.scopes.clone(),
            assurance: binding.assurance.clone(),
            objects,
            list: binding.list.clone(),
            takes: binding.takes.clone(),
            takes_any_id: self.takes_any_id(binding),
            shows: binding.shows.clone(),
            preset: binding.preset.clone(),
            safe,
            if_match: binding.if_match,
            renames: binding.renames,
            sealed,
        }
    }

    /// Whether the id within what the operation takes is marked free.
    fn takes_any_id(&self, binding: &Binding) -> bool {
        let Some(takes) = &binding.takes else { return false };
        let Some(resource) = self.resources.get(&takes.kind) else { return false };
        let id = [takes.at.steps(), resource.id.steps()].concat();
        let holds =
            |free: &IdPlace| matches!(free, IdPlace::Body(path) if ids::starts_with(&id, path.steps()));
        binding.free.iter().any(holds)
    }

    fn types(&mut self) -> BTreeMap<Arc<str>, Arc<Typed>> {
        let resources: Vec<_> = self.resources.values().cloned().collect();
        let mut known = BTreeMap::new();
        for resource in resources {
            self.relations(&resource);
            self.seal(&resource);
            let sources = self.sources_of_type(&resource);
            known.insert(resource.name.clone(), Arc::new(Typed { resource, sources }));
        }
        self.ways(&known);
        known
    }

    fn whoami(&mut self) -> Option<Arc<Asking>> {
        let bindings = self.bindings;
        let whoami = bindings.principals.whoami.as_ref()?;
        let at = "/principals/whoami/operation";
        let operation = self.asked(&whoami.operation, at)?;
        let parameters = self.call_parameters(&operation, &[], None, None, at)?;
        let paths = [&whoami.subject, &whoami.tenant, &whoami.roles].into_iter().flatten();
        for path in paths.chain(whoami.role_of.values()).chain(whoami.attributes.values()) {
            self.answers(&operation, path, "/principals/whoami");
        }
        Some(Arc::new(Asking { call: crate::plan::Call { operation, parameters }, whoami: whoami.clone() }))
    }

    /// The operation of that name, by id or as `GET /orders/{id}`.
    fn operation(&mut self, name: &str, place: Place) -> Option<Arc<Operation>> {
        let description = self.description;
        if let Some(found) = find(description, name) {
            return Some(Arc::clone(found));
        }
        let finding = Finding::error(
            codes::OPERATION_UNKNOWN,
            format!("the description has no operation `{}`", shown(name)),
        );
        let titles: Vec<_> = description.operations.iter().map(|operation| operation.title()).collect();
        let ids = description.operations.iter().map(|operation| &*operation.id);
        self.findings.push(match closest(name, ids.chain(titles.iter().map(String::as_str))) {
            Some(near) => finding.at(place, format!("did you mean `{near}`?")),
            None => {
                finding.at(place, "not in the description").advice("`bartizan routes` lists the operations")
            }
        });
        None
    }

    fn at(&self, pointer: &str) -> Place {
        self.bindings.places.at(pointer).unwrap_or(&self.bindings.place).clone()
    }

    fn error(&mut self, code: &str, sentence: impl Into<String>, pointer: &str, label: &str) {
        let place = self.at(pointer);
        self.findings.push(Finding::error(code, sentence).at(place, label));
    }

    fn warning(&mut self, code: &str, sentence: impl Into<String>, pointer: &str, label: &str) {
        let place = self.at(pointer);
        self.findings.push(Finding::warning(code, sentence).at(place, label));
    }

    /// A name that is not there, with the nearest that is.
    fn unknown<'n>(
        &mut self,
        code: &str,
        sentence: String,
        pointer: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        let near = closest(name, known).map(|near| format!("did you mean `{}`?", shown(near)));
        self.error(code, sentence, pointer, near.as_deref().unwrap_or("not there"));
    }
}

pub(crate) fn find<'d>(description: &'d Description, name: &str) -> Option<&'d Arc<Operation>> {
    description
        .operation(name)
        .or_else(|| description.operations.iter().find(|operation| operation.title() == name))
}

/// What an operation does when its binding does not say.
pub(crate) fn action_of(method: &str) -> Action {
    match method {
        "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" => Action::Read,
        "POST" => Action::Create,
        "PUT" | "PATCH" => Action::Write,
        "DELETE" => Action::Delete,
        _ => Action::Act,
    }
}

/// RFC 9110 section 9.2.1, as far as the action agrees.
pub(crate) fn is_safe(method: &str, action: Action) -> bool {
    matches!(method, "GET" | "HEAD" | "QUERY") && matches!(action, Action::Read | Action::List)
}

#[cfg(test)]
pub(crate) mod tests;
