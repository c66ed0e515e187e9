//! What the data plane is told: plain values, already read, resolved and validated by the configuration.

mod authenticators;
mod authorization;
mod bounds;
mod classes;
mod legacy_token;
mod limits;
mod listener;
#[cfg(test)]
mod plain;
mod tls;
mod upstream;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use model::Mode;

#[cfg(test)]
pub(crate) use authenticators::testing::opaque_tokens;
pub use authenticators::{
    ApiKey, ApiKeys, Authenticator, AuthenticatorKind, Jwt, KeySource, OpaqueTokens, TokenAuthority,
};
pub use authorization::AuthorizationLimits;
pub use bounds::{Sizes, Timeouts};
pub use classes::{CLASS, COST, COST_MAX, COST_USUAL, Class, Declared, Importance};
pub use legacy_token::{LegacyClaim, LegacyKey, LegacyToken};
pub use limits::{Concurrency, FailedAuthentications, Limit, Per};
pub use listener::{ForwardedField, Listener, Proxies};
pub use tls::{Acme, AcmeChallenge, Cleartext, Hsts, ServerTls};
pub use upstream::{Balancing, Upstream};

/// Everything a snapshot is built from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// First 12 hexadecimal digits of the SHA-256 over every file that was read.
    pub hash: String,
    pub listeners: Vec<Listener>,
    pub apis: Vec<Api>,
    /// Limits for every API; an API's own come on top.
    pub limits: Vec<Limit>,
    /// In the order of the file: where several fit, the first counts.
    pub classes: Vec<Arc<Class>>,
    /// The claim of tokens that names the caller's organisation.
    pub tenant_claim: Option<Arc<str>>,
    pub failed_authentications: FailedAuthentications,
    pub sizes: Sizes,
    pub timeouts: Timeouts,
    pub cors: Option<Cors>,
    /// Networks that may be reached by fetches other than to configured upstreams (`egress.allow`), as CIDR.
    pub egress_allow: Vec<Network>,
    pub telemetry: Option<Telemetry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    pub prefix: u8,
}

/// One API: a description, where it is served, and where it is forwarded to.
#[derive(Debug, Clone)]
pub struct Api {
    pub name: Arc<str>,
    pub description: Arc<openapi::Description>,
    /// Host names, lower case, without port; empty: every host.
    pub hosts: Vec<String>,
    /// Prefix of every path of the description, without trailing slash; may be empty.
    pub base_path: String,
    pub upstream: Upstream,
    /// `true`: what the description does not list is forwarded and recorded as `unmatched` (`undeclared: observe`).
    pub observe_undeclared: bool,
    /// By the name of the security scheme. Several for one scheme: chosen by the token's issuer.
    pub authenticators: BTreeMap<Arc<str>, Vec<Authenticator>>,
    pub limits: Vec<Limit>,
    /// What the gateway file says of single operations, by operation id.
    pub declared: BTreeMap<String, Declared>,
    /// `None`: as many requests at once as come.
    pub concurrency: Option<Concurrency>,
    /// By the name of the check; checks that are not named have their default mode.
    pub modes: BTreeMap<String, Mode>,
    /// Modes of single operations, by operation id, then check.
    pub operation_modes: BTreeMap<String, BTreeMap<String, Mode>>,
    pub strictness: Strictness,
    pub identity: BackendIdentity,
    pub cors: Option<Cors>,
    /// `None`: nothing is asked about objects, functions and properties.
    pub authorization: Option<Arc<policy::Authorization>>,
    /// Rules against attacks; `None`: none.
    pub waf: Option<Arc<crate::waf::Waf>>,
    pub authorization_limits: AuthorizationLimits,
    /// Where evidence of the source `external` is asked for.
    pub decision_point: Option<Arc<crate::decision_point::DecisionPoint>>,
    /// Keys of sealed ids; there where the bindings seal a type.
    pub sealing: Option<Arc<policy::sealing::Keys>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Strictness {
    /// Objects of request bodies may only hold declared properties, whatever `additionalProperties` says.
    pub only_declared_properties: bool,
    /// Strings of requests are put into Unicode NFC and lose control characters before they are validated.
    pub sanitise: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// Exact origins; `*` is refused by the configuration together with credentials.
    pub origins: Vec<String>,
    pub headers: Vec<String>,
    pub expose: Vec<String>,
    pub credentials: bool,
    pub max_age: Duration,
}

/// What the backend is told about the caller. Incoming copies of these headers are always stripped.
#[derive(Debug, Clone, Default)]
pub struct BackendIdentity {
    /// Forward the caller's `Authorization` as it was verified.
    pub forward_credential: bool,
    /// Sign a short assertion into `Bartizan-Assertion`.
    pub assertion: Option<Assertion>,
    /// The token that the service understands, in place of any other credential.
    pub legacy_token: Option<Arc<LegacyToken>>,
}

#[derive(Debug, Clone)]
pub struct Assertion {
    pub issuer: String,
    pub audience: String,
    pub lifetime: Duration,
    pub signer: Arc<token::Signer>,
}

#[derive(Debug, Clone)]
pub struct Telemetry {
    /// OTLP over HTTP, e.g. `http://127.0.0.1:4318`.
    pub endpoint: String,
    pub service_name: String,
    /// Of 10,000 requests without an incoming sampling decision, how many are traced.
    pub sample_per_10k: u32,
}
