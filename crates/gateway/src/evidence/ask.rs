//! One question to the API, and what tells it from every other.

use std::sync::Arc;

use http::HeaderMap;
use policy::bindings::{IdPlace, Resource};
use policy::decide::Subject;
use policy::plan::{Asking, Listing, Producing, Resolving};

use super::{Digest, Service};
use crate::objects::ObjectKey;
use crate::settings::Importance;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Whoami(Arc<Asking>),
    Produce(Arc<Producing>, Arc<Resource>),
    List(Arc<Listing>, Arc<Resource>),
    Resolve(Arc<Resolving>, Arc<Resource>),
    /// A further page of the list that the caller asked for, by its query.
    Page(Arc<openapi::Operation>, Arc<str>),
}

impl What {
    /// The word in records.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Whoami(_) => "whoami",
            Self::Produce(..) => "producer",
            Self::List(..) => "list",
            Self::Resolve(..) => "resolver",
            Self::Page(..) => "page",
        }
    }

    pub(crate) fn operation(&self) -> &Arc<openapi::Operation> {
        match self {
            Self::Whoami(asking) => &asking.call.operation,
            Self::Produce(producing, _) => &producing.call.operation,
            Self::List(listing, _) => &listing.call.operation,
            Self::Resolve(resolving, _) => &resolving.call.operation,
            Self::Page(operation, _) => operation,
        }
    }
}

/// One question, complete but for the fields that carry the credential, which the runner adds.
#[derive(Debug, Clone)]
pub struct Ask {
    pub(crate) service: Arc<Service>,
    pub(crate) what: What,
    /// The object's id; empty for `whoami`.
    pub(crate) id: Arc<str>,
    pub(crate) object: Option<ObjectKey>,
    /// Stands for everything that the caller has: a creation changes it.
    pub(crate) whose: Option<ObjectKey>,
    /// Parameters of the call that the request at hand fills.
    pub(crate) parameters: Vec<(IdPlace, Arc<str>)>,
    pub(crate) subject: Arc<Subject>,
    /// Who asks, credential included. Nothing is kept for nobody in particular.
    pub(crate) identity: Option<[u8; 32]>,
    /// The request's id, when nothing may be taken from a cache or shared with another request.
    pub(crate) fresh: Option<Arc<str>>,
    pub(crate) headers: Option<Arc<HeaderMap>>,
    /// Of the request on whose behalf it is asked; the runner says it.
    pub(crate) importance: Importance,
}

impl Ask {
    /// What the answer depends on, the object's id aside for lists: two asks with one key have one answer.
    pub(crate) fn kept_under(&self) -> Option<[u8; 32]> {
        let mut digest =
            self.digest(self.identity.or(self.nobody())?, matches!(self.what, What::Resolve(..)));
        // One request may ask for many objects of one list, and what it was told is not for others.
        digest.text(self.fresh.as_deref().unwrap_or_default());
        Some(digest.finish())
    }

    /// What a request asks for itself alone may be kept for it, whoever it is.
    fn nobody(&self) -> Option<[u8; 32]> {
        self.fresh.is_some().then_some([0; 32])
    }

    /// Tells this question from every other.
    pub(crate) fn key(&self) -> [u8; 32] {
        let mut digest = self.digest(self.identity.unwrap_or_default(), true);
        digest.text(self.fresh.as_deref().unwrap_or_default());
        digest.finish()
    }

    fn digest(&self, identity: [u8; 32], with_id: bool) -> Digest {
        let mut digest = Digest::default();
        digest.text(&self.service.scope).text(&self.service.api.name).text(self.what.word());
        digest.text(&self.what.operation().id).bytes(&identity);
        // Two lists of one operation may take different parts of its answer.
        match &self.what {
            What::Whoami(_) => {}
            What::Page(_, query) => {
                digest.text(query);
            }
            What::Produce(producing, resource) => {
                let producer = &producing.producer;
                digest.text(&resource.name).text(producer.items.as_str()).text(producer.id.as_str());
                let page = producer.page.as_ref().map(|page| format!("{page:?}"));
                digest.text(page.as_deref().unwrap_or_default());
            }
            What::List(listing, resource) => {
                let paths = [
                    Some(&listing.items),
                    Some(&listing.id),
                    listing.owner.as_ref(),
                    listing.tenant.as_ref(),
                ];
                digest.text(&resource.name);
                for path in paths {
                    digest.text(path.map_or("", policy::Path::as_str));
                }
            }
            What::Resolve(resolving, resource) => {
                digest
                    .text(&resource.name)
                    .text(resolving.object.as_str())
                    .text(&format!("{:?}", resolving.id));
            }
        }
        digest.text(&self.subject.subject).text(&self.subject.tenant);
        for (place, value) in &self.parameters {
            digest.text(&format!("{place:?}")).text(value);
        }
        if with_id {
            digest.text(&self.id);
        }
        digest
    }
}
