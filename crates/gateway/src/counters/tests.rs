#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod floods;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::{Clock, ManualClock};

use super::{Counted, Counters, LimitId, Rate, Room, Window};

macro_rules! anybodys {
    ($($key:ty),*) => {
        $(impl Counted for $key {
            fn room(&self) -> Room {
                Room::Anyone
            }
        })*
    };
}
anybodys!(str, String, u32);

fn per_minute(count: u64, burst: u64) -> Rate {
    Rate::new(count, Duration::from_secs(60), burst)
}

#[test]
fn a_burst_passes_and_then_one_every_interval() {
    let (counters, clock) = (Counters::new(100), ManualClock::new(0));
    let (limit, rate) = (LimitId::global("client"), per_minute(60, 5));
    let take = |clock: &ManualClock| counters.take(&limit, "a", &rate, 1, clock.monotonic_ns());
    for left in (0..5).rev() {
        let taken = take(&clock);
        assert!(taken.allowed);
        assert_eq!(taken.remaining, left);
    }
    let refused = take(&clock);
    assert!(!refused.allowed);
    assert_eq!((refused.remaining, refused.reset_s, refused.retry_after_s), (0, 5, 1));
    clock.advance_ms(999);
    assert!(!take(&clock).allowed);
    clock.advance_ms(1);
    assert!(take(&clock).allowed);
    assert!(!take(&clock).allowed);
    clock.advance_ms(5_000);
    assert_eq!((0..10).filter(|_| take(&clock).allowed).count(), 5);
}

#[test]
fn the_long_run_rate_is_exact_and_a_refusal_costs_nothing() {
    for (count, window_s, burst) in [(100, 60, 100), (7, 1, 1), (1, 3600, 1), (1000, 1, 10), (3, 10, 3)] {
        let (counters, clock) = (Counters::new(100), ManualClock::new(0));
        let rate = Rate::new(count, Duration::from_secs(window_s), burst);
        let limit = LimitId::global("x");
        let step_ms = (window_s * 1000 / count / 7).max(1);
        let mut allowed = 0;
        let windows = 5;
        while clock.unix_ms() < windows * window_s * 1000 {
            allowed += u64::from(counters.take(&limit, "k", &rate, 1, clock.monotonic_ns()).allowed);
            clock.advance_ms(step_ms);
        }
        let most = burst + windows * count;
        assert!(allowed <= most, "{allowed} of at most {most}");
        // A caller that knocks seven times an interval loses at most the seventh of one each time.
        assert!(allowed * 8 >= (windows * count) * 7, "{allowed} of {}", windows * count);
    }
}

#[test]
fn a_peek_takes_nothing_and_a_zero_count_lets_nothing_pass() {
    let counters = Counters::new(100);
    let (limit, rate) = (LimitId::global("x"), per_minute(2, 2));
    for _ in 0..10 {
        let peek = counters.peek(&limit, "k", &rate, 1, 0);
        assert_eq!((peek.allowed, peek.remaining), (true, 2));
    }
    assert_eq!(counters.counts().keys, 0);
    assert!(!counters.take(&limit, "k", &rate, 3, 0).allowed);
    assert!(counters.take(&limit, "k", &rate, 2, 0).allowed);
    assert!(!counters.peek(&limit, "k", &rate, 1, 0).allowed);
    let nothing = per_minute(0, 5);
    assert!(!counters.take(&limit, "other", &nothing, 1, 0).allowed);
}

#[test]
fn limits_and_keys_are_counted_apart() {
    let counters = Counters::new(100);
    let rate = per_minute(1, 1);
    let limits = [LimitId::global("x"), LimitId::of_api("orders", "x"), LimitId::of_api("users", "x")];
    for limit in &limits {
        for key in ["a", "b"] {
            assert!(counters.take(limit, key, &rate, 1, 0).allowed);
            assert!(!counters.take(limit, key, &rate, 1, 0).allowed);
        }
    }
}

