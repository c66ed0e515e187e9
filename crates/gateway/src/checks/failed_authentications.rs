//! Refuses addresses that have presented too many credentials that were not valid; IPv6 addresses count by their /64.
//!
//! Counted is what could be a guess: a credential that was sent and did not verify. A missing credential, an expired
//! token with a good signature, a token of a signing key that is not known (yet), and anything that could not be verified because of an outage are not counted. A guess is
//! a credential not tried before: one that is sent again and again, as a program does whose token was revoked, counts once
//! for its address, and is then refused itself. So it does not lock out its neighbours behind the same address.

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use model::{Code, LimitKind, Mode, Owasp, Phase, Refusal};
use net::network;
use openapi::{KeyLocation, SchemeKind};

use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::counters::{Counted, LimitId, Rate, Room, Window};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::FailedAuthentications as Settings;
use crate::shared::Shared;

/// The name in metrics and records.
const NAME: &str = "failed_authentications";
/// Credentials that an address may have refused before it is remembered that there are any; never used up.
const MARKS: u64 = u64::MAX >> 1;

pub struct FailedAuthentications {
    shared: Arc<Shared>,
    failures: Failures,
}

/// The counts of failures that Identify adds to and this check looks at.
pub(super) struct Failures {
    settings: Settings,
    rate: Rate,
    by_address: LimitId,
    by_credential: LimitId,
    /// Whether an address has a credential that is refused: without one, none needs to be looked at.
    marked: LimitId,
    carriers: Vec<HeaderName>,
}

/// Everything that a request presents, from one address.
#[derive(Hash)]
struct Presented<'a> {
    network: IpAddr,
    credentials: Vec<&'a [u8]>,
}

impl Counted for Presented<'_> {
    fn room(&self) -> Room {
        Room::Anyone
    }
}

impl Failures {
    pub(super) fn new(preparation: &Preparation<'_>) -> Result<Self, String> {
        let settings = preparation.settings.failed_authentications;
        if settings.count == 0 {
            return Err("`failed_authentications.count` must be at least 1".to_owned());
        }
        let mut carriers = vec![AUTHORIZATION];
        for scheme in preparation.api.description.security_schemes.values() {
            if let SchemeKind::ApiKey { location: KeyLocation::Header, name } = &scheme.kind {
                carriers.extend(HeaderName::from_bytes(name.as_bytes()).ok());
            }
        }
        Ok(Self {
            settings,
            rate: Rate::new(settings.count, settings.window, settings.count),
            by_address: LimitId::global(NAME),
            by_credential: LimitId::global("failed_authentications/credential"),
            marked: LimitId::global("failed_authentications/marked"),
            carriers,
        })
    }

    /// Counts one failure: for the credential each time, for the address when it is the first with it.
    pub(super) fn add(&self, shared: &Shared, exchange: &Exchange) {
        let (counters, now_ns) = (&shared.counters, shared.clock.monotonic_ns());
        let presented = self.presented(exchange);
        let window = self.window(self.settings.count, now_ns);
        let taken = counters.take(&self.by_credential, &presented, &window, 1, now_ns);
        if taken.allowed && taken.remaining + 1 == self.settings.count {
            counters.take(&self.by_address, &presented.network, &self.rate, 1, now_ns);
        }
        if taken.remaining == 0 {
            let marks = self.window(MARKS, now_ns);
            counters.owe(&self.marked, &presented.network, &marks, 1, now_ns);
        }
    }

    /// Seconds until it may be tried again, when the address or the credential has used up its failures.
    fn wait_s(&self, shared: &Shared, exchange: &Exchange) -> Option<u64> {
        let (counters, now_ns) = (&shared.counters, shared.clock.monotonic_ns());
        let network = network(exchange.peer.address);
        let taken = counters.peek(&self.by_address, &network, &self.rate, 1, now_ns);
        if !taken.allowed {
            return Some(taken.retry_after_s);
        }
        let marks = counters.peek(&self.marked, &network, &self.window(MARKS, now_ns), 1, now_ns);
        if marks.remaining == MARKS {
            return None;
        }
        let window = self.window(self.settings.count, now_ns);
        let presented = self.presented(exchange);
        let taken = counters.peek(&self.by_credential, &presented, &window, 1, now_ns);
        (!taken.allowed).then_some(taken.retry_after_s)
    }

    fn window(&self, quota: u64, now_ns: u64) -> Window {
        Window::from_now(quota, self.settings.window, now_ns)
    }

    fn presented<'a>(&self, exchange: &'a Exchange) -> Presented<'a> {
        let headers: &HeaderMap = &exchange.head.headers;
        let values = self.carriers.iter().flat_map(|name| headers.get_all(name));
        let credentials = values.map(http::HeaderValue::as_bytes).collect();
        Presented { network: network(exchange.peer.address), credentials }
    }
}

impl Build for FailedAuthentications {
    const ABOUT: About = About {
        name: "failed_authentications",
        phase: Phase::Connect,
        owasp: &[Owasp::Api2],
        summary: "Refuses addresses that have presented too many credentials that were not valid.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let failures = Failures::new(preparation)?;
        Ok(Some(Self { shared: Arc::clone(preparation.shared), failures }))
    }
}

impl Check for FailedAuthentications {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        match self.failures.wait_s(&self.shared, exchange) {
            None => Step::pass(),
            Some(wait_s) => {
                let refusal = Refusal::new(Code::AuthenticationLimited).retry_after_s(wait_s);
                Step::refuse(refusal.limited(NAME, LimitKind::FailedAuthentications))
            }
        }
    }
}
