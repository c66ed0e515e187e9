//! What a block is aimed at: conditions that must all hold.

use std::fmt::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use model::{Caller, Principal};
use serde::{Deserialize, Serialize};

use super::network::Cidr;

/// Longest name that a condition may hold, in bytes.
pub const NAME_BYTES_MAX: usize = 1024;

/// A conjunction: every condition that is set must hold. A target without conditions is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Addresses of callers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Cidr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenName>,
    /// An API key's id in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Arc<str>>,
    /// The caller's organisation, where the configuration says which claim names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Arc<str>>,
    /// An operation's id, or `unmatched`; only together with `api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Arc<str>>,
}

/// How a token is named without showing it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenName {
    /// The SHA-256 of the whole token, or of what a JWS signs (RFC 7515 section 5.1), in lower-case hexadecimal. The
    /// latter holds whatever is done to the signature, of which ECDSA has two that verify.
    Sha256(Arc<str>),
    /// RFC 7519 section 4.1.7.
    Id { issuer: Arc<str>, jti: Arc<str> },
}

/// What is known of one request when it is compared with blocks.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub address: IpAddr,
    /// Empty where no API is served.
    pub api: &'a str,
    /// The operation's id, or `unmatched`.
    pub operation: &'a str,
    /// `None` before Identify.
    pub caller: Option<&'a Caller>,
}

/// The narrowest condition of a target: what it is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Token,
    Key,
    Principal,
    Client,
    Tenant,
    Address,
    Operation,
    Api,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::Key,
        Self::Principal,
        Self::Client,
        Self::Tenant,
        Self::Address,
        Self::Operation,
        Self::Api,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Key => "key",
            Self::Principal => "principal",
            Self::Client => "client",
            Self::Tenant => "tenant",
            Self::Address => "address",
            Self::Operation => "operation",
            Self::Api => "api",
        }
    }

    /// Whether it takes an identified caller to know.
    pub fn is_of_callers(self) -> bool {
        matches!(self, Self::Token | Self::Key | Self::Principal | Self::Client | Self::Tenant)
    }
}

impl Target {
    /// `None` when there is no condition at all.
    pub fn kind(&self) -> Option<Kind> {
        let held = [
            (self.token.is_some(), Kind::Token),
            (self.key.is_some(), Kind::Key),
            (self.principal.is_some(), Kind::Principal),
            (self.client.is_some(), Kind::Client),
            (self.tenant.is_some(), Kind::Tenant),
            (self.network.is_some(), Kind::Address),
            (self.operation.is_some(), Kind::Operation),
            (self.api.is_some(), Kind::Api),
        ];
        held.into_iter().find_map(|(is_set, kind)| is_set.then_some(kind))
    }

    /// Whether every condition holds.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let is = |wanted: &Option<Arc<str>>, found: &str| wanted.as_deref().is_none_or(|one| one == found);
        is(&self.api, facts.api)
            && is(&self.operation, facts.operation)
            && self.network.is_none_or(|network| network.contains(facts.address))
            && self.holds_for(facts.caller)
    }

    fn holds_for(&self, caller: Option<&Caller>) -> bool {
        if self.kind().is_none_or(|kind| !kind.is_of_callers()) {
            return true;
        }
        let Some(caller) = caller else { return false };
        self.client.as_ref().is_none_or(|client| caller.clients().any(|one| one == client))
            && self.tenant.as_ref().is_none_or(|tenant| caller.tenants().any(|one| one == tenant))
            && self.principal.as_ref().is_none_or(|principal| caller.principals().any(|one| one == principal))
            && self.key.as_ref().is_none_or(|key| presents_key(caller, key))
            && self.token.as_ref().is_none_or(|token| presents(caller, token))
    }

    /// A sentence when it is no target that can be blocked.
    pub fn fault(&self) -> Option<String> {
        let names = [&self.key, &self.client, &self.tenant, &self.api, &self.operation];
        let mut named: Vec<&Arc<str>> = names.into_iter().flatten().collect();
        if let Some(principal) = &self.principal {
            named.extend([&principal.issuer, &principal.subject]);
        }
        match &self.token {
            Some(TokenName::Id { issuer, jti }) => named.extend([issuer, jti]),
            Some(TokenName::Sha256(sha256)) if !is_sha256(sha256) => {
                return Some("a fingerprint is 64 hexadecimal digits in lower case".to_owned());
            }
            _ => {}
        }
        if self.kind().is_none() {
            return Some("a block needs at least one condition".to_owned());
        }
        if self.operation.is_some() && self.api.is_none() {
            return Some("an operation is blocked together with its API".to_owned());
        }
        let is_bad = |name: &&&Arc<str>| name.is_empty() || name.len() > NAME_BYTES_MAX;
        named
            .iter()
            .any(|name| is_bad(&name))
            .then(|| format!("a name is at least one byte and at most {NAME_BYTES_MAX} bytes long"))
    }
}

fn presents_key(caller: &Caller, key: &Arc<str>) -> bool {
    caller
        .credentials
        .iter()
        .any(|credential| credential.kind == model::CredentialKind::ApiKey && credential.id == *key)
}

fn presents(caller: &Caller, token: &TokenName) -> bool {
    let identities = caller.credentials.iter().filter_map(|credential| credential.token.as_deref());
    let mut identities = identities.into_iter();
    match token {
        TokenName::Sha256(sha256) => {
            let wanted = digest_of(sha256);
            identities.any(|found| {
                wanted.is_some() && (Some(found.sha256) == wanted || found.signed_sha256 == wanted)
            })
        }
        TokenName::Id { issuer, jti } => {
            identities.any(|found| found.issuer == *issuer && found.jti.as_ref() == Some(jti))
        }
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The bytes of a fingerprint.
pub(super) fn digest_of(text: &str) -> Option<[u8; 32]> {
    if !is_sha256(text) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// `address 203.0.113.0/24 of operation getOrder of API orders`, for people; names as they are.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match &self.token {
            Some(TokenName::Sha256(sha256)) => {
                parts.push(format!("token sha256:{}", sha256.get(..16).unwrap_or(sha256)));
            }
            Some(TokenName::Id { issuer, jti }) => parts.push(format!("token {jti} of {issuer}")),
            None => {}
        }
        if let Some(key) = &self.key {
            parts.push(format!("API key {key}"));
        }
        if let Some(principal) = &self.principal {
            parts.push(format!("principal {} of {}", principal.subject, principal.issuer));
        }
        if let Some(client) = &self.client {
            parts.push(format!("client {client}"));
        }
        if let Some(tenant) = &self.tenant {
            parts.push(format!("tenant {tenant}"));
        }
        if let Some(network) = &self.network {
            parts.push(format!("address {network}"));
        }
        let mut text = parts.join(" with ");
        let on = if text.is_empty() { "" } else { " on " };
        match (&self.api, &self.operation) {
            (Some(api), Some(operation)) => write!(text, "{on}operation {operation} of {api}")?,
            (Some(api), None) => write!(text, "{on}API {api}")?,
            _ => {}
        }
        f.write_str(&text)
    }
}
