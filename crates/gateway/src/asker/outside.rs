//! The real outside: issuers and introspection endpoints, through the guarded fetcher.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use net::fetch::{Fetcher, Guard};

use super::Outside;
use crate::fetches::{FetchFault, Subject};
use crate::keys::fetch::fetch_keys;
use crate::opaque_tokens;
use crate::question::{Answer, NoAnswer, Question};
use crate::settings::{AuthenticatorKind, Jwt, KeySource, Settings};
use crate::shared::Shared;

pub(crate) struct Fetching {
    /// `None` when the system has no roots to trust: then nothing is fetched.
    fetcher: ArcSwapOption<Fetcher>,
    shared: Arc<Shared>,
    timeout: ArcSwap<Duration>,
}

impl Fetching {
    pub(crate) fn new(settings: &Settings, shared: Arc<Shared>) -> Self {
        Self {
            fetcher: ArcSwapOption::from_pointee(fetcher(settings)),
            timeout: ArcSwap::from_pointee(settings.timeouts.question),
            shared,
        }
    }

    /// Takes over the networks, times and sources of a new configuration.
    pub(crate) fn reconfigure(&self, settings: &Settings) {
        self.fetcher.store(fetcher(settings).map(Arc::new));
        self.timeout.store(Arc::new(settings.timeouts.question));
        self.shared.fetches.forget_all_but(&subjects(settings));
    }

    /// Fetches keys that are missing or about to grow stale, so that no request has to wait for them.
    pub(crate) async fn refresh_keys(&self, settings: &Settings) {
        let fetcher = self.fetcher.load_full();
        let timeout = settings.timeouts.question;
        for jwt in fetched_issuers(settings) {
            let Some(fetcher) = fetcher.as_ref() else {
                self.nothing_trusted(Subject::keys(&jwt));
                continue;
            };
            let fetch = fetch_keys(fetcher, &jwt, timeout);
            let fetch = self.shared.fetches.note(Subject::keys(&jwt), timeout, fetch);
            // How the fetch went is in the state of the keys.
            let _ = self.shared.keys.refresh(&jwt, self.shared.clock.as_ref(), fetch).await;
        }
    }

    fn nothing_trusted(&self, subject: Subject) {
        let fault = FetchFault::forbidden("the system has no certificate authorities to trust");
        self.shared.fetches.ended(subject, Some(&fault));
    }

    async fn keys(&self, fetcher: &Fetcher, jwt: &Jwt, kid: Option<&str>) -> Answer {
        let timeout = **self.timeout.load();
        let fetch = fetch_keys(fetcher, jwt, timeout);
        let fetch = self.shared.fetches.note(Subject::keys(jwt), timeout, fetch);
        match self.shared.keys.obtain(jwt, kid, self.shared.clock.as_ref(), fetch).await {
            Ok(keys) => Answer::Keys(keys),
            Err(none) => Answer::None(none),
        }
    }
}

fn fetched_issuers(settings: &Settings) -> Vec<Jwt> {
    let mut all = Vec::new();
    for authenticator in settings.apis.iter().flat_map(|api| api.authenticators.values()).flatten() {
        if let AuthenticatorKind::Jwt(jwt) = &authenticator.kind
            && matches!(jwt.keys, KeySource::Discovery | KeySource::JwksUri(_))
        {
            all.push(jwt.clone());
        }
    }
    all
}

/// Everything that this configuration may fetch.
fn subjects(settings: &Settings) -> Vec<Subject> {
    let mut all: Vec<Subject> = fetched_issuers(settings).iter().map(Subject::keys).collect();
    for authenticator in settings.apis.iter().flat_map(|api| api.authenticators.values()).flatten() {
        if let AuthenticatorKind::Opaque(settings) = &authenticator.kind {
            all.push(Subject::introspection(settings));
        }
    }
    all
}

impl Outside for Fetching {
    fn last_change_ns(&self, question: &Question) -> u64 {
        match question {
            Question::Evidence(ask) => self.shared.evidence.last_change_ns(ask),
            Question::Introspect { .. } => self.shared.tokens.last_forgotten_ns(),
            Question::Keys { .. } | Question::Evaluate(_) | Question::Lock(_) => 0,
        }
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            match question {
                Question::Evidence(ask) => {
                    return Answer::Evidence(Arc::new(self.shared.evidence.ask(ask).await));
                }
                Question::Lock(wanted) => return self.shared.lock(wanted).await,
                Question::Keys { .. } | Question::Introspect { .. } | Question::Evaluate(_) => {}
            }
            let Some(fetcher) = self.fetcher.load_full() else {
                self.nothing_trusted(match question {
                    Question::Keys { jwt, .. } => Subject::keys(jwt),
                    Question::Introspect { settings, .. } => Subject::introspection(settings),
                    Question::Evidence(_) | Question::Lock(_) | Question::Evaluate(_) => {
                        return Answer::None(NoAnswer::Failed);
                    }
                });
                return Answer::None(NoAnswer::Failed);
            };
            match question {
                Question::Keys { jwt, kid } => self.keys(&fetcher, jwt, kid.as_deref()).await,
                Question::Introspect { settings, token, .. } => {
                    let timeout = **self.timeout.load();
                    let begun_ns = self.shared.clock.monotonic_ns();
                    let fetch = opaque_tokens::ask(&fetcher, settings, token, timeout);
                    let subject = Subject::introspection(settings);
                    match self.shared.fetches.note(subject, timeout, fetch).await {
                        Ok(members) => Answer::Introspected { members: Arc::new(members), begun_ns },
                        // Why, `note` has told the operator.
                        Err(_) => Answer::None(NoAnswer::Failed),
                    }
                }
                Question::Evaluate(evaluation) => crate::decision_point::evaluate(&fetcher, evaluation).await,
                Question::Evidence(_) | Question::Lock(_) => Answer::None(NoAnswer::Failed),
            }
        })
    }
}

fn fetcher(settings: &Settings) -> Option<Fetcher> {
    let allow = settings.egress_allow.iter().map(|network| (network.address, network.prefix)).collect();
    Fetcher::new(Guard { allow }, &net::Roots::system().ok()?).ok()
}