#[test]
fn a_tightened_rate_locks_nobody_out_for_longer_than_its_own_burst() {
    let counters = Counters::new(100);
    let limit = LimitId::global("x");
    let loose = Rate::new(10, Duration::from_secs(86_400), 10);
    for _ in 0..10 {
        assert!(counters.take(&limit, "k", &loose, 1, 0).allowed);
    }
    let refused = counters.take(&limit, "k", &per_minute(10, 10), 1, 0);
    assert!(!refused.allowed);
    assert_eq!((refused.reset_s, refused.retry_after_s), (60, 6));
}

#[test]
fn a_million_keys_stay_within_the_cap() {
    const KEYS_MAX: usize = 10_000;
    let counters = Counters::new(KEYS_MAX);
    let (limit, rate) = (LimitId::global("address"), per_minute(100, 10));
    for key in 0..1_000_000_u32 {
        assert!(counters.take(&limit, &key, &rate, 1, 1).allowed);
    }
    let counts = counters.counts();
    assert!(counts.keys <= KEYS_MAX as u64 && counts.keys >= KEYS_MAX as u64 * 9 / 10, "{counts:?}");
    assert_eq!(counts.keys + counts.evicted_used, 1_000_000);
    assert!(counters.bytes() <= KEYS_MAX * 40, "{}", counters.bytes());
}

#[test]
fn recovered_keys_give_way_before_used_ones() {
    let counters = Counters::new(1_600);
    let (limit, clock) = (LimitId::global("address"), ManualClock::new(0));
    let rate = per_minute(60, 10);
    for key in 0..1_000_u32 {
        counters.take(&limit, &key, &rate, 1, clock.monotonic_ns());
    }
    let before = counters.counts().evicted_used;
    clock.advance_ms(1_000);
    for key in 1_000..1_800_u32 {
        counters.take(&limit, &key, &rate, 1, clock.monotonic_ns());
    }
    let counts = counters.counts();
    assert!(counts.evicted_recovered > 100, "{counts:?}");
    assert!(counts.evicted_used - before < counts.evicted_recovered, "{counts:?}");
}

#[test]
fn a_limited_key_stays_limited_through_a_flood_of_fresh_keys() {
    let counters = Counters::new(1_000);
    let (limit, rate) = (LimitId::global("address"), per_minute(100, 10));
    let hot: Vec<String> = (0..50).map(|n| format!("hot {n}")).collect();
    for key in &hot {
        while counters.take(&limit, key, &rate, 1, 1).allowed {}
    }
    for key in 0..200_000_u32 {
        counters.take(&limit, &key, &rate, 1, 1);
    }
    for key in &hot {
        assert!(!counters.take(&limit, key, &rate, 1, 1).allowed, "{key} was reset");
    }
}

#[test]
fn when_every_key_is_limited_newcomers_share_a_bucket_and_are_counted() {
    let counters = Counters::new(64);
    let (limit, rate) = (LimitId::global("address"), per_minute(1, 1));
    let allowed = (0..10_000_u32).filter(|key| counters.take(&limit, key, &rate, 1, 1).allowed).count();
    // Each place once, and one shared bucket for each of the four shards.
    assert!(allowed <= 64 + 4, "{allowed}");
    assert!(counters.counts().overflowed > 9_000);
    assert_eq!(counters.counts().keys, 64);
    let later = 61 * 1_000_000_000;
    assert!(counters.take(&limit, "late", &rate, 1, later).allowed);
}

#[test]
fn a_cap_of_one_still_limits() {
    let counters = Counters::new(1);
    let (limit, rate) = (LimitId::global("x"), per_minute(1, 1));
    assert!(counters.take(&limit, "a", &rate, 1, 0).allowed);
    assert!(!counters.take(&limit, "a", &rate, 1, 0).allowed);
    assert_eq!(counters.counts().keys, 1);
}

