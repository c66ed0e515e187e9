//! Floods of keys that use up what they have: what they leave alone, and whom they keep out.

use std::time::Duration;

use super::super::{Counted, Counters, LimitId, Rate, Room, Window, picture};
use super::{SECOND_NS, per_minute};

#[derive(Hash)]
struct Client(u32);

impl Counted for Client {
    fn room(&self) -> Room {
        Room::Callers
    }
}

#[derive(Hash)]
struct Operation(u32);

impl Counted for Operation {
    fn room(&self) -> Room {
        Room::Configured
    }
}

fn hourly(count: u64) -> Rate {
    Rate::new(count, Duration::from_secs(3_600), count)
}

/// So many keys that use up all they have.
fn flood(counters: &Counters, limit: &LimitId, keys: u32) {
    for key in 0..keys {
        counters.take(limit, &key, &hourly(1), 1, 2);
    }
}

#[test]
fn a_key_refused_for_more_than_it_has_left_keeps_its_count_through_a_flood_of_limited_keys() {
    let (limit, other) = (LimitId::global("work"), LimitId::global("forms"));
    let (rate, window) = (hourly(10), Window::day(10, 0, 0));
    // Looked at before it is taken from, or taken from at once.
    for looks in [true, false] {
        let counters = Counters::new(1_000);
        let hot: Vec<String> = (0..25).map(|n| format!("hot {n}")).collect();
        for key in &hot {
            assert!(counters.take(&limit, key, &rate, 4, 1).allowed);
            assert!(counters.take(&limit.daily(), key, &window, 4, 1).allowed);
            let refused = |cost| match looks {
                true => [
                    counters.peek(&limit, key, &rate, cost, 1),
                    counters.peek(&limit.daily(), key, &window, cost, 1),
                ],
                false => [
                    counters.take(&limit, key, &rate, cost, 1),
                    counters.take(&limit.daily(), key, &window, cost, 1),
                ],
            };
            assert!(refused(7).iter().all(|taken| !taken.allowed));
        }
        flood(&counters, &other, 20_000);
        assert!(counters.counts().overflowed > 15_000);
        for key in &hot {
            assert_eq!(counters.peek(&limit, key, &rate, 1, 3).remaining, 6, "{key} was reset");
            assert_eq!(counters.peek(&limit.daily(), key, &window, 1, 3).remaining, 6, "{key} was reset");
        }
        // What is taken afterwards does not make a key forget that it was refused.
        for key in &hot {
            assert!(counters.take(&limit, key, &hourly(100), 1, 3).allowed);
        }
        flood(&counters, &other, 20_000);
        for key in &hot {
            assert!(counters.peek(&limit, key, &hourly(100), 1, 3).remaining < 100, "{key} was reset");
        }
    }
}

#[test]
fn a_key_that_has_used_half_keeps_its_count_and_one_below_gives_way() {
    let (limit, other) = (LimitId::global("work"), LimitId::global("forms"));
    let (rate, window) = (hourly(10), Window::day(10, 0, 0));
    for used in 1..=10 {
        let counters = Counters::new(16);
        assert!(counters.take(&limit, "key", &rate, used, 2).allowed);
        assert!(counters.take(&limit.daily(), "key", &window, used, 2).allowed);
        flood(&counters, &other, 1_000);
        let left = if used < 5 { 10 } else { 10 - used };
        assert_eq!(counters.peek(&limit, "key", &rate, 1, 3).remaining, left, "{used} used of a rate");
        assert_eq!(counters.peek(&limit.daily(), "key", &window, 1, 3).remaining, left, "{used} of a day");
    }
}

#[test]
fn a_key_that_waits_for_its_next_call_stays_however_much_of_the_wait_is_over() {
    let counters = Counters::new(16);
    let (limit, other, later) = (LimitId::global("once"), LimitId::global("forms"), 3_000 * SECOND_NS);
    assert!(counters.take(&limit, "key", &hourly(1), 1, 1).allowed);
    for key in 0..1_000_u32 {
        counters.take(&other, &key, &hourly(1), 1, later);
    }
    assert!(!counters.peek(&limit, "key", &hourly(1), 1, later).allowed);
}

