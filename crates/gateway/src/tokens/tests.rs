#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::{CredentialKind, Principal};

use super::{Known, Proven, Remembered, TokenCache, TokenKey};

fn proven() -> Proven {
    Proven {
        kind: CredentialKind::Jwt,
        id: "id".into(),
        token: None,
        principal: Some(Principal { issuer: "https://issuer.example".into(), subject: "ada".into() }),
        client: Some("shop".into()),
        tenant: None,
        scopes: std::collections::BTreeSet::default(),
        claims: Arc::default(),
        not_before_unix_s: 0,
        expires_unix_s: Some(1_000),
    }
}

fn remembered() -> Remembered {
    Remembered { proven: Arc::new(proven()), authenticator: 0, generation: 0 }
}

fn key(number: u32) -> TokenKey {
    let mut fingerprint = [0; 32];
    fingerprint[..4].copy_from_slice(&number.to_be_bytes());
    TokenKey { fingerprint, verifiers: 7 }
}

#[test]
fn a_token_is_remembered_until_its_end_and_only_for_its_verifiers() {
    let cache = TokenCache::new(100);
    cache.put_proven(key(1), remembered(), 50, 10);
    assert!(matches!(cache.get(&key(1), 49), Some(Known::Proven(_))));
    assert!(cache.get(&key(1), 50).is_none());
    assert!(cache.get(&TokenKey { verifiers: 8, ..key(1) }, 20).is_none());
    assert!(cache.get(&key(2), 20).is_none());
}

#[test]
fn the_cache_is_bounded_and_forgets_the_expired_first() {
    let cache = TokenCache::new(800);
    for number in 0..50 {
        cache.put_proven(key(number), remembered(), u64::MAX, 10);
    }
    let kept = |now| (0..50).filter(|number| cache.get(&key(*number), now).is_some()).count();
    let before = kept(11);
    assert!(before >= 45, "{before}");
    // Each newcomer has expired when the next one comes, so they take each other's places ...
    for number in 1_000..50_000 {
        cache.put_proven(key(number), remembered(), u64::from(number) + 1, u64::from(number));
    }
    assert_eq!(kept(60_000), before);
    // ... and when all are good, the one unused for longest goes, never one in use.
    for number in 100_000..103_000 {
        cache.put_proven(key(number), remembered(), u64::MAX, 60_000);
        assert_eq!(kept(60_000), before);
    }
    assert!(cache.len() <= 800, "{}", cache.len());
}

#[test]
fn guesses_push_no_proven_token_out() {
    let cache = TokenCache::new(80);
    cache.put_proven(key(1), remembered(), 1_000, 10);
    for number in 2..50_000 {
        cache.put_inactive(key(number), 1_000, 10);
    }
    assert!(matches!(cache.get(&key(1), 11), Some(Known::Proven(_))));
    assert!((2..50_000).any(|number| matches!(cache.get(&key(number), 11), Some(Known::Inactive))));
}

#[test]
fn a_cache_of_nothing_remembers_nothing() {
    let cache = TokenCache::new(0);
    cache.put_proven(key(1), remembered(), 1_000, 10);
    cache.put_inactive(key(1), 1_000, 10);
    assert!(cache.get(&key(1), 11).is_none());
}

#[test]
fn answers_about_whoever_has_a_name_are_forgotten_and_nothing_else() {
    let cache = TokenCache::new(800);
    let of = |kind, subject: &str| {
        let principal = Principal { issuer: "https://issuer.example".into(), subject: subject.into() };
        let proven = Proven { kind, principal: Some(principal), ..proven() };
        Remembered { proven: Arc::new(proven), ..remembered() }
    };
    let told = |number, subject, begun_ns| {
        cache.put_told(key(number), of(CredentialKind::Introspected, subject), begun_ns, 1_000, 10);
    };
    told(1, "ada", 5);
    told(2, "ada", 7);
    told(3, "bob", 7);
    told(4, "eve", 7);
    cache.put_proven(key(5), of(CredentialKind::Jwt, "ada"), 1_000, 10);
    let known = || -> Vec<u32> { (1..10).filter(|number| cache.get(&key(*number), 11).is_some()).collect() };
    cache.forget_answers(&["ada".into(), "eve".into()].into(), 9);
    assert_eq!(known(), [3, 5]);
    // Asked before, and answered since.
    told(6, "ada", 8);
    told(7, "ada", 9);
    cache.forget_answers(&["cid".into()].into(), 4);
    told(8, "ada", 9);
    told(9, "ada", 10);
    assert_eq!(known(), [3, 5, 9]);
}
