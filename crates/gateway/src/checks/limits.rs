//! Refuses calls beyond the quota of a client, a principal, an API or an operation.
//!
//! All limits that apply are looked at before any is taken from, so a refused call costs nothing of the others. Two calls
//! that race may both be looked at before either takes; then the take itself refuses, and what the refused call has
//! taken from earlier limits stays taken: never more pass than the quota, at worst a few fewer.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use model::{Code, LimitState, Mode, Owasp, Phase, Refusal};

use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::counters::{LimitId, Rate, Taken};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::{Limit, Per};
use crate::shared::Shared;

pub struct Limits {
    shared: Arc<Shared>,
    limits: Vec<Prepared>,
    api: Arc<str>,
    /// The operation's id, or `unmatched`.
    operation: Arc<str>,
}

/// One limit as it applies to one operation.
pub(super) struct Prepared {
    pub(super) id: LimitId,
    pub(super) limit: Limit,
    pub(super) rate: Rate,
}

/// What a limit counts by. The kinds are told apart, so that no client can be named like an address.
#[derive(Hash)]
enum Key<'a> {
    Client { issuer: &'a str, client: &'a str },
    Principal { issuer: &'a str, subject: &'a str },
    Address(IpAddr),
    Api(&'a str),
    Operation { api: &'a str, operation: &'a str },
}

impl Build for Limits {
    const ABOUT: About = About {
        name: "limits",
        phase: Phase::Limit,
        owasp: &[Owasp::Api4, Owasp::Api6],
        summary: "Refuses calls beyond the quota of a client, a principal, an API or an operation.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let limits = applicable(preparation, |per| per != Per::Address);
        if limits.is_empty() {
            return Ok(None);
        }
        let operation =
            preparation.operation.map_or_else(|| "unmatched".into(), |found| Arc::clone(&found.id));
        let (shared, api) = (Arc::clone(preparation.shared), Arc::clone(&preparation.api.name));
        Ok(Some(Self { shared, limits, api, operation }))
    }
}

impl Check for Limits {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let keyed: Vec<_> =
            self.limits.iter().map(|limit| (limit, self.key(limit.limit.per, exchange))).collect();
        take_all(&self.shared, &keyed, Code::RateLimited)
    }
}

impl Limits {
    fn key<'a>(&'a self, per: Per, exchange: &'a Exchange) -> Key<'a> {
        let caller = exchange.caller.as_ref();
        let principal = caller.and_then(|caller| caller.principal.as_ref());
        let address = Key::Address(network(exchange.peer.address));
        let client = caller.and_then(|caller| {
            // Clients of different issuers may have the same name; a key's client has no issuer.
            let issuer = principal.map_or("", |principal| &*principal.issuer);
            caller.client.as_deref().map(|client| Key::Client { issuer, client })
        });
        match per {
            Per::Api => Key::Api(&self.api),
            Per::Operation => Key::Operation { api: &self.api, operation: &self.operation },
            Per::Address => address,
            // A token without a client identifies at least its subject, and an anonymous caller has its address.
            Per::Client => client.or_else(|| principal.map(subject)).unwrap_or(address),
            Per::Principal => principal.map(subject).or(client).unwrap_or(address),
        }
    }
}

fn subject(principal: &model::Principal) -> Key<'_> {
    Key::Principal { issuer: &principal.issuer, subject: &principal.subject }
}

/// The limits of the gateway and of the API that count the operation.
pub(super) fn applicable(preparation: &Preparation<'_>, counts: impl Fn(Per) -> bool) -> Vec<Prepared> {
    let operation = preparation.operation.map(|operation| &*operation.id);
    let covers = |limit: &Limit| {
        counts(limit.per)
            && (limit.operations.is_empty()
                || limit.operations.iter().any(|id| Some(id.as_str()) == operation))
    };
    let prepared = |id: LimitId, limit: &Limit| Prepared {
        id,
        limit: limit.clone(),
        rate: Rate::new(limit.count, limit.window, limit.burst),
    };
    let global = preparation.settings.limits.iter().filter(|limit| covers(limit));
    let own = preparation.api.limits.iter().filter(|limit| covers(limit));
    global
        .map(|limit| prepared(LimitId::global(&limit.name), limit))
        .chain(own.map(|limit| prepared(LimitId::of_api(&preparation.api.name, &limit.name), limit)))
        .collect()
}

/// Takes one from each, or refuses; reports the limit of which the smallest part is left.
pub(super) fn take_all<K: Hash>(shared: &Shared, keyed: &[(&Prepared, K)], code: Code) -> Step {
    let now_ns = shared.clock.monotonic_ns();
    for (prepared, key) in keyed {
        let peek = shared.counters.peek(&prepared.id, key, &prepared.rate, 1, now_ns);
        if !peek.allowed {
            return refuse(code, &prepared.limit, peek);
        }
    }
    let mut tightest: Option<LimitState> = None;
    for (prepared, key) in keyed {
        let taken = shared.counters.take(&prepared.id, key, &prepared.rate, 1, now_ns);
        if !taken.allowed {
            return refuse(code, &prepared.limit, taken);
        }
        let state = state(&prepared.limit, taken);
        let tighter = |held: &LimitState| {
            // The remaining parts of the quotas, compared without dividing; then whichever takes longer to recover.
            let one = u128::from(state.remaining) * u128::from(held.quota.max(1));
            let other = u128::from(held.remaining) * u128::from(state.quota.max(1));
            (one, Reverse(state.reset_s)) < (other, Reverse(held.reset_s))
        };
        if tightest.as_ref().is_none_or(tighter) {
            tightest = Some(state);
        }
    }
    Step::Continue(tightest.map(Edit::Limit).into_iter().collect())
}

fn refuse(code: Code, limit: &Limit, taken: Taken) -> Step {
    let refusal = Refusal::new(code).detail(format!("the limit `{}` is used up", limit.name));
    let refusal = refusal.retry_after_s(taken.retry_after_s);
    Step::RefuseWith(vec![Edit::Limit(state(limit, taken))], Box::new(refusal))
}

fn state(limit: &Limit, taken: Taken) -> LimitState {
    LimitState {
        name: limit.name.clone(),
        quota: limit.count,
        window_s: limit.window.as_secs().max(1),
        // A burst beyond the count is a kindness, not a promise.
        remaining: taken.remaining.min(limit.count),
        reset_s: taken.reset_s,
    }
}

/// What an address counts as: one IPv4 address, or an IPv6 /64, of which anybody has as many addresses as they like.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        four => four,
    }
}
