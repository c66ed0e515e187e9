//! Issuers' keys: what is held, when it is asked for again, and what is served while an issuer is out of reach.
//!
//! A key id that is not in the set causes one refetch, at most every [`REFETCH_PAUSE`]; ids that were not there after
//! it are remembered as unknown for [`UNKNOWN_FOR`]. A set is refreshed when its `max-age` says so, between
//! [`REFRESH_MIN`] and [`REFRESH_MAX`]; when that fails it is used for [`STALE_FOR`] more, and attempts back off up to
//! [`BACKOFF_MAX`]. However many requests need keys, one fetch an issuer is under way.

pub mod fetch;
mod issuer;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use model::Clock;
use token::KeySet;

use crate::question::NoAnswer;
use crate::settings::{Jwt, KeySource};

pub use issuer::{Current, Found, IssuerKeys, KeyState};

/// Between two fetches because of key ids that are not known.
pub const REFETCH_PAUSE: Duration = Duration::from_secs(10);
/// How long a key id counts as unknown after a fetch did not bring it.
pub const UNKNOWN_FOR: Duration = Duration::from_secs(30);
/// The shortest time for which a fetched set counts as fresh, whatever its `max-age` says.
pub const REFRESH_MIN: Duration = Duration::from_secs(300);
/// The longest.
pub const REFRESH_MAX: Duration = Duration::from_secs(24 * 3600);
/// Without a `max-age`.
pub const REFRESH_DEFAULT: Duration = Duration::from_secs(3600);
/// How long a set is used beyond that while the issuer cannot be reached; then requests are refused with 503.
pub const STALE_FOR: Duration = Duration::from_secs(24 * 3600);
/// The longest pause after failures; it begins at one second and doubles.
pub const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// How long before a set stops being fresh [`KeyCache::refresh`] fetches it anew.
const REFRESH_AHEAD: Duration = Duration::from_secs(60);

/// What a fetch brought.
#[derive(Debug)]
pub struct FetchedKeys {
    pub keys: KeySet,
    /// SHA-256 of the document: another digest is another generation, and remembered tokens are verified anew.
    pub digest: [u8; 32],
    /// `max-age` of `Cache-Control`.
    pub max_age: Option<Duration>,
}

/// Keys by where they come from, as long as some check holds them.
#[derive(Default)]
pub struct KeyCache {
    issuers: RwLock<HashMap<Arc<str>, Arc<IssuerKeys>>>,
}

impl KeyCache {
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys of this authenticator's source, for a check to hold on to; empty until they are fetched.
    pub fn issuer(&self, jwt: &Jwt) -> Arc<IssuerKeys> {
        let source = source(jwt);
        if let Some(issuer) = self.issuers.read().unwrap_or_else(PoisonError::into_inner).get(&source) {
            return Arc::clone(issuer);
        }
        let mut issuers = self.issuers.write().unwrap_or_else(PoisonError::into_inner);
        // What no check holds any more is of a configuration that is gone.
        issuers.retain(|_, issuer| Arc::strong_count(issuer) > 1);
        Arc::clone(
            issuers.entry(Arc::clone(&source)).or_insert_with(|| Arc::new(IssuerKeys::new(source, jwt))),
        )
    }

    /// Answers [`crate::question::Question::Keys`]: the held set, or a fresh one. `fetch` is only polled when it is
    /// needed and no other fetch for this source is under way; see [`fetch::fetch_keys`].
    pub async fn obtain(
        &self,
        jwt: &Jwt,
        kid: Option<&str>,
        clock: &dyn Clock,
        fetch: impl Future<Output = Result<FetchedKeys, String>>,
    ) -> Result<Arc<KeySet>, NoAnswer> {
        let issuer = self.issuer(jwt);
        match issuer.find(kid, clock.monotonic_ns()) {
            Found::Use(current) => Ok(current.keys),
            Found::Unavailable => Err(NoAnswer::Failed),
            Found::Ask => issuer.fetch(kid, clock, fetch).await,
        }
    }

    /// Fetches the set when there is none or it is about to stop being fresh; to be called now and then for every
    /// authenticator, so that no request waits for it. Returns whether something was fetched.
    pub async fn refresh(
        &self,
        jwt: &Jwt,
        clock: &dyn Clock,
        fetch: impl Future<Output = Result<FetchedKeys, String>>,
    ) -> bool {
        let issuer = self.issuer(jwt);
        if !issuer.is_due(REFRESH_AHEAD, clock.monotonic_ns()) {
            return false;
        }
        issuer.refresh(clock, fetch).await
    }

    /// Every source that a check holds, and how it stands, for `status` and metrics.
    pub fn states(&self, now_ns: u64) -> Vec<KeyState> {
        let issuers = self.issuers.read().unwrap_or_else(PoisonError::into_inner);
        let used = issuers.values().filter(|issuer| Arc::strong_count(issuer) > 1);
        let mut states: Vec<KeyState> = used.map(|issuer| issuer.state(now_ns)).collect();
        states.sort_by(|one, other| one.source.cmp(&other.source));
        states
    }
}

/// The name of a source: authenticators that differ only in audience share their issuer's keys.
fn source(jwt: &Jwt) -> Arc<str> {
    match &jwt.keys {
        KeySource::JwksUri(uri) => format!("jwks {uri}").into(),
        _ => format!("discovery {}", jwt.issuer).into(),
    }
}
