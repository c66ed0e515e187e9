//! What the data plane is told: plain values, already read, resolved and validated by the configuration.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::{Mode, Place, Secret};
use token::Algorithm;

/// Everything a snapshot is built from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// First 12 hexadecimal digits of the SHA-256 over every file that was read.
    pub hash: String,
    pub listeners: Vec<Listener>,
    pub apis: Vec<Api>,
    /// Limits for every API; an API's own come on top.
    pub limits: Vec<Limit>,
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

#[derive(Debug, Clone)]
pub struct Listener {
    pub address: SocketAddr,
    pub tls: Option<ServerTls>,
}

#[derive(Debug, Clone)]
pub struct ServerTls {
    /// PEM, leaf first.
    pub certificates: Vec<u8>,
    /// PEM, PKCS#8, SEC1 or PKCS#1.
    pub key: Secret<Vec<u8>>,
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
    /// By the name of the check; checks that are not named have their default mode.
    pub modes: BTreeMap<String, Mode>,
    /// Modes of single operations, by operation id, then check.
    pub operation_modes: BTreeMap<String, BTreeMap<String, Mode>>,
    pub strictness: Strictness,
    pub identity: BackendIdentity,
    pub cors: Option<Cors>,
}

#[derive(Debug, Clone)]
pub struct Upstream {
    /// `http` or `https`.
    pub scheme: String,
    pub host: String,
    pub port: u16,
    /// Replaces `base_path` when given; without trailing slash.
    pub base_path: Option<String>,
    pub http2: bool,
    /// PEM of further trusted roots; the system's are used when `None`.
    pub roots: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Strictness {
    /// Objects of request bodies may only hold declared properties, whatever `additionalProperties` says.
    pub only_declared_properties: bool,
    /// Strings of requests are put into Unicode NFC and lose control characters before they are validated.
    pub sanitise: bool,
}

/// How a credential of one security scheme is verified.
#[derive(Debug, Clone)]
pub struct Authenticator {
    pub place: Option<Place>,
    pub kind: AuthenticatorKind,
}

#[derive(Debug, Clone)]
pub enum AuthenticatorKind {
    Jwt(Jwt),
    Introspection(Introspection),
    ApiKeys(ApiKeys),
}

#[derive(Debug, Clone)]
pub struct Jwt {
    pub issuer: Arc<str>,
    /// At least one; the token's `aud` must hold one of them. Empty only under `legacy_token`.
    pub audiences: Vec<String>,
    pub algorithms: Vec<Algorithm>,
    pub keys: KeySource,
    pub token_lifetime_max: Option<Duration>,
    pub leeway: Duration,
    /// Accepted `typ`, lower case, without `application/`: by default `at+jwt` and `jwt`.
    pub types: Vec<String>,
    /// `insecure.legacy_token`: `iss`, `aud` and `typ` may be absent; they are still checked when present.
    pub legacy_token: bool,
    /// Claims beyond `exp` and `iss` that must be there.
    pub required_claims: Vec<String>,
}

#[derive(Debug, Clone)]
pub enum KeySource {
    /// `ISSUER/.well-known/openid-configuration`, then RFC 8414's place.
    Discovery,
    JwksUri(String),
    /// A JWK Set read with the configuration.
    Jwks(Arc<token::KeySet>),
    /// A shared secret (HS256, HS384, HS512).
    Secret(Arc<token::KeySet>),
}

#[derive(Debug, Clone)]
pub struct Introspection {
    pub endpoint: String,
    pub client_id: String,
    pub client_secret: Secret<String>,
    pub issuer: Option<Arc<str>>,
    pub audiences: Vec<String>,
    /// How long an active answer may be used again; never beyond its `exp`.
    pub cache: Duration,
    pub token_lifetime_max: Option<Duration>,
}

#[derive(Debug, Clone)]
pub struct ApiKeys {
    pub keys: Vec<ApiKey>,
}

#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Names the key in records; not secret.
    pub id: Arc<str>,
    pub client: Arc<str>,
    /// SHA-256 of the key. The key itself is not kept.
    pub sha256: [u8; 32],
    pub expires_unix_s: Option<u64>,
    pub scopes: Vec<Arc<str>>,
    /// `authorizes: true`: the key alone may satisfy an operation's security.
    pub authorizes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Per {
    Address,
    Client,
    Principal,
    Api,
    Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// A structured-field token, unique within its list; `client` when it is `per: client` and alone.
    pub name: String,
    pub per: Per,
    pub count: u64,
    pub window: Duration,
    pub burst: u64,
    /// Operation ids; empty: all.
    pub operations: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedAuthentications {
    /// Failures per address within the window, beyond which the address is refused.
    pub count: u64,
    pub window: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Heads are under no bound of the process as a whole: at most `connections_max * head_bytes_max` bytes are held
    /// in heads that are not whole yet (320 MiB with the defaults), beyond `buffered_bytes_max`.
    pub head_bytes_max: usize,
    pub headers_max: usize,
    pub target_bytes_max: usize,
    pub body_bytes_max: usize,
    pub json_depth_max: u32,
    pub json_values_max: u32,
    /// Of bodies that are held whole, or are on their way to be, in the process as a whole. What connections read
    /// into, and what is made of a body while checks look at it, is not counted.
    pub buffered_bytes_max: usize,
    pub connections_max: usize,
    pub limit_keys_max: usize,
    pub tokens_cached_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub head: Duration,
    /// Between two pieces of a request body.
    pub body: Duration,
    pub idle: Duration,
    pub upstream_connect: Duration,
    pub upstream_head: Duration,
    /// Between two pieces of a response body.
    pub upstream_body: Duration,
    pub question: Duration,
    pub drain: Duration,
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

impl Default for Sizes {
    fn default() -> Self {
        Self {
            head_bytes_max: 32 << 10,
            headers_max: 100,
            target_bytes_max: 8 << 10,
            body_bytes_max: 1 << 20,
            json_depth_max: 64,
            json_values_max: 100_000,
            buffered_bytes_max: 256 << 20,
            connections_max: 10_000,
            limit_keys_max: 100_000,
            tokens_cached_max: 10_000,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            idle: Duration::from_secs(60),
            upstream_connect: Duration::from_secs(5),
            upstream_head: Duration::from_secs(30),
            upstream_body: Duration::from_secs(30),
            question: Duration::from_secs(3),
            drain: Duration::from_secs(30),
        }
    }
}

impl Default for FailedAuthentications {
    fn default() -> Self {
        Self { count: 30, window: Duration::from_secs(60) }
    }
}
