#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::{CredentialKind, Principal};

use super::{Known, Proven, Remembered, Revocations, Revoked, TokenCache, TokenKey};

fn proven() -> Proven {
    Proven {
        kind: CredentialKind::Jwt,
        id: "id".into(),
        jti: Some("jti-1".into()),
        issuer: Some("https://issuer.example".into()),
        principal: Some(Principal { issuer: "https://issuer.example".into(), subject: "ada".into() }),
        client: Some("shop".into()),
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
fn each_way_of_revoking_hits_exactly_what_it_names() {
    let fingerprint = [9; 32];
    let issuer: Arc<str> = "https://issuer.example".into();
    let cases = [
        (Revoked::Fingerprint(fingerprint), true),
        (Revoked::Fingerprint([8; 32]), false),
        (Revoked::Token { issuer: Arc::clone(&issuer), jti: "jti-1".into() }, true),
        (Revoked::Token { issuer: "https://other.example".into(), jti: "jti-1".into() }, false),
        (Revoked::Client("shop".into()), true),
        (Revoked::Client("other".into()), false),
        (Revoked::Subject(Principal { issuer: Arc::clone(&issuer), subject: "ada".into() }), true),
        (Revoked::Subject(Principal { issuer, subject: "eve".into() }), false),
        (Revoked::Key("id".into()), false),
    ];
    for (what, expected) in cases {
        let revocations = Revocations::new();
        assert!(!revocations.holds(&proven(), Some(&fingerprint), 10));
        revocations.revoke(what.clone(), 100, 10).unwrap();
        assert_eq!(revocations.holds(&proven(), Some(&fingerprint), 99), expected, "{what:?}");
        assert!(!revocations.holds(&proven(), Some(&fingerprint), 100), "{what:?} ends");
    }
    let revocations = Revocations::new();
    revocations.revoke(Revoked::Key("id".into()), 100, 10).unwrap();
    assert!(revocations.holds(&Proven { kind: CredentialKind::ApiKey, ..proven() }, None, 50));
}

#[test]
fn a_revocation_is_never_shortened() {
    let revocations = Revocations::new();
    revocations.revoke(Revoked::Client("shop".into()), 100, 10).unwrap();
    revocations.revoke(Revoked::Client("shop".into()), 50, 10).unwrap();
    assert!(revocations.holds(&proven(), None, 99));
    assert_eq!(revocations.len(), 1);
}
