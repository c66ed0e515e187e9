//! The one way to say no to a caller: a stable code, a status, and text that is safe to show.

use serde::{Deserialize, Serialize};

use crate::Owasp;

macro_rules! codes {
    ($( $name:ident $slug:literal $status:literal $owasp:ident $title:literal; )*) => {
        /// Every reason for which a request is refused. Closed, and stable between versions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $( $name, )* }

        impl Code {
            pub const ALL: &[Self] = &[$( Self::$name, )*];

            /// The name in problem details, records and metrics.
            pub fn slug(self) -> &'static str { match self { $( Self::$name => $slug, )* } }
            /// The HTTP status (RFC 9110 section 15).
            pub fn status(self) -> u16 { match self { $( Self::$name => $status, )* } }
            /// One line that is the same for every occurrence (RFC 9457 section 3.1.3).
            pub fn title(self) -> &'static str { match self { $( Self::$name => $title, )* } }
            pub fn owasp(self) -> Owasp { match self { $( Self::$name => Owasp::$owasp, )* } }
        }
    };
}

codes! {
    // The wire.
    RequestMalformed "request_malformed" 400 Api8 "The request is not well-formed HTTP";
    HostInvalid "host_invalid" 400 Api8 "The Host header is missing, repeated or not well-formed";
    HostUnknown "host_unknown" 421 Api8 "No API is served under this host name";
    HeadTooLarge "head_too_large" 431 Api4 "The request head is too large";
    TargetTooLong "target_too_long" 414 Api4 "The request target is too long";
    RequestTimeout "request_timeout" 408 Api4 "The request did not arrive in time";
    VersionUnsupported "version_unsupported" 505 Api8 "The HTTP version is not supported";
    OriginRefused "origin_refused" 403 Api8 "Pages of this origin may not begin a WebSocket here";
    UpgradeRefused "upgrade_refused" 501 Api8 "Upgrade and CONNECT are not supported here";
    TlsRequired "tls_required" 403 Api8 "TLS is required here";
    Overloaded "overloaded" 503 Api4 "The gateway is at its capacity";
    Shed "shed" 503 Api4 "The service is at its capacity, and requests like this one give way first";
    // The route.
    PathInvalid "path_invalid" 400 Api8 "The path is ambiguous or not well-formed";
    OperationUndeclared "operation_undeclared" 404 Api9 "Nothing is declared at this path";
    MethodUndeclared "method_undeclared" 405 Api9 "This method is not declared at this path";
    // Connect and Limit.
    AddressLimited "address_limited" 429 Api4 "Too many requests from this address";
    AuthenticationLimited "authentication_limited" 429 Api2 "Too many failed authentications";
    Blocked "blocked" 403 Api6 "Access is blocked";
    RateLimited "rate_limited" 429 Api4 "Too many requests";
    WebsocketsLimited "websockets_limited" 429 Api4 "Too many WebSockets of this caller are open";
    // Identify.
    CredentialMissing "credential_missing" 401 Api2 "A credential is required";
    CredentialMisplaced "credential_misplaced" 400 Api2 "A credential was sent in a place that leaks it";
    CredentialAmbiguous "credential_ambiguous" 400 Api2 "More than one credential of a kind was sent";
    TokenMalformed "token_malformed" 401 Api2 "The token is not well-formed";
    TokenAlgorithm "token_algorithm" 401 Api2 "The token's algorithm is not the key's";
    TokenHeader "token_header" 401 Api2 "The token's header has a parameter that is not accepted";
    TokenType "token_type" 401 Api2 "The token is not an access token";
    TokenKeyUnknown "token_key_unknown" 401 Api2 "The token's key is not known";
    TokenSignature "token_signature" 401 Api2 "The token's signature is not valid";
    TokenExpired "token_expired" 401 Api2 "The token has expired";
    TokenNotYetValid "token_not_yet_valid" 401 Api2 "The token is not valid yet";
    TokenIssuer "token_issuer" 401 Api2 "The token's issuer is not trusted here";
    TokenAudience "token_audience" 401 Api2 "The token is meant for another audience";
    TokenClaims "token_claims" 401 Api2 "The token lacks a claim that is required";
    TokenLifetime "token_lifetime" 401 Api2 "The token lives longer than is allowed";
    TokenRevoked "token_revoked" 401 Api2 "The token is no longer active";
    ApiKeyUnknown "api_key_unknown" 401 Api2 "The API key is not known";
    ApiKeyExpired "api_key_expired" 401 Api2 "The API key has expired";
    KeysUnavailable "keys_unavailable" 503 Api2 "The issuer's keys cannot be had at the moment";
    IntrospectionUnavailable "introspection_unavailable" 503 Api2 "The token cannot be checked at the moment";
    // Permit.
    SecurityUndeclared "security_undeclared" 403 Api5 "The description does not say who may call this operation";
    ScopeMissing "scope_missing" 403 Api5 "The token lacks a scope that the operation requires";
    KeyNotEnough "key_not_enough" 403 Api5 "An API key alone does not authorize this operation";
    FunctionDenied "function_denied" 403 Api5 "The caller may not call this operation";
    AuthorizationUndeclared "authorization_undeclared" 403 Api5 "Nothing says who may call this operation";
    StepUpRequired "step_up_required" 401 Api5 "A stronger or more recent authentication is required";
    // Authorize.
    ObjectNotFound "object_not_found" 404 Api1 "There is no such object";
    PropertyDenied "property_denied" 403 Api3 "A property may not be written by this caller";
    ObjectBusy "object_busy" 503 Api1 "The object is being changed by another request";
    EvidenceUnavailable "evidence_unavailable" 503 Api1 "Whose object it is cannot be found out at the moment";
    ResponseUnfilterable "response_unfilterable" 502 Api3 "The service's answer cannot be checked for what may be shown";
    // Validate.
    ParameterMissing "parameter_missing" 400 Api8 "A required parameter is missing";
    ParameterInvalid "parameter_invalid" 400 Api8 "A parameter does not match its description";
    ParameterUndeclared "parameter_undeclared" 400 Api8 "A parameter is not declared";
    ParameterRepeated "parameter_repeated" 400 Api8 "A parameter was sent more than once";
    MediaTypeUnsupported "media_type_unsupported" 415 Api8 "The body's media type is not declared";
    EncodingUnsupported "encoding_unsupported" 415 Api8 "The body's content encoding is not accepted";
    BodyMissing "body_missing" 400 Api8 "A body is required";
    BodyUndeclared "body_undeclared" 400 Api8 "The operation takes no body";
    BodyMalformed "body_malformed" 400 Api8 "The body is not well-formed";
    BodyInvalid "body_invalid" 400 Api3 "The body does not match its description";
    BodyTooLarge "body_too_large" 413 Api4 "The body is too large";
    // Inspect.
    AttackSuspected "attack_suspected" 403 Api8 "The request looks like an attack";
    InspectionExceeded "inspection_exceeded" 403 Api4 "The request takes more to inspect than it may";
    LeakSuspected "leak_suspected" 502 Api8 "The service's answer looks like a leak";
    // The upstream, and ourselves.
    UpstreamUnreachable "upstream_unreachable" 502 Api8 "The service cannot be reached";
    UpstreamInvalid "upstream_invalid" 502 Api8 "The service's answer is not acceptable";
    UpstreamTimeout "upstream_timeout" 504 Api4 "The service did not answer in time";
    UpstreamOverloaded "upstream_overloaded" 503 Api4 "The service has as many requests as it may have";
    UpstreamUnavailable "upstream_unavailable" 503 Api8 "The service is out of order and is left alone for a while";
    InternalError "internal_error" 500 Api8 "A check failed; the request was refused";
}

