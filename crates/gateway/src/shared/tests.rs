#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use model::ManualClock;

use super::Shared;
use crate::counters::{LimitId, Rate};
use crate::settings::Sizes;
use crate::tokens::TokenKey;

fn shared(limit_keys_max: usize, tokens_cached_max: usize) -> Arc<Shared> {
    let sizes = Sizes { limit_keys_max, tokens_cached_max, ..Sizes::default() };
    Shared::new(Arc::new(ManualClock::new(0)), &sizes)
}

#[test]
fn limit_keys_max_is_how_many_keys_are_held() {
    let held = |limit_keys_max| {
        let shared = shared(limit_keys_max, 100);
        let (limit, rate) = (LimitId::global("address"), Rate::new(10, Duration::from_secs(60), 10));
        for key in 0..20_000_u32 {
            shared.counters.take(&limit, &key, &rate, 1, u64::from(key));
        }
        shared.counters.counts().keys
    };
    let (few, many) = (held(1_000), held(10_000));
    assert!(few <= 1_000 && many <= 10_000 && many > 4 * few, "{few} and {many}");
}

#[test]
fn tokens_cached_max_is_how_many_tokens_are_remembered() {
    let remembered = |tokens_cached_max| {
        let shared = shared(100, tokens_cached_max);
        for number in 0..20_000_u32 {
            let mut fingerprint = [0; 32];
            fingerprint[..4].copy_from_slice(&number.to_be_bytes());
            shared.tokens.put_inactive(TokenKey { fingerprint, verifiers: 1 }, 1_000, 10);
        }
        shared.tokens.len()
    };
    let (few, many) = (remembered(800), remembered(8_000));
    assert!(few > 0 && few <= 800 && many <= 8_000 && many > 4 * few, "{few} and {many}");
}