#[test]
fn a_refused_key_gives_way_again_when_it_has_recovered() {
    let counters = Counters::new(16);
    let limit = LimitId::global("work");
    for key in 0..16_u32 {
        assert!(counters.take(&limit, &key, &per_minute(10, 10), 4, 1).allowed);
        assert!(!counters.take(&limit, &key, &per_minute(10, 10), 7, 1).allowed);
    }
    assert!(counters.take(&limit, "early", &per_minute(10, 10), 1, 2).allowed);
    assert_eq!(counters.counts().overflowed, 1);
    let later = 61 * SECOND_NS;
    // Fresh again, and used less than the others of its set.
    assert!(counters.take(&limit, &0_u32, &per_minute(10, 10), 1, later).allowed);
    for key in 100..115_u32 {
        assert!(counters.take(&limit, &key, &per_minute(10, 10), 2, later).allowed);
    }
    assert!(counters.take(&limit, "late", &per_minute(10, 10), 2, later).allowed);
    let counts = counters.counts();
    assert_eq!((counts.overflowed, counts.evicted_used), (1, 1), "{counts:?}");
    assert_eq!(counters.peek(&limit, &0_u32, &per_minute(10, 10), 1, later).remaining, 10, "it stayed");
}

#[test]
fn what_anybody_can_make_up_takes_no_place_from_callers_nor_callers_from_operations() {
    let counters = Counters::new(1_000);
    let (limit, rate, window) = (LimitId::global("work"), hourly(10), Window::day(10, 0, 0));
    assert!(counters.take(&limit, &Client(0), &rate, 1, 1).allowed);
    assert!(counters.take(&limit.daily(), &Client(0), &window, 1, 1).allowed);
    assert!(counters.take(&limit, &Operation(0), &rate, 1, 1).allowed);
    flood(&counters, &limit, 20_000);
    let shared = counters.counts().overflowed;
    assert!(shared > 15_000);
    assert_eq!(counters.peek(&limit, &Client(0), &rate, 1, 3).remaining, 9);
    assert_eq!(counters.peek(&limit.daily(), &Client(0), &window, 1, 3).remaining, 9);
    for number in 1..300 {
        assert!(counters.take(&limit, &Client(number), &hourly(1), 1, 3).allowed, "a newcomer has its own");
        assert!(!counters.take(&limit, &Client(number), &hourly(1), 1, 3).allowed);
    }
    assert_eq!(counters.counts().overflowed, shared);
    for number in 300..20_000 {
        counters.take(&limit, &Client(number), &hourly(1), 1, 3);
    }
    assert!(counters.counts().overflowed > shared);
    assert_eq!(counters.peek(&limit, &Operation(0), &rate, 1, 4).remaining, 9);
    assert!(counters.take(&limit, &Operation(1), &hourly(1), 1, 4).allowed);
}

#[test]
fn after_a_restart_keys_are_where_they_were_and_those_refused_still_stay() {
    let (limit, window) = (LimitId::global("work").daily(), Window::day(10, 0, 0));
    let before = Counters::new(16);
    assert!(before.take(&limit, "anybody", &window, 4, 1).allowed);
    let unrefused = before.kept(0, 1).unwrap();
    assert!(!before.take(&limit, "anybody", &window, 7, 1).allowed);
    assert!(before.take(&limit, &Client(7), &window, 3, 1).allowed);
    assert!(before.take(&limit, &Operation(7), &window, 2, 1).allowed);
    let restored = Counters::new(16);
    assert_eq!(restored.restore(&before.kept(0, 1).unwrap(), 0, 1), Some(3));
    let twice = Counters::new(16);
    assert_eq!(twice.restore(&unrefused, 0, 1), Some(1));
    assert_eq!(twice.restore(&before.kept(0, 1).unwrap(), 0, 1), Some(3));
    let taken_over = Counters::new(16);
    assert_eq!(taken_over.take_over(&before.pass_on(1), 1), Some(3));
    for after in [restored, twice, taken_over] {
        flood(&after, &limit, 10_000);
        assert_eq!(after.peek(&limit, "anybody", &window, 1, 3).remaining, 6);
        assert_eq!(after.peek(&limit, &Client(7), &window, 1, 3).remaining, 7);
        assert_eq!(after.peek(&limit, &Operation(7), &window, 1, 3).remaining, 8);
    }
}

#[test]
fn where_a_picture_ends_early_it_is_what_anybody_can_make_up_that_is_left_out() {
    let counters = Counters::new(16);
    let (limit, window) = (LimitId::global("work").daily(), Window::day(10, 0, 0));
    assert!(counters.take(&limit, "anybody", &window, 1, 1).allowed);
    assert!(counters.take(&limit, &Client(7), &window, 1, 1).allowed);
    assert!(counters.take(&limit, &Operation(7), &window, 1, 1).allowed);
    let passed = counters.pass_on(1);
    let (_, entries) = picture::read(b"passed 2", &passed).unwrap();
    let rooms: Vec<_> = entries.filter_map(|[hash, ..]| Room::of(hash)).collect();
    assert_eq!(rooms, [Room::Configured, Room::Callers, Room::Anyone]);
}