/// One fault of a request: where, and which rule of the description it breaks. Never the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// `path`, `query`, `header`, `cookie` or `body`.
    pub place: String,
    /// A JSON Pointer (RFC 6901) into the body, or the parameter's name.
    pub pointer: String,
    /// The keyword of the description that does not hold: `maximum`, `required`, `format`, ...
    pub rule: String,
    /// What the description asks for, made from the description alone.
    pub expected: String,
}

impl Violation {
    /// The same for a record. Names in a pointer may be the caller's own words, and so hold anything: what does not
    /// look like a name in a description (at most 32 characters, at most 4 digits) or an index becomes `*`.
    pub fn for_record(&self) -> Self {
        let segments: Vec<&str> =
            self.pointer.split('/').map(|one| if is_name(one) { one } else { "*" }).collect();
        Self { pointer: segments.join("/"), ..self.clone() }
    }
}

pub(crate) fn is_name(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    if digits == segment.len() {
        return digits <= 6;
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]~$@*".contains(&byte);
    segment.len() <= 32 && digits <= 4 && segment.bytes().all(is_plain)
}

/// One challenge of `WWW-Authenticate` (RFC 9110 section 11.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `Bearer`, `ApiKey`, ...
    pub scheme: &'static str,
    pub parameters: Vec<(&'static str, String)>,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    #[default]
    Requests,
    /// Units that operations declare.
    Cost,
    /// Bytes of response bodies.
    Bytes,
}