#[test]
fn concurrent_takes_never_exceed_the_quota() {
    let counters = Arc::new(Counters::new(1_000));
    let allowed = Arc::new(AtomicU64::new(0));
    let rate = per_minute(500, 500);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (counters, allowed) = (Arc::clone(&counters), Arc::clone(&allowed));
            std::thread::spawn(move || {
                let limit = LimitId::global("client");
                for _ in 0..1_000 {
                    if counters.take(&limit, "k", &rate, 1, 7).allowed {
                        allowed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(allowed.load(Ordering::Relaxed), 500);
}

const SECOND_NS: u64 = 1_000_000_000;
const DAY_NS: u64 = 86_400 * SECOND_NS;

#[test]
fn a_days_cap_holds_until_midnight_and_then_begins_anew() {
    let counters = Counters::new(100);
    let limit = LimitId::global("x").daily();
    // 22:00 UTC.
    let unix_ms = 22 * 3_600_000;
    let take = |cost, at_ns: u64| {
        let window = Window::day(5, unix_ms + at_ns / 1_000_000, at_ns);
        counters.take(&limit, "k", &window, cost, at_ns)
    };
    assert_eq!((take(3, 0).remaining, take(2, 0).remaining), (2, 0));
    let refused = take(1, SECOND_NS);
    assert_eq!((refused.allowed, refused.retry_after_s, refused.reset_s), (false, 7_199, 7_199));
    assert!(!take(1, 7_199 * SECOND_NS).allowed);
    let next = take(1, 7_200 * SECOND_NS);
    assert_eq!((next.allowed, next.remaining, next.reset_s), (true, 4, 86_400));
    assert!(!take(5, 7_201 * SECOND_NS).allowed, "what does not fit is refused whole");
    assert!(take(4, 7_201 * SECOND_NS).allowed);
}

#[test]
fn a_clock_that_is_set_moves_no_day_that_has_begun() {
    let counters = Counters::new(100);
    let limit = LimitId::global("x").daily();
    let noon = 12 * 3_600_000;
    assert!(counters.take(&limit, "k", &Window::day(1, noon, 0), 1, 0).allowed);
    // A second later the wall clock says that it is tomorrow.
    let tomorrow = Window::day(1, noon + 86_400_000, SECOND_NS);
    assert!(!counters.take(&limit, "k", &tomorrow, 1, SECOND_NS).allowed);
}

#[test]
fn what_is_owed_is_waited_for_and_never_for_longer_than_a_day() {
    let counters = Counters::new(100);
    let limit = LimitId::global("bytes");
    let rate = Rate::metered(1_000_000, Duration::from_secs(1), 2_000_000);
    assert_eq!(counters.peek(&limit, "k", &rate, 1, 0).remaining, 2_000_000);
    counters.owe(&limit, "k", &rate, 12_000_000, 0);
    let refused = counters.peek(&limit, "k", &rate, 1, 0);
    assert_eq!((refused.allowed, refused.remaining, refused.retry_after_s), (false, 0, 11));
    assert!(!counters.peek(&limit, "k", &rate, 1, 10 * SECOND_NS).allowed);
    assert!(counters.peek(&limit, "k", &rate, 1, 11 * SECOND_NS).allowed);
    counters.owe(&limit, "k", &rate, u64::MAX, 20 * SECOND_NS);
    assert!(!counters.peek(&limit, "k", &rate, 1, 20 * SECOND_NS + DAY_NS - SECOND_NS).allowed);
    assert!(counters.peek(&limit, "k", &rate, 1, 20 * SECOND_NS + DAY_NS + 2 * SECOND_NS).allowed);
}

#[test]
fn a_rate_above_one_a_nanosecond_is_exact() {
    let counters = Counters::new(100);
    let limit = LimitId::global("bytes");
    let rate = Rate::metered(3 << 30, Duration::from_secs(1), 3 << 30);
    counters.owe(&limit, "k", &rate, 30 << 30, 0);
    assert!(!counters.peek(&limit, "k", &rate, 1, 9 * SECOND_NS).allowed);
    assert!(counters.peek(&limit, "k", &rate, 1, 9 * SECOND_NS + 10).allowed);
}

#[test]
fn keys_that_used_up_their_day_or_owe_survive_a_flood_of_fresh_keys() {
    let counters = Counters::new(1_000);
    let (daily, bytes) = (LimitId::global("x").daily(), LimitId::global("bytes"));
    let metered = Rate::metered(10, Duration::from_secs(60), 10);
    let window = Window::day(3, 0, 0);
    let hot: Vec<String> = (0..25).map(|n| format!("hot {n}")).collect();
    for key in &hot {
        assert!(counters.take(&daily, key, &window, 3, 1).allowed);
        counters.owe(&bytes, key, &metered, 1_000, 1);
    }
    let rate = per_minute(100, 10);
    let flood = LimitId::global("address");
    for key in 0..200_000_u32 {
        counters.take(&flood, &key, &rate, 1, 1);
        counters.take(&daily, &key, &window, 1, 1);
        counters.owe(&bytes, &key, &metered, 1, 1);
    }
    for key in &hot {
        assert!(!counters.peek(&daily, key, &window, 1, 2).allowed, "the day of {key} was reset");
        assert!(!counters.peek(&bytes, key, &metered, 1, 2).allowed, "the debt of {key} was forgiven");
    }
    assert!(counters.counts().keys <= 1_000);
}

#[test]
fn a_key_near_its_cap_outlives_keys_that_are_hardly_used() {
    let counters = Counters::new(16);
    let daily = LimitId::global("x").daily();
    let window = Window::day(100, 0, 0);
    assert!(counters.take(&daily, "near", &window, 99, 1).allowed);
    for key in 0..10_000_u32 {
        counters.take(&daily, &key, &window, 1, 1);
    }
    assert_eq!(counters.peek(&daily, "near", &window, 1, 2).remaining, 1);
}

#[test]
fn a_days_count_survives_a_restart_and_what_has_ended_does_not() {
    let (daily, other) = (LimitId::global("x").daily(), LimitId::global("y").daily());
    let before = Counters::new(1_000);
    let noon = 12 * 3_600_000;
    assert!(before.kept(noon, 0).is_none());
    let window = Window::day(5, noon, 0);
    for key in 0..200_u32 {
        assert!(before.take(&daily, &key, &window, 4, 0).allowed);
    }
    let short = Window::from_now(1, Duration::from_secs(60), 0);
    assert!(before.take(&other, "k", &short, 1, 0).allowed);
    before.take(&LimitId::global("rate"), "k", &per_minute(1, 1), 1, 0);
    let bytes = before.kept(noon, 0).unwrap();

    // An hour later, by both clocks; the monotonic one has begun anew.
    let after = Counters::new(1_000);
    let later = noon + 3_600_000;
    assert_eq!(after.restore(&bytes, later, 7), Some(200));
    let window = Window::day(5, later, 7);
    for key in 0..200_u32 {
        assert_eq!(after.peek(&daily, &key, &window, 2, 7).remaining, 1, "{key}");
    }
    assert!(after.peek(&daily, &0_u32, &window, 1, 11 * 3_600 * SECOND_NS + 8).remaining == 5);
    assert!(after.take(&other, "k", &short, 1, 7).allowed);
    assert!(after.take(&LimitId::global("rate"), "k", &per_minute(1, 1), 1, 7).allowed);
}

#[test]
fn what_is_not_a_kept_count_is_left_alone() {
    let daily = LimitId::global("x").daily();
    let used = Counters::new(100);
    assert!(used.take(&daily, "k", &Window::day(5, 0, 0), 5, 0).allowed);
    let bytes = used.kept(0, 0).unwrap();
    for bad in [&b""[..], b"limits 3", b"limits 2 and more, more, more", &bytes[..20]] {
        assert_eq!(Counters::new(100).restore(bad, 0, 0), None);
    }
    assert_eq!(
        Counters::new(100).restore(&bytes[..bytes.len() - 1], 0, 0),
        Some(0),
        "half of one counts nothing"
    );
    let busy = Counters::new(100);
    busy.peek(&daily, "k", &Window::day(5, 0, 0), 1, 0);
    assert_eq!(busy.restore(&bytes, 0, 0), None, "it has counted under another seed");
}

#[test]
fn a_rate_of_hours_and_a_debt_survive_a_restart_and_one_of_a_minute_is_let_go() {
    let before = Counters::new(1_000);
    let (hourly, bytes) = (LimitId::global("hourly"), LimitId::global("bytes"));
    let (minute, monthly) = (LimitId::global("minute"), LimitId::global("monthly"));
    let rate = Rate::new(6, Duration::from_secs(3_600), 6);
    let month = Rate::new(31, Duration::from_secs(31 * 86_400), 31);
    let metered = Rate::metered(60, Duration::from_secs(60), 60);
    let noon = 12 * 3_600_000;
    let at_ns = 900 * SECOND_NS;
    for _ in 0..6 {
        assert!(before.take(&hourly, "k", &rate, 1, at_ns).allowed);
    }
    assert!(before.take(&monthly, "k", &month, 31, at_ns).allowed);
    assert!(before.take(&minute, "k", &per_minute(10, 10), 10, at_ns).allowed);
    before.owe(&bytes, "k", &metered, 1_000, at_ns);
    let kept = before.kept(noon, at_ns).unwrap();

    // Five seconds later by the wall clock; the monotonic one has begun anew.
    let after = Counters::new(1_000);
    assert_eq!(after.restore(&kept, noon + 5_000, 7), Some(3));
    let refused = after.take(&hourly, "k", &rate, 1, 7);
    assert_eq!((refused.allowed, refused.retry_after_s), (false, 595));
    assert!(after.take(&hourly, "k", &rate, 1, 7 + 595 * SECOND_NS).allowed);
    let refused = after.take(&monthly, "k", &month, 1, 7);
    assert_eq!((refused.allowed, refused.retry_after_s), (false, 86_395));
    let refused = after.peek(&bytes, "k", &metered, 1, 7);
    assert_eq!((refused.allowed, refused.retry_after_s), (false, 936));
    assert!(after.peek(&minute, "k", &per_minute(10, 10), 10, 7).allowed);
}

#[test]
fn a_wall_clock_set_back_locks_nobody_out_for_longer_than_the_quota_and_a_day() {
    let before = Counters::new(100);
    let metered = Rate::metered(60, Duration::from_secs(60), 60);
    let bytes = LimitId::global("bytes");
    before.owe(&bytes, "k", &metered, 1_000, 0);
    assert!(!before.peek(&bytes, "k", &metered, 1, 0).allowed);
    let year_ms = 365 * 86_400_000;
    let after = Counters::new(100);
    assert_eq!(after.restore(&before.kept(year_ms, 0).unwrap(), 0, 0), Some(1));
    assert!(!after.peek(&bytes, "k", &metered, 1, 0).allowed);
    assert!(after.peek(&bytes, "k", &metered, 1, DAY_NS + 60 * SECOND_NS).allowed);
}

#[test]
fn only_what_a_restart_must_not_forget_asks_to_be_written() {
    let counters = Counters::new(100);
    let untouched = counters.changes();
    assert!(counters.take(&LimitId::global("minute"), "k", &per_minute(10, 10), 10, 0).allowed);
    let hourly = Rate::new(6, Duration::from_secs(3_600), 6);
    counters.peek(&LimitId::global("hourly"), "k", &hourly, 1, 0);
    assert_eq!(counters.changes(), untouched);
    assert!(counters.kept(0, 0).is_none());
    assert!(counters.take(&LimitId::global("hourly"), "k", &hourly, 1, 0).allowed);
    let once = counters.changes();
    assert_ne!(once, untouched);
    assert!(counters.take(&LimitId::global("x").daily(), "k", &Window::day(5, 0, 0), 1, 0).allowed);
    assert_ne!(counters.changes(), once);
}
