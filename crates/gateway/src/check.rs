//! The shape of a check: pure, prepared once per operation, asked step by step.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use model::{Caller, LimitState, Mode, Owasp, Phase, Refusal};

use crate::evidence::Service;
use crate::exchange::{Exchange, OpenedId};
use crate::question::{Answers, Question};
use crate::settings::{Api, Settings};
use crate::shared::Shared;
use crate::snapshot::mode_of;

/// What a check is, for people and for generated pages.
#[derive(Debug, Clone, Copy)]
pub struct About {
    pub name: &'static str,
    pub phase: Phase,
    pub owasp: &'static [Owasp],
    /// One sentence: "Refuses ...".
    pub summary: &'static str,
    pub default_mode: Mode,
    /// `false` for checks that identify or strip: they have no watch mode.
    pub may_watch: bool,
    pub body: BodyNeed,
}

/// What a check needs of a body. The pipeline buffers only when something needs `Whole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodyNeed {
    None,
    Stream,
    Whole,
}

/// One step of a check.
#[derive(Debug)]
pub enum Step {
    Continue(Vec<Edit>),
    Refuse(Box<Refusal>),
    /// Refuses, and leaves its `Limit`, `Report` and `SetResponseHeader` edits for the refusal's answer and record.
    RefuseWith(Vec<Edit>, Box<Refusal>),
    /// Answer these, then step the check again with all answers so far.
    Ask(Vec<Question>),
    /// The check itself failed; in enforce mode the request is refused.
    Fail(String),
}

impl Step {
    pub fn pass() -> Self {
        Self::Continue(Vec::new())
    }

    pub fn refuse(refusal: impl Into<Refusal>) -> Self {
        Self::Refuse(Box::new(refusal.into()))
    }
}

/// A change that the runner makes to the exchange. In watch mode it is recorded and discarded.
#[derive(Debug)]
pub enum Edit {
    /// Identify's result.
    Caller(Caller),
    /// Locks that the request holds from now on until the service has answered.
    Hold(Arc<crate::locks::Held>),
    /// What the request may rename, until nothing more is to be heard of it. In watch mode too.
    Rename(Box<crate::renaming::Renaming>),
    /// How it was decided, for the record. In watch mode too.
    Decided(Box<model::AuthorizationTrace>),
    /// What rules found. In watch mode too.
    Inspected(Box<crate::waf::Inspection>),
    /// Objects are decided on by the answer itself.
    AwaitAnswer,
    /// The objects that the request concerns; replaces what was known before.
    Objects(Vec<policy::Known>),
    /// Sealed ids that stand in the request; the service gets its own in their place.
    Opened(Box<Opened>),
    /// Whom policies see.
    Subject(Arc<policy::decide::Subject>),
    SetRequestHeader(HeaderName, HeaderValue),
    RemoveRequestHeader(HeaderName),
    /// The query as it is forwarded, without `?`; `None` removes it.
    SetQuery(Option<String>),
    /// The path as it is forwarded.
    SetPath(String),
    /// Replaces byte ranges of the request body, by the spans of its tape; ranges do not overlap.
    SpliceBody(Vec<(std::ops::Range<usize>, Bytes)>),
    SetResponseHeader(HeaderName, HeaderValue),
    RemoveResponseHeader(HeaderName),
    /// The answer is for this caller alone, whatever it says to caches.
    Private,
    /// Replaces byte ranges of the response body, by the spans of its tape; ranges do not overlap.
    SpliceResponse(Vec<(std::ops::Range<usize>, Bytes)>),
    /// For `RateLimit` and `RateLimit-Policy`; survives a refusal.
    Limit(LimitState),
    /// Said in the record although nothing was refused, without values.
    Report(String),
}

/// A path, and the decoded values of its template's parameters by name.
pub type OpenedPath = (openapi::NormalPath, Vec<(Arc<str>, String)>);