/// By which of its counts a limit refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    Requests,
    Cost,
    Bytes,
    /// The cap of a day, whatever it counts.
    Daily,
    /// An address, before anything was known of the caller.
    Address,
    FailedAuthentications,
    /// Open at a time, and not in a time.
    Websockets,
}

impl LimitKind {
    pub const ALL: &'static [Self] = &[
        Self::Requests,
        Self::Cost,
        Self::Bytes,
        Self::Daily,
        Self::Address,
        Self::FailedAuthentications,
        Self::Websockets,
    ];

    /// The word in metrics and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Cost => "cost",
            Self::Bytes => "bytes",
            Self::Daily => "daily",
            Self::Address => "address",
            Self::FailedAuthentications => "failed_authentications",
            Self::Websockets => "websockets",
        }
    }
}

/// Which limit refused, and by which of its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limited {
    pub limit: String,
    pub kind: LimitKind,
}

/// What a limiter says of itself, for `RateLimit` and `RateLimit-Policy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitState {
    /// The policy's name, a structured-field token such as `client`.
    pub name: String,
    pub unit: LimitUnit,
    pub quota: u64,
    pub window_s: u64,
    pub remaining: u64,
    /// Seconds until the whole quota is available again.
    pub reset_s: u64,
}

/// A "no" that is the caller's to mend. A value, not an error of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// More than the title says, safe to show to anyone; empty when there is nothing more.
    pub detail: String,
    pub violations: Vec<Violation>,
    pub challenges: Vec<Challenge>,
    /// For 405 (RFC 9110 section 10.2.1).
    pub allow: Vec<String>,
    /// For 429 and 503, in seconds.
    pub retry_after_s: Option<u64>,
    /// For 429, to be counted and recorded.
    pub limited: Option<Limited>,
}

impl Refusal {
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: String::new(),
            violations: Vec::new(),
            challenges: Vec::new(),
            allow: Vec::new(),
            retry_after_s: None,
            limited: None,
        }
    }

    pub fn limited(mut self, limit: impl Into<String>, kind: LimitKind) -> Self {
        self.limited = Some(Limited { limit: limit.into(), kind });
        self
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub fn violations(mut self, violations: Vec<Violation>) -> Self {
        self.violations = violations;
        self
    }

    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenges.push(challenge);
        self
    }

    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Violation};

    #[test]
    fn a_record_keeps_names_and_loses_what_may_be_a_secret() {
        for (pointer, recorded) in [
            ("/items/0/unit_price", "/items/0/unit_price"),
            ("limit", "limit"),
            ("/4111111111111111", "/*"),
            ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "*"),
            ("/meta/9f86d081884c7d65/x", "/meta/*/x"),
            ("/a name with spaces", "/*"),
            ("/meta/****/x", "/meta/****/x"),
            ("", ""),
        ] {
            let (place, rule, expected) = ("body".to_owned(), "type".to_owned(), String::new());
            let violation = Violation { place, pointer: pointer.to_owned(), rule, expected };
            assert_eq!(violation.for_record().pointer, recorded);
        }
    }

    #[test]
    fn the_serialised_name_is_the_slug() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).ok(), Some(code.slug().into()));
        }
    }
}
