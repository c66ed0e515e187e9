//! How fetches from issuers go: counted by kind of failure, and told to the operator when that changes.

pub mod fault;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::Clock;
use serde::Serialize;

pub use fault::{FetchFault, FetchFaultKind};

use crate::settings::{Jwt, KeySource, OpaqueTokens};

/// Between two lines about one subject, so that a service that fails every other time does not fill the log.
pub const PAUSE: Duration = Duration::from_secs(10);

/// What is fetched, and from whom. All of it stands in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// `keys` or `introspection`.
    pub what: &'static str,
    /// Empty for an introspection endpoint without a configured issuer.
    pub issuer: Arc<str>,
    /// `discovery`, or the place without its query.
    pub source: Arc<str>,
}

/// How the fetches of one subject stand, for `status` and metrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FetchStatus {
    /// `keys` or `introspection`.
    pub what: &'static str,
    pub issuer: String,
    pub source: String,
    /// Whether the last fetch failed.
    pub failing: bool,
    /// The kind of the last failure, also when fetches have succeeded since.
    pub last_failure: Option<FetchFaultKind>,
    /// Since the start, by kind.
    pub failures: Vec<(FetchFaultKind, u64)>,
}

#[derive(Default)]
struct State {
    failing: Option<FetchFaultKind>,
    last_failure: Option<FetchFaultKind>,
    failures: HashMap<FetchFaultKind, u64>,
    told: Option<FetchFaultKind>,
    told_ns: Option<u64>,
}

type Tell = Box<dyn Fn(&str) + Send + Sync>;

/// Every subject that was fetched since the start.
pub struct Fetches {
    clock: Arc<dyn Clock>,
    states: Mutex<HashMap<Subject, State>>,
    tell: Tell,
}

impl Fetches {
    /// Tells on stderr.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::telling(clock, Box::new(on_stderr))
    }

    fn telling(clock: Arc<dyn Clock>, tell: Tell) -> Self {
        Self { clock, states: Mutex::default(), tell }
    }

    /// Waits for a fetch and notes how it went. A fetch that is given up by whoever waited for it, at the end of
    /// `timeout`, has timed out; one that is given up earlier is not a failure.
    pub async fn note<T>(
        &self,
        subject: Subject,
        timeout: Duration,
        fetch: impl Future<Output = Result<T, FetchFault>>,
    ) -> Result<T, String> {
        let began_ns = self.clock.monotonic_ns();
        let mut waiting = Waiting { fetches: self, subject: Some(subject), timeout, began_ns };
        let result = fetch.await;
        if let Some(subject) = waiting.subject.take() {
            self.ended(subject, result.as_ref().err());
        }
        result.map_err(|fault| fault.to_string())
    }

    /// In the order of their names.
    pub fn statuses(&self) -> Vec<FetchStatus> {
        let mut all: Vec<FetchStatus> =
            self.lock().iter().map(|(subject, state)| status(subject, state)).collect();
        all.sort_by(|one, other| {
            (one.what, &one.issuer, &one.source).cmp(&(other.what, &other.issuer, &other.source))
        });
        all
    }

    /// What the configuration in force does not fetch any more is not failing any more; its counts stay.
    pub(crate) fn forget_all_but(&self, fetched: &[Subject]) {
        for (subject, state) in &mut *self.lock() {
            if !fetched.contains(subject) {
                state.failing = None;
            }
        }
    }

    /// Notes how a fetch went; `None` is a success.
    pub(crate) fn ended(&self, subject: Subject, fault: Option<&FetchFault>) {
        let now_ns = self.clock.monotonic_ns();
        let kind = fault.map(|fault| fault.kind);
        let mut states = self.lock();
        let state = states.entry(subject.clone()).or_default();
        state.failing = kind;
        if let Some(kind) = kind {
            state.last_failure = Some(kind);
            *state.failures.entry(kind).or_default() += 1;
        }
        let is_early = state.told_ns.is_some_and(|told| now_ns.saturating_sub(told) < nanos(PAUSE));
        if state.told == kind || is_early {
            return;
        }
        (state.told, state.told_ns) = (kind, Some(now_ns));
        drop(states);
        let name = if subject.issuer.is_empty() { &subject.source } else { &subject.issuer };
        match fault {
            Some(fault) => (self.tell)(&format!("{} of {name}: {fault}", subject.what)),
            None => (self.tell)(&format!("{} of {name}: works again", subject.what)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes a fetch that was dropped before its end.
struct Waiting<'a> {
    fetches: &'a Fetches,
    subject: Option<Subject>,
    timeout: Duration,
    began_ns: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(subject) = self.subject.take() else { return };
        let waited_ns = self.fetches.clock.monotonic_ns().saturating_sub(self.began_ns);
        // Whoever gave it up began to wait a moment before the fetch itself began.
        if waited_ns >= nanos(self.timeout) / 10 * 9 {
            self.fetches.ended(subject, Some(&FetchFault::timed_out()));
        }
    }
}

impl Subject {
    pub fn keys(jwt: &Jwt) -> Self {
        let source = match &jwt.keys {
            KeySource::JwksUri(uri) => bare(uri).into(),
            _ => "discovery".into(),
        };
        Self { what: "keys", issuer: Arc::clone(&jwt.issuer), source }
    }

    pub fn introspection(settings: &OpaqueTokens) -> Self {
        let issuer = settings.issuer.clone().unwrap_or_default();
        Self { what: "introspection", issuer, source: bare(&settings.endpoint).into() }
    }
}

fn status(subject: &Subject, state: &State) -> FetchStatus {
    let mut failures: Vec<_> = state.failures.iter().map(|(kind, count)| (*kind, *count)).collect();
    failures.sort_unstable();
    FetchStatus {
        what: subject.what,
        issuer: subject.issuer.to_string(),
        source: subject.source.to_string(),
        failing: state.failing.is_some(),
        last_failure: state.last_failure,
        failures,
    }
}

/// A URL without its query, in which a secret may stand.
fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn on_stderr(line: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
