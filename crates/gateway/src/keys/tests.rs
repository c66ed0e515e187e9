#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use model::{Clock, ManualClock};
use serde_json::json;
use token::{Algorithm, KeySet, Signer};

use super::fetch::{Document, Get, keys_by};
use super::{FetchedKeys, Found, KeyCache};
use crate::question::NoAnswer;
use crate::settings::{Jwt, KeySource};

const ISSUER: &str = "https://login.example/tenant/";

fn jwt(keys: KeySource) -> Jwt {
    Jwt {
        issuer: ISSUER.into(),
        audiences: vec!["api".to_owned()],
        algorithms: Algorithm::ASYMMETRIC.to_vec(),
        keys,
        token_lifetime_max: None,
        leeway: Duration::ZERO,
        types: Vec::new(),
        legacy_token: false,
        required_claims: Vec::new(),
        subject_claim: None,
    }
}

fn jwks(kids: &[&str]) -> String {
    let keys: Vec<_> = kids.iter().map(|kid| Signer::generate(kid).unwrap().public_jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// An issuer whose keys, health and `max-age` a test sets, and who counts how often it is asked.
struct Issuer {
    kids: Mutex<Vec<&'static str>>,
    is_down: Mutex<bool>,
    max_age: Mutex<Option<Duration>>,
    asked: AtomicUsize,
    cache: KeyCache,
    clock: ManualClock,
    jwt: Jwt,
}

impl Issuer {
    fn new(kids: &[&'static str]) -> Self {
        Self {
            kids: Mutex::new(kids.to_vec()),
            is_down: Mutex::new(false),
            max_age: Mutex::new(None),
            asked: AtomicUsize::new(0),
            cache: KeyCache::new(),
            clock: ManualClock::new(0),
            jwt: jwt(KeySource::Discovery),
        }
    }

    fn set(&self, kids: &[&'static str]) {
        *self.kids.lock().unwrap() = kids.to_vec();
    }

    fn down(&self, is_down: bool) {
        *self.is_down.lock().unwrap() = is_down;
    }

    async fn fetch(&self) -> Result<FetchedKeys, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if *self.is_down.lock().unwrap() {
            return Err("status 500".to_owned());
        }
        let kids = self.kids.lock().unwrap().clone();
        let digest = std::array::from_fn(|index| kids.get(index).map_or(0, |kid| kid.as_bytes()[0]));
        let keys = KeySet::parse_jwks(jwks(&kids).as_bytes()).unwrap().0;
        Ok(FetchedKeys { keys, digest, max_age: *self.max_age.lock().unwrap() })
    }

    async fn obtain(&self, kid: &str) -> Result<Arc<KeySet>, NoAnswer> {
        self.cache.obtain(&self.jwt, Some(kid), &self.clock, self.fetch()).await
    }

    async fn refresh(&self) -> bool {
        self.cache.refresh(&self.jwt, &self.clock, self.fetch()).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn generation(&self) -> Option<u64> {
        self.cache.issuer(&self.jwt).generation(self.clock.monotonic_ns())
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_then_held() {
    let issuer = Issuer::new(&["a"]);
    for _ in 0..3 {
        assert!(issuer.obtain("a").await.unwrap().has_kid("a"));
    }
    assert_eq!((issuer.asked(), issuer.generation()), (1, Some(0)));
}

#[tokio::test]
async fn many_who_need_keys_at_once_cause_one_fetch() {
    let issuer = Issuer::new(&["a"]);
    let (one, two, three) = tokio::join!(issuer.obtain("a"), issuer.obtain("a"), issuer.obtain("b"));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_found_after_one_refetch() {
    let issuer = Issuer::new(&["a"]);
    issuer.obtain("a").await.unwrap();
    issuer.set(&["b"]);
    issuer.clock.advance_ms(10_000);
    assert!(issuer.obtain("b").await.unwrap().has_kid("b"));
    assert_eq!((issuer.asked(), issuer.generation()), (2, Some(1)));
}

#[tokio::test]
async fn invented_key_ids_cause_one_fetch_in_ten_seconds_and_each_none_for_thirty() {
    let issuer = Issuer::new(&["a"]);
    issuer.obtain("a").await.unwrap();
    issuer.clock.advance_ms(10_000);
    for round in 0..100 {
        assert!(!issuer.obtain(&format!("invented {round}")).await.unwrap().has_kid("b"));
    }
    assert_eq!(issuer.asked(), 2);
    issuer.clock.advance_ms(10_000);
    // The one that caused the fetch is remembered as unknown; another one is not.
    issuer.obtain("invented 0").await.unwrap();
    assert_eq!(issuer.asked(), 2);
    issuer.obtain("invented 1").await.unwrap();
    assert_eq!(issuer.asked(), 3);
    issuer.clock.advance_ms(20_000);
    issuer.obtain("invented 0").await.unwrap();
    assert_eq!(issuer.asked(), 4);
}

#[tokio::test]
async fn a_set_is_refreshed_when_its_max_age_says_so_within_limits() {
    for (max_age_s, fresh_s) in [(None, 3_600), (Some(0), 300), (Some(600), 600), (Some(1_000_000), 86_400)] {
        let issuer = Issuer::new(&["a"]);
        *issuer.max_age.lock().unwrap() = max_age_s.map(Duration::from_secs);
        issuer.obtain("a").await.unwrap();
        issuer.clock.advance_ms(fresh_s * 1_000 - 1);
        issuer.obtain("a").await.unwrap();
        assert_eq!(issuer.asked(), 1, "{max_age_s:?}");
        issuer.clock.advance_ms(1);
        issuer.obtain("a").await.unwrap();
        assert_eq!(issuer.asked(), 2, "{max_age_s:?}");
        assert_eq!(issuer.generation(), Some(0), "the same keys are the same generation");
    }
}

#[tokio::test]
async fn a_refresh_comes_a_minute_before_a_request_would_have_to_wait() {
    let issuer = Issuer::new(&["a"]);
    assert!(issuer.refresh().await);
    issuer.clock.advance_ms(3_539_000);
    assert!(!issuer.refresh().await);
    issuer.clock.advance_ms(1_000);
    assert!(issuer.refresh().await);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn stale_keys_serve_through_an_outage_for_a_day_and_no_longer() {
    let issuer = Issuer::new(&["a"]);
    issuer.obtain("a").await.unwrap();
    issuer.down(true);
    issuer.clock.advance_ms(3_600_000);
    assert!(issuer.obtain("a").await.is_ok());
    assert_eq!(issuer.asked(), 2);
    assert_eq!(issuer.cache.states(0), [], "no check holds it");
    let _held = issuer.cache.issuer(&issuer.jwt);
    let state = &issuer.cache.states(issuer.clock.monotonic_ns())[0];
    assert!(
        state.stale && state.failures == 1 && state.last_error.as_deref() == Some("status 500"),
        "{state:?}"
    );
    // A key that nobody knows may be a new one: that is for the issuer to say, not the caller's fault.
    assert_eq!(issuer.obtain("b").await.err(), Some(NoAnswer::Failed));
    issuer.clock.advance_ms(86_400_000 - 1_000);
    assert!(issuer.obtain("a").await.is_ok());
    issuer.clock.advance_ms(1_000);
    assert_eq!(issuer.obtain("a").await.err(), Some(NoAnswer::Failed));
    issuer.down(false);
    issuer.clock.advance_ms(30_000);
    assert!(issuer.obtain("a").await.is_ok());
}

#[tokio::test]
async fn an_issuer_that_is_down_is_asked_less_and_less_often() {
    let issuer = Issuer::new(&["a"]);
    issuer.down(true);
    let mut attempts = Vec::new();
    for second in 0..100 {
        let before = issuer.asked();
        assert!(issuer.obtain("a").await.is_err());
        if issuer.asked() > before {
            attempts.push(second);
        }
        issuer.clock.advance_ms(1_000);
    }
    assert_eq!(attempts, [0, 1, 3, 7, 15, 31, 61, 91]);
}

#[tokio::test]
async fn an_abandoned_fetch_counts_as_failed_and_leaves_nothing_locked() {
    let issuer = Issuer::new(&["a"]);
    let forever = std::future::pending::<Result<FetchedKeys, String>>();
    let waiting = issuer.cache.obtain(&issuer.jwt, Some("a"), &issuer.clock, forever);
    assert!(tokio::time::timeout(Duration::from_millis(1), waiting).await.is_err());
    assert_eq!(issuer.obtain("a").await.err(), Some(NoAnswer::Failed), "backs off");
    issuer.clock.advance_ms(1_000);
    assert!(issuer.obtain("a").await.is_ok());
}

#[tokio::test]
async fn while_a_fetch_is_under_way_others_ask_and_wait_for_it() {
    let issuer = Issuer::new(&["a"]);
    let mut first = Box::pin(issuer.obtain("a"));
    let waker = std::task::Waker::noop();
    assert!(first.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    let keys = issuer.cache.issuer(&issuer.jwt);
    assert!(matches!(keys.find(Some("a"), issuer.clock.monotonic_ns()), Found::Ask));
    let (one, two) = tokio::join!(first, issuer.obtain("a"));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[test]
fn keys_of_a_configuration_that_is_gone_are_forgotten_and_others_survive() {
    let (cache, one) = (KeyCache::new(), jwt(KeySource::Discovery));
    let other = |n: u32| jwt(KeySource::JwksUri(format!("https://login.example/{n}")));
    let held = cache.issuer(&one);
    for n in 0..100 {
        cache.issuer(&other(n));
    }
    assert_eq!(cache.states(0).len(), 1);
    assert!(cache.issuers.read().unwrap().len() <= 2);
    assert!(Arc::ptr_eq(&held, &cache.issuer(&one)));
}

/// Documents by URL; whatever is not there is 404.
struct Web(HashMap<&'static str, String>);

impl Get for Web {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Document, crate::fetches::FetchFault>> + Send + 'a>>
    {
        let found = self.0.get(url).cloned();
        let status = if found.is_some() { 200 } else { 404 };
        let (cache_control, body) = (Some("max-age=600".to_owned()), Bytes::from(found.unwrap_or_default()));
        Box::pin(std::future::ready(Ok(Document { status, cache_control, body })))
    }
}

const OPENID: &str = "https://login.example/tenant/.well-known/openid-configuration";
const OAUTH: &str = "https://login.example/.well-known/oauth-authorization-server/tenant";
const KEYS: &str = "https://login.example/keys";

fn metadata(issuer: &str, jwks_uri: &str) -> String {
    json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string()
}

#[tokio::test]
async fn keys_are_discovered_at_either_place() {
    for place in [OPENID, OAUTH] {
        let web = Web(HashMap::from([(place, metadata(ISSUER, KEYS)), (KEYS, jwks(&["a"]))]));
        let fetched = keys_by(&web, &jwt(KeySource::Discovery)).await.unwrap();
        assert!(fetched.keys.has_kid("a"));
        assert_eq!(fetched.max_age, Some(Duration::from_secs(600)));
    }
    let web = Web(HashMap::from([(KEYS, jwks(&["a"]))]));
    assert!(keys_by(&web, &jwt(KeySource::JwksUri(KEYS.to_owned()))).await.is_ok());
    assert!(keys_by(&web, &jwt(KeySource::Discovery)).await.is_err());
}

#[tokio::test]
async fn metadata_that_is_not_the_issuers_own_is_refused() {
    let repeated = format!(r#"{{"issuer":"x","issuer":"{ISSUER}","jwks_uri":"{KEYS}"}}"#);
    for (what, document) in [
        ("another issuer", metadata("https://login.example/other/", KEYS)),
        ("without the slash", metadata("https://login.example/tenant", KEYS)),
        ("no issuer", json!({ "jwks_uri": KEYS }).to_string()),
        ("no keys", json!({ "issuer": ISSUER }).to_string()),
        ("a member twice", repeated),
        ("cleartext", metadata(ISSUER, "http://login.example/keys")),
        ("no keys there", metadata(ISSUER, "https://login.example/nothing")),
    ] {
        let web = Web(HashMap::from([
            (OPENID, document),
            // Never tried: the first place has answered.
            (OAUTH, metadata(ISSUER, KEYS)),
            (KEYS, jwks(&["a"])),
            ("http://login.example/keys", jwks(&["a"])),
        ]));
        assert!(keys_by(&web, &jwt(KeySource::Discovery)).await.is_err(), "{what}");
    }
}

#[tokio::test]
async fn a_set_without_a_usable_key_is_a_failure() {
    for set in ["{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#, "keys"] {
        let web = Web(HashMap::from([(KEYS, set.to_owned())]));
        assert!(keys_by(&web, &jwt(KeySource::JwksUri(KEYS.to_owned()))).await.is_err(), "{set}");
    }
}

#[test]
fn fetches_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let web = Web(HashMap::new());
    let jwt = jwt(KeySource::Discovery);
    let fetch = keys_by(&web, &jwt);
    is_send(&fetch);
    let (cache, clock) = (KeyCache::new(), ManualClock::new(0));
    let fetch = async { fetch.await.map_err(|fault| fault.to_string()) };
    is_send(&cache.obtain(&jwt, None, &clock, fetch));
}
