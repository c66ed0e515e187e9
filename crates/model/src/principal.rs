//! Who is calling, through which client, on the strength of which credential.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A person or service, as its issuer names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Principal {
    /// The `iss` that vouches for the subject, or the name of the key set for API keys.
    pub issuer: Arc<str>,
    pub subject: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    Jwt,
    Introspected,
    ApiKey,
}

/// What was verified, without the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    pub kind: CredentialKind,
    /// The security scheme of the description that it satisfied.
    pub scheme: Arc<str>,
    /// A stable name for the credential that does not reveal it: `jti`, a key's name, or a keyed-hash prefix.
    pub id: Arc<str>,
    /// Seconds since 1970; `None` when the credential does not expire.
    pub expires_unix_s: Option<u64>,
    /// Which token it is; `None` for API keys. Never written to a record.
    #[serde(skip)]
    pub token: Option<Arc<TokenIdentity>>,
    /// Whom it names by itself; `None` where it is the only credential, and the caller's names are its own. Never
    /// written to a record.
    #[serde(skip)]
    pub names: Option<Arc<Names>>,
}

/// Whom one of several credentials names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub principal: Option<Principal>,
    pub client: Option<Arc<str>>,
    pub tenant: Option<Arc<str>>,
}

/// What tells one token from every other, without being it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIdentity {
    pub sha256: [u8; 32],
    /// Of what a JWS signs (RFC 7515 section 5.1): the same whatever is done to the signature.
    pub signed_sha256: Option<[u8; 32]>,
    /// Who vouches for it.
    pub issuer: Arc<str>,
    /// RFC 7519 section 4.1.7.
    pub jti: Option<Arc<str>>,
}

/// The outcome of Identify: everything later checks may rely on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    /// `None` when only a client was identified (an API key).
    pub principal: Option<Principal>,
    /// `client_id`, `azp`, or the API key's client.
    pub client: Option<Arc<str>>,
    /// The organisation that the caller belongs to, where the configuration says how that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    pub scopes: BTreeSet<Arc<str>>,
    pub credentials: Vec<Credential>,
    /// Claims of the verified token; never written to a record.
    #[serde(skip)]
    pub claims: Arc<serde_json::Map<String, serde_json::Value>>,
}

thread_local! {
    /// Of every anonymous caller: to make them anew takes longer than all the rest. One a thread, so that threads do not
    /// wait for each other's counting.
    static NO_CLAIMS: Arc<serde_json::Map<String, serde_json::Value>> = Arc::default();
}

impl Caller {
    pub fn anonymous() -> Self {
        Self {
            principal: None,
            client: None,
            tenant: None,
            scopes: BTreeSet::new(),
            credentials: Vec::new(),
            claims: NO_CLAIMS.with(Arc::clone),
        }
    }

    /// The principal, and every other that a credential names; one may come twice.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.principal.iter().chain(self.names().filter_map(|names| names.principal.as_ref()))
    }

    /// The client, and every other that a credential names; one may come twice.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<str>> {
        self.client.iter().chain(self.names().filter_map(|names| names.client.as_ref()))
    }

    /// The tenant, and every other that a credential names; one may come twice.
    pub fn tenants(&self) -> impl Iterator<Item = &Arc<str>> {
        self.tenant.iter().chain(self.names().filter_map(|names| names.tenant.as_ref()))
    }

    fn names(&self) -> impl Iterator<Item = &Names> {
        self.credentials.iter().filter_map(|credential| credential.names.as_deref())
    }

    pub fn is_anonymous(&self) -> bool {
        self.principal.is_none() && self.client.is_none()
    }
}
