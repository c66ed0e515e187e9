//! What speaks against a block before it is made: names that nothing has, and targets that hit more than is meant.

use std::net::{IpAddr, Ipv4Addr};

use super::network::Cidr;
use super::target::Target;
use crate::settings::{Api, ApiKey, AuthenticatorKind, Settings};
use crate::snapshot::UNMATCHED;

/// Shorter prefixes hold so many callers that they have to be meant.
const PREFIX_MIN_V4: u8 = 8;
const PREFIX_MIN_V6: u8 = 20;

/// What was found, as sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The target hits nothing that is configured: a mistyped name.
    pub unknown: Vec<String>,
    /// It hits more than a block usually should; it has to be confirmed.
    pub wide: Vec<String>,
    /// Worth knowing.
    pub notes: Vec<String>,
}

/// Compares a target with the configuration.
pub fn judge(target: &Target, settings: &Settings) -> Judged {
    let mut judged = Judged::default();
    known(target, settings, &mut judged.unknown);
    if let Some(network) = &target.network {
        addresses(network, &trusted(settings), &mut judged);
    }
    let is_of_apis_only = target.kind().is_some_and(|kind| kind == super::Kind::Api);
    if is_of_apis_only && settings.apis.len() == 1 {
        judged.wide.push("it is the only API: every request would be refused".to_owned());
    }
    if let Some(tenant) = &target.tenant
        && settings.tenant_claim.is_none()
        && !settings.apis.iter().any(|api| has(api, |key| key.tenant.as_ref() == Some(tenant)))
    {
        judged.unknown.push(format!(
            "no API key is of the tenant `{tenant}`, and the configuration does not say which claim of tokens names one"
        ));
    }
    if target.token.is_some() {
        judged.notes.push(
            "the same caller may have other tokens: `--subject` or `--client` hits them all".to_owned(),
        );
    }
    judged
}

fn known(target: &Target, settings: &Settings, unknown: &mut Vec<String>) {
    let names = || settings.apis.iter().map(|api| &*api.name);
    let api = target.api.as_deref();
    let found = api.and_then(|name| settings.apis.iter().find(|api| *api.name == *name));
    match (api, found, target.operation.as_deref()) {
        (Some(name), None, _) => {
            let all: Vec<&str> = names().collect();
            unknown.push(format!("there is no API `{name}`; there is: {}", all.join(", ")));
        }
        (Some(name), Some(api), Some(id)) if id != UNMATCHED && api.description.operation(id).is_none() => {
            unknown.push(format!("there is no operation `{id}` in `{name}`; `bartizan routes` lists them"));
        }
        _ => {}
    }
    if let Some(id) = &target.key
        && !settings.apis.iter().any(|api| has(api, |key| *key.id == **id))
    {
        unknown.push(format!("there is no API key with the id `{id}` in the configuration"));
    }
}

/// Those whose word on callers' addresses is believed.
fn trusted(settings: &Settings) -> Vec<Cidr> {
    let networks = settings.listeners.iter().flat_map(|listener| &listener.proxies.trusted);
    networks.filter_map(|network| Cidr::new(network.address, network.prefix).ok()).collect()
}

/// Whether the API has such a key.
fn has(api: &Api, such: impl Fn(&ApiKey) -> bool) -> bool {
    api.authenticators.values().flatten().any(|authenticator| match &authenticator.kind {
        AuthenticatorKind::ApiKeys(keys) => keys.keys.iter().any(&such),
        _ => false,
    })
}

fn addresses(network: &Cidr, proxies: &[Cidr], judged: &mut Judged) {
    let shortest = if network.is_ipv6() { PREFIX_MIN_V6 } else { PREFIX_MIN_V4 };
    if network.prefix() == 0 {
        judged.wide.push(format!("{network} is every address of its family"));
    } else if network.prefix() < shortest {
        judged.wide.push(format!("{network} holds a large part of all addresses"));
    }
    let loopback = match network.is_ipv6() {
        false => Cidr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8).ok(),
        true => Some(Cidr::from(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST))),
    };
    if network.prefix() > 0 && loopback.is_some_and(|loopback| loopback.overlaps(network)) {
        judged.wide.push(format!("{network} holds this machine's own loopback addresses"));
    }
    if let Some(proxy) = proxies.iter().find(|proxy| proxy.overlaps(network)) {
        judged
            .wide
            .push(format!("{network} overlaps the trusted proxies {proxy}, through which callers come"));
    }
    if network.is_ipv6() && network.is_one_address() {
        judged.notes.push(format!(
            "{network} is one IPv6 address; whoever holds it usually has its whole /64 to choose from"
        ));
    }
}
