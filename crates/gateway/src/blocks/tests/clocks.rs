//! Ends, and clocks that jump.

use super::*;

const HOUR_MS: u64 = 3_600_000;

#[test]
fn a_block_ends_when_its_time_is_over() {
    let clock = clock();
    let blocks = set(&clock);
    add(&blocks, network("203.0.113.7"), HOUR_MS);
    clock.advance_ms(HOUR_MS - 1);
    assert!(hits(&blocks, "203.0.113.7"));
    clock.advance_ms(1);
    assert!(!hits(&blocks, "203.0.113.7") && blocks.list().is_empty());
}

#[test]
fn a_wall_clock_that_is_set_forward_lifts_nothing() {
    let clock = clock();
    let blocks = set(&clock);
    add(&blocks, network("203.0.113.7"), HOUR_MS);
    clock.set_unix_ms(NOW_MS + 48 * HOUR_MS);
    assert!(hits(&blocks, "203.0.113.7"));
    assert_eq!(blocks.list()[0].left_ms, HOUR_MS);
    blocks.sweep();
    clock.advance_ms(HOUR_MS);
    assert!(!hits(&blocks, "203.0.113.7"));
}

#[test]
fn a_wall_clock_that_is_set_back_lifts_nothing_early_and_is_told() {
    let clock = clock();
    let blocks = set(&clock);
    add(&blocks, network("203.0.113.7"), HOUR_MS);
    clock.advance_ms(HOUR_MS / 2);
    clock.set_unix_ms(NOW_MS - HOUR_MS);
    assert_eq!(blocks.list()[0].left_ms, 2 * HOUR_MS, "until the wall clock shows its end");
    clock.advance_ms(HOUR_MS);
    assert!(hits(&blocks, "203.0.113.7"));
    clock.advance_ms(HOUR_MS);
    assert!(!hits(&blocks, "203.0.113.7"));
}

#[test]
fn a_block_that_ended_under_a_wrong_clock_comes_back_when_the_clock_is_put_right() {
    let folder = Folder::new();
    let clock = clock();
    let blocks = set(&clock);
    blocks.open(&folder.0, Duration::ZERO).unwrap();
    add(&blocks, network("203.0.113.7"), HOUR_MS);
    drop(blocks);
    // The machine starts with a clock that is a day ahead, and is put right within minutes.
    clock.set_unix_ms(NOW_MS + 24 * HOUR_MS);
    let blocks = set(&clock);
    blocks.open(&folder.0, Duration::ZERO).unwrap();
    assert!(!hits(&blocks, "203.0.113.7"));
    blocks.sweep();
    clock.advance_ms(60_000);
    clock.set_unix_ms(NOW_MS + 120_000);
    assert!(hits(&blocks, "203.0.113.7"));
}

#[test]
fn the_sweep_forgets_what_has_ended_for_long_and_nothing_else() {
    let clock = clock();
    let blocks = set(&clock);
    add(&blocks, network("203.0.113.7"), 1_000);
    add(&blocks, network("203.0.113.8"), 2 * HOUR_MS);
    clock.advance_ms(1_000);
    blocks.sweep();
    assert_eq!(blocks.index.load().len(), 2);
    clock.advance_ms(HOUR_MS);
    blocks.sweep();
    assert_eq!(blocks.index.load().len(), 1);
    assert!(hits(&blocks, "203.0.113.8"));
}
