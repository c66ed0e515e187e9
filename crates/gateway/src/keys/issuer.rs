//! The keys of one source, and the decision whether they are fetched now.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use model::Clock;
use token::KeySet;

use super::{
    BACKOFF_MAX, FetchedKeys, REFETCH_PAUSE, REFRESH_DEFAULT, REFRESH_MAX, REFRESH_MIN, STALE_FOR,
    UNKNOWN_FOR,
};
use crate::question::NoAnswer;
use crate::settings::Jwt;

/// Key ids remembered as unknown; more are not remembered, [`REFETCH_PAUSE`] holds for them all the same.
const UNKNOWN_MAX: usize = 256;

/// A set in use.
#[derive(Debug, Clone)]
pub struct Current {
    pub keys: Arc<KeySet>,
    /// Counts the documents that differed; a remembered token is good for one generation only.
    pub generation: u64,
    digest: [u8; 32],
    fetched_ns: u64,
    refresh_ns: u64,
    unusable_ns: u64,
}

/// What there is for a token.
#[derive(Debug, Clone)]
pub enum Found {
    /// These; when the key id is not among them, it is not known now.
    Use(Current),
    /// Ask [`crate::question::Question::Keys`].
    Ask,
    /// None are held, and it is too early to ask again.
    Unavailable,
}

/// How a source stands, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    pub source: Arc<str>,
    pub issuer: Arc<str>,
    /// `discovery`, or the key set's place without its query.
    pub place: Arc<str>,
    pub keys: usize,
    /// Since the set was last fetched.
    pub age_s: Option<u64>,
    /// Whether the set is used beyond the time for which it is fresh.
    pub stale: bool,
    /// Attempts that failed since the last success.
    pub failures: u32,
    pub last_error: Option<String>,
}

#[derive(Default)]
struct Attempts {
    under_way: bool,
    last_ns: Option<u64>,
    /// The last attempt because of a token. Those at the start and in time do not hold up a rotation.
    last_for_token_ns: Option<u64>,
    /// An attempt counts as failed until it has succeeded, so that an abandoned one is not forgotten.
    failures: u32,
    last_error: Option<String>,
    /// Until when a key id, by its hash, counts as unknown.
    unknown: HashMap<u64, u64>,
}

/// One source's keys. Reading takes no lock as long as the key is there and fresh.
pub struct IssuerKeys {
    source: Arc<str>,
    issuer: Arc<str>,
    place: Arc<str>,
    seed: RandomState,
    current: ArcSwapOption<Current>,
    attempts: Mutex<Attempts>,
    /// Held by the one fetch that is under way.
    gate: tokio::sync::Mutex<()>,
}

impl IssuerKeys {
    pub(super) fn new(source: Arc<str>, jwt: &Jwt) -> Self {
        Self {
            source,
            issuer: Arc::clone(&jwt.issuer),
            place: crate::fetches::Subject::keys(jwt).source,
            seed: RandomState::new(),
            current: ArcSwapOption::empty(),
            attempts: Mutex::default(),
            gate: tokio::sync::Mutex::default(),
        }
    }

    /// Decides for a token with this key id.
    pub fn find(&self, kid: Option<&str>, now_ns: u64) -> Found {
        let Some(current) = self.usable(now_ns) else {
            let attempts = self.attempts();
            let may =
                attempts.under_way || attempts.since(now_ns).is_none_or(|since| since >= attempts.pause());
            return if may { Found::Ask } else { Found::Unavailable };
        };
        let known = kid.is_none_or(|kid| current.keys.has_kid(kid));
        if known && now_ns < current.refresh_ns {
            return Found::Use(Current::clone(&current));
        }
        let attempts = self.attempts();
        let since = attempts.since(now_ns).unwrap_or(Duration::MAX);
        let held = Current::clone(&current);
        match kid {
            Some(kid) if !known => {
                if attempts.is_unknown(self.seed.hash_one(kid), now_ns) {
                    Found::Use(held)
                } else if attempts.under_way
                    || (since >= attempts.pause() && attempts.may_ask_for_token(now_ns))
                {
                    Found::Ask
                } else if attempts.failures > 0 {
                    // The key may be a new one of an issuer that is out of reach: not the caller's fault.
                    Found::Unavailable
                } else {
                    Found::Use(held)
                }
            }
            // Stale but good: whoever comes first fetches, the others go on with what is there.
            _ if !attempts.under_way && since >= attempts.pause() => Found::Ask,
            _ => Found::Use(held),
        }
    }

    /// The set that is held, as long as it is usable at all; for when nothing better can be had.
    pub fn held(&self, now_ns: u64) -> Option<Current> {
        self.usable(now_ns).map(|current| Current::clone(&current))
    }

    /// The generation in use, when the set is still usable.
    pub fn generation(&self, now_ns: u64) -> Option<u64> {
        self.usable(now_ns).map(|current| current.generation)
    }

    pub(super) fn is_due(&self, ahead: Duration, now_ns: u64) -> bool {
        let fresh = self.current.load().as_ref().is_some_and(|held| now_ns + nanos(ahead) < held.refresh_ns);
        let attempts = self.attempts();
        !fresh && !attempts.under_way && attempts.since(now_ns).is_none_or(|since| since >= attempts.pause())
    }

