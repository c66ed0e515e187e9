//! Refuses calls beyond the quota of a tenant, a client, a principal, an API, an operation or a class.

pub(super) mod prepared;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase};
use net::network;

use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::classes::Classes;
use crate::counters::{Counted, LimitId, Room};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::Per;
use crate::shared::Shared;
pub(super) use prepared::{Prepared, applicable, take_all};

pub struct Limits {
    shared: Arc<Shared>,
    /// Known beforehand.
    limits: Vec<Prepared>,
    classes: Classes,
    /// Of the classes that the caller may turn out to be in, by name; the operation's own is among `limits`.
    of_callers: Vec<(Arc<str>, Vec<Prepared>)>,
    api: Arc<str>,
    /// The operation's id, or `unmatched`.
    operation: Arc<str>,
}

/// What a limit counts by. The kinds are told apart, so that no client can be named like an address.
#[derive(Hash)]
enum Key<'a> {
    Tenant { issuer: &'a str, tenant: &'a str },
    Client { issuer: &'a str, client: &'a str },
    Principal { issuer: &'a str, subject: &'a str },
    Address(IpAddr),
    Api(&'a str),
    Operation { api: &'a str, operation: &'a str },
}

impl Counted for Key<'_> {
    fn room(&self) -> Room {
        match self {
            Self::Address(address) => address.room(),
            Self::Tenant { .. } | Self::Client { .. } | Self::Principal { .. } => Room::Callers,
            Self::Api(_) | Self::Operation { .. } => Room::Configured,
        }
    }
}

impl Build for Limits {
    const ABOUT: About = About {
        name: "limits",
        phase: Phase::Limit,
        owasp: &[Owasp::Api4, Owasp::Api6],
        summary: "Refuses calls beyond the quota of a tenant, a client, a principal, an API, an operation or a class.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let limits = applicable(preparation, |per| per != Per::Address);
        let operation = preparation.operation.map(|operation| &**operation);
        let classes = Classes::of(preparation.settings, preparation.api, operation);
        let of_callers: Vec<_> = classes
            .callers
            .iter()
            .filter(|class| classes.operation.as_ref().is_none_or(|own| own.name != class.name))
            .filter(|class| !class.limits.is_empty())
            .map(|class| {
                let id = |name: &str| LimitId::of_class(&class.name, name);
                let limits = class.limits.iter();
                let prepared = limits.map(|limit| Prepared::new(id(&limit.name), limit, classes.cost));
                (Arc::clone(&class.name), prepared.collect())
            })
            .collect();
        if limits.is_empty() && of_callers.is_empty() {
            return Ok(None);
        }
        let operation = operation.map_or_else(|| "unmatched".into(), |found| Arc::clone(&found.id));
        let (shared, api) = (Arc::clone(preparation.shared), Arc::clone(&preparation.api.name));
        Ok(Some(Self { shared, limits, classes, of_callers, api, operation }))
    }
}

impl Check for Limits {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let keyed: Vec<_> =
            self.counting(exchange).map(|limit| (limit, self.key(limit.per(), exchange))).collect();
        take_all(&self.shared, &keyed, Code::RateLimited)
    }

    fn meters_response(&self) -> bool {
        let of_callers = self.of_callers.iter().flat_map(|(_, limits)| limits);
        self.limits.iter().chain(of_callers).any(Prepared::is_metered)
    }

    fn on_response_bytes(&self, exchange: &Exchange, bytes: u64) {
        for limit in self.counting(exchange).filter(|limit| limit.is_metered()) {
            limit.owe(&self.shared, &self.key(limit.per(), exchange), bytes);
        }
    }
}

impl Limits {
    /// The limits that count this request.
    fn counting(&self, exchange: &Exchange) -> impl Iterator<Item = &Prepared> {
        let class =
            if self.of_callers.is_empty() { None } else { self.classes.of_caller(exchange.caller.as_ref()) };
        let of_class = class.and_then(|class| self.of_callers.iter().find(|(name, _)| *name == class.name));
        self.limits.iter().chain(of_class.into_iter().flat_map(|(_, limits)| limits))
    }

    fn key<'a>(&'a self, per: Per, exchange: &'a Exchange) -> Key<'a> {
        let caller = exchange.caller.as_ref();
        let principal = caller.and_then(|caller| caller.principal.as_ref());
        let address = Key::Address(network(exchange.peer.address));
        // Clients and tenants of different issuers may have the same name; a key's have no issuer.
        let issuer = principal.map_or("", |principal| &*principal.issuer);
        let client =
            caller.and_then(|caller| caller.client.as_deref()).map(|client| Key::Client { issuer, client });
        let tenant =
            caller.and_then(|caller| caller.tenant.as_deref()).map(|tenant| Key::Tenant { issuer, tenant });
        match per {
            Per::Api => Key::Api(&self.api),
            Per::Operation => Key::Operation { api: &self.api, operation: &self.operation },
            Per::Address => address,
            // A token without a client identifies at least its subject, and an anonymous caller has its address.
            Per::Client => client.or_else(|| principal.map(subject)).unwrap_or(address),
            Per::Principal => principal.map(subject).or(client).unwrap_or(address),
            Per::Tenant => tenant.or(client).or_else(|| principal.map(subject)).unwrap_or(address),
        }
    }
}

fn subject(principal: &model::Principal) -> Key<'_> {
    Key::Principal { issuer: &principal.issuer, subject: &principal.subject }
}
