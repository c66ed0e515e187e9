//! Sealed ids of one API, as its checks seal and open them.

pub(crate) mod urls;

use std::sync::Arc;

use model::{AuthorizationTrace, Code, Judgement, Mode, Refusal};
use openapi::{Description, Match, NormalPath, Operation};
use policy::Authorization;
use policy::decide::Subject;
use policy::plan::Plan;
use policy::sealing::{Audience, Keys, Opening, SealFault, Sealer};

use crate::check::{Edit, Preparation, Step};

/// The check that all of it is switched by: what it does not seal is not opened either.
pub(crate) const SWITCH: &str = "sealed_ids";

/// Different sealed ids that one request may name.
pub(crate) const OPENED_MAX: usize = 256;

/// Prepared for one operation.
pub(crate) struct Seals {
    keys: Arc<Keys>,
    authorization: Arc<Authorization>,
    api: Arc<str>,
    description: Arc<Description>,
    /// What stands before the description's paths: for callers, and in the service's own words.
    base_paths: [String; 2],
    operation: Arc<Operation>,
}

impl Seals {
    /// `None` where the API seals nothing, or the operation is refused anyway.
    ///
    /// # Errors
    /// When a type is to be sealed and there is no key.
    pub(crate) fn of(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(authorized) = preparation.authorized().filter(|authorized| !authorized.plan.deny) else {
            return Ok(None);
        };
        let (authorization, api) = (authorized.authorization, preparation.api);
        if authorization.bindings.resources.values().all(|resource| resource.seal.is_none()) {
            return Ok(None);
        }
        let Some(keys) = &api.sealing else { return Err("there is no key to seal with".to_owned()) };
        Ok(Some(Self {
            keys: Arc::clone(keys),
            authorization: Arc::clone(authorization),
            api: Arc::clone(&api.name),
            description: Arc::clone(&api.description),
            base_paths: [api.base_path.clone(), api.upstream.base_path.clone().unwrap_or_default()],
            operation: Arc::clone(authorized.operation),
        }))
    }

    /// The same, where answers are indeed sealed and not only watched.
    ///
    /// # Errors
    /// As [`Seals::of`].
    pub(crate) fn enforced(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let id = preparation.operation.map(|operation| &*operation.id).unwrap_or_default();
        let of_operation = preparation.api.operation_modes.get(id).and_then(|modes| modes.get(SWITCH));
        let mode = of_operation.or_else(|| preparation.api.modes.get(SWITCH));
        if mode.is_some_and(|mode| *mode != Mode::Enforce) { Ok(None) } else { Self::of(preparation) }
    }

    pub(crate) fn plan(&self) -> Option<&Arc<Plan>> {
        self.authorization.plan(&self.operation.id)
    }

    pub(crate) fn operation(&self) -> &Arc<Operation> {
        &self.operation
    }

    /// Whether a path with other ids in it still leads to the operation, and not to a sibling of literal segments.
    pub(crate) fn leads_here(&self, path: &NormalPath) -> bool {
        matches!(
            self.description.router().find(&self.operation.method, path),
            Match::Operation { operation, .. } if operation.id == self.operation.id
        )
    }

    pub(crate) fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    /// Places of the request's head, or of its body.
    pub(crate) fn opens(&self, in_body: bool) -> Vec<Opening> {
        let opens = self.plan().into_iter().flat_map(|plan| &plan.sealed.opens);
        opens.filter(|opening| opening.is_in_body() == in_body).cloned().collect()
    }

    fn sealer<'a>(&'a self, kind: &'a str, subject: &'a Subject) -> Option<Sealer<'a>> {
        let seal = self.authorization.bindings.resources.get(kind)?.seal.as_ref()?;
        Some(self.keys.sealer(&self.api, kind, seal, Audience::of(subject, seal)))
    }

    /// # Errors
    /// [`SealFault`] when there is nothing to seal with, or the id cannot be sealed.
    pub(crate) fn seal(&self, kind: &str, id: &str, subject: &Subject) -> Result<String, SealFault> {
        self.sealer(kind, subject).ok_or(SealFault::NoKey)?.seal(id)
    }

    /// The id, where the text was sealed for this caller.
    pub(crate) fn open(&self, kind: &str, text: &str, subject: &Subject) -> Option<String> {
        self.sealer(kind, subject)?.open(text)
    }
}

/// What was not sealed for the caller is, to the caller, not there; why is for the record.
pub(crate) fn unsealed(why: &str) -> Step {
    let mut trace = AuthorizationTrace::new(Judgement::Absent);
    trace.faults.push(why.to_owned());
    Step::RefuseWith(vec![Edit::Decided(Box::new(trace))], Box::new(Refusal::new(Code::ObjectNotFound)))
}