    pub(super) async fn fetch(
        &self,
        kid: Option<&str>,
        clock: &dyn Clock,
        fetch: impl Future<Output = Result<FetchedKeys, String>>,
    ) -> Result<Arc<KeySet>, NoAnswer> {
        let _gate = self.gate.lock().await;
        // The one before us may have brought what we need.
        match self.find(kid, clock.monotonic_ns()) {
            Found::Use(current) => return Ok(current.keys),
            Found::Unavailable => return Err(NoAnswer::Failed),
            Found::Ask => {}
        }
        let fetched = self.attempt(kid, clock, fetch).await;
        let current = self.usable(clock.monotonic_ns()).ok_or(NoAnswer::Failed)?;
        let known = kid.is_none_or(|kid| current.keys.has_kid(kid));
        if fetched || known { Ok(Arc::clone(&current.keys)) } else { Err(NoAnswer::Failed) }
    }

    pub(super) async fn refresh(
        &self,
        clock: &dyn Clock,
        fetch: impl Future<Output = Result<FetchedKeys, String>>,
    ) -> bool {
        let Ok(_gate) = self.gate.try_lock() else { return false };
        self.attempt(None, clock, fetch).await
    }

    /// One fetch, from the mark that it is under way to its outcome. The caller holds the gate.
    async fn attempt(
        &self,
        kid: Option<&str>,
        clock: &dyn Clock,
        fetch: impl Future<Output = Result<FetchedKeys, String>>,
    ) -> bool {
        let begun_ns = clock.monotonic_ns();
        let _under_way = UnderWay::begin(self, begun_ns);
        if kid.is_some() {
            self.attempts().last_for_token_ns = Some(begun_ns);
        }
        let fetched = fetch.await;
        let now_ns = clock.monotonic_ns();
        let mut attempts = self.attempts();
        attempts.last_ns = Some(now_ns);
        match fetched {
            Ok(fetched) => {
                let keys = self.replace(fetched, now_ns);
                attempts.failures = 0;
                attempts.last_error = None;
                if let Some(kid) = kid.filter(|kid| !keys.has_kid(kid)) {
                    attempts.remember_unknown(self.seed.hash_one(kid), now_ns);
                }
                true
            }
            Err(error) => {
                attempts.last_error = Some(error);
                false
            }
        }
    }

    fn replace(&self, fetched: FetchedKeys, now_ns: u64) -> Arc<KeySet> {
        let held = self.current.load_full();
        let generation = match &held {
            Some(held) if held.digest == fetched.digest => held.generation,
            Some(held) => held.generation + 1,
            None => 0,
        };
        let fresh = fetched.max_age.unwrap_or(REFRESH_DEFAULT).clamp(REFRESH_MIN, REFRESH_MAX);
        let refresh_ns = now_ns.saturating_add(nanos(fresh));
        let keys = Arc::new(fetched.keys);
        self.current.store(Some(Arc::new(Current {
            keys: Arc::clone(&keys),
            generation,
            digest: fetched.digest,
            fetched_ns: now_ns,
            refresh_ns,
            unusable_ns: refresh_ns.saturating_add(nanos(STALE_FOR)),
        })));
        keys
    }

    fn usable(&self, now_ns: u64) -> Option<Arc<Current>> {
        self.current.load_full().filter(|current| now_ns < current.unusable_ns)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self, now_ns: u64) -> KeyState {
        let current = self.current.load_full();
        let attempts = self.attempts();
        KeyState {
            source: Arc::clone(&self.source),
            issuer: Arc::clone(&self.issuer),
            place: Arc::clone(&self.place),
            keys: current.as_ref().map_or(0, |current| current.keys.len()),
            age_s: current.as_ref().map(|current| now_ns.saturating_sub(current.fetched_ns) / 1_000_000_000),
            stale: current.is_some_and(|current| now_ns >= current.refresh_ns),
            failures: attempts.failures,
            last_error: attempts.last_error.clone(),
        }
    }
}

impl Attempts {
    fn since(&self, now_ns: u64) -> Option<Duration> {
        self.last_ns.map(|last| Duration::from_nanos(now_ns.saturating_sub(last)))
    }

    fn may_ask_for_token(&self, now_ns: u64) -> bool {
        self.last_for_token_ns.is_none_or(|last| now_ns.saturating_sub(last) >= nanos(REFETCH_PAUSE))
    }

    /// 0, then 1, 2, 4, ... seconds, up to [`BACKOFF_MAX`].
    fn pause(&self) -> Duration {
        match self.failures {
            0 => Duration::ZERO,
            failures => Duration::from_secs(1 << (failures - 1).min(10)).min(BACKOFF_MAX),
        }
    }

    fn is_unknown(&self, kid: u64, now_ns: u64) -> bool {
        self.unknown.get(&kid).is_some_and(|until| now_ns < *until)
    }

    fn remember_unknown(&mut self, kid: u64, now_ns: u64) {
        self.unknown.retain(|_, until| now_ns < *until);
        if self.unknown.len() < UNKNOWN_MAX {
            self.unknown.insert(kid, now_ns.saturating_add(nanos(UNKNOWN_FOR)));
        }
    }
}

/// Marks a fetch as under way, and unmarks it however it ends.
struct UnderWay<'a>(&'a IssuerKeys);

impl<'a> UnderWay<'a> {
    fn begin(issuer: &'a IssuerKeys, now_ns: u64) -> Self {
        let mut attempts = issuer.attempts();
        attempts.under_way = true;
        attempts.last_ns = Some(now_ns);
        attempts.failures = attempts.failures.saturating_add(1);
        Self(issuer)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.attempts().under_way = false;
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