/// Ids that were sealed, with everything of the request's head that has them.
#[derive(Debug, Default)]
pub struct Opened {
    pub ids: Vec<OpenedId>,
    /// The path with the service's own ids, and the values of its template's parameters.
    pub path: Option<OpenedPath>,
    /// Parameters of the query, and what they are from here on wherever they stand, as it is written there.
    pub query: Vec<(Arc<str>, Vec<String>)>,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// A protection, prepared for one operation. Immutable; counters and caches live in [`Shared`].
pub trait Check: Send + Sync {
    fn step(&self, exchange: &Exchange, answers: &Answers) -> Step;

    /// Whether [`Check::on_response_head`] is to be called at all.
    fn reads_response_head(&self) -> bool {
        false
    }

    /// Called with the upstream's response head in the exchange, when [`Check::reads_response_head`] asks for it.
    fn on_response_head(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::pass()
    }

    /// Called with the whole response body in the exchange, when [`Check::response_body`] asks for it.
    fn on_response_body(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::pass()
    }

    /// What the check needs of the request's body; by default what its kind says.
    fn request_body(&self) -> Option<BodyNeed> {
        None
    }

    /// What the check needs of the response's body.
    fn response_body(&self) -> BodyNeed {
        BodyNeed::None
    }

    /// Whether [`Check::on_response_bytes`] is to be called.
    fn meters_response(&self) -> bool {
        false
    }

    /// So many bytes of the service's answer have passed to the caller since the last call. Nothing can be refused any
    /// more; it is called now and then while a long answer passes, and at its end, in every mode.
    fn on_response_bytes(&self, _exchange: &Exchange, _bytes: u64) {}
}

/// What a check may look at when it is prepared.
pub struct Preparation<'a> {
    pub settings: &'a Settings,
    pub api: &'a Api,
    /// `None` for the synthetic `unmatched` operation.
    pub operation: Option<&'a Arc<openapi::Operation>>,
    pub shared: &'a Arc<Shared>,
    /// `None` where the API's authorization is not configured.
    pub(crate) service: Option<&'a Arc<Service>>,
}

impl<'a> Preparation<'a> {
    /// What the API's authorization says of the operation; `None` where it says nothing.
    pub fn authorized(&self) -> Option<Authorized<'a>> {
        let (authorization, operation) = self.api.authorization.as_ref().zip(self.operation)?;
        let plan = authorization.plan(&operation.id)?;
        Some(Authorized { authorization, operation, plan })
    }

    /// Whether this check refuses here what it finds.
    pub fn enforces(&self, check: &str) -> bool {
        let id = self.operation.map_or("", |operation| &operation.id);
        let kinds = crate::checks::ALL.iter().map(|kind| kind.about());
        kinds.filter(|about| about.name == check).any(|about| mode_of(about, self.api, id) == Mode::Enforce)
    }
}

/// An operation with its plan.
pub struct Authorized<'a> {
    pub authorization: &'a Arc<policy::Authorization>,
    pub operation: &'a Arc<openapi::Operation>,
    pub plan: &'a Arc<policy::Plan>,
}

/// A kind of check, as it stands in the list of [`crate::checks`].
pub trait Kind: Send + Sync {
    fn about(&self) -> &'static About;
    /// `None`: the operation does not need it. An error stops the snapshot from being built.
    fn prepare(&self, preparation: &Preparation<'_>) -> Result<Option<Box<dyn Check>>, String>;
}

/// What one file of `checks/` implements; [`of`] turns it into a [`Kind`].
pub trait Build: Check + Sized + 'static {
    const ABOUT: About;
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String>;
}

struct Of<T>(std::marker::PhantomData<fn() -> T>);

impl<T: Build> Kind for Of<T> {
    fn about(&self) -> &'static About {
        const { &T::ABOUT }
    }

    fn prepare(&self, preparation: &Preparation<'_>) -> Result<Option<Box<dyn Check>>, String> {
        Ok(T::build(preparation)?.map(|check| Box::new(check) as Box<dyn Check>))
    }
}

/// A line of the list.
pub const fn of<T: Build>() -> &'static dyn Kind {
    &Of::<T>(std::marker::PhantomData)
}
