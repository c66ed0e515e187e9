#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod clocks;
mod durability;
mod networks;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::{Clock, ManualClock};

use super::{Added, BLOCKS_MAX, BlockFault, Blocks, By, End, Facts, Target, Wanted};

const NOW_MS: u64 = 1_800_000_000_000;

/// A folder of its own under the system's folder for temporary files; gone when dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bartizan-blocks-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW_MS))
}

fn set(clock: &Arc<ManualClock>) -> Blocks {
    Blocks::new(Arc::clone(clock) as Arc<dyn Clock>)
}

fn network(text: &str) -> Target {
    Target { network: Some(text.parse().unwrap()), ..Target::default() }
}

fn wanted(target: Target, for_ms: u64) -> Wanted {
    Wanted { target, reason: "a test".into(), by: By::default(), end: End::ForMs(for_ms), drill: false }
}

fn add(blocks: &Blocks, target: Target, for_ms: u64) -> Added {
    blocks.add(vec![wanted(target, for_ms)], false).unwrap()
}

fn hits(blocks: &Blocks, address: &str) -> bool {
    let facts =
        Facts { address: address.parse::<IpAddr>().unwrap(), api: "orders", operation: "get", caller: None };
    blocks.find(&facts).is_some()
}

#[test]
fn a_lifted_block_hits_no_more_and_another_for_the_same_target_still_does() {
    let blocks = set(&clock());
    let first = add(&blocks, network("203.0.113.0/24"), 1_000).blocks[0].id.clone();
    let second = add(&blocks, network("203.0.113.0/24"), 1_000).blocks[0].id.clone();
    assert!(hits(&blocks, "203.0.113.5"));
    let lifted = blocks.lift(std::slice::from_ref(&first), "a mistake", &By::default()).unwrap();
    assert_eq!((lifted.blocks.len(), &lifted.blocks[0].block.id), (1, &first));
    assert!(hits(&blocks, "203.0.113.5"), "the other is in force");
    let unknown = blocks.lift(&[first], "again", &By::default()).unwrap_err();
    assert!(matches!(unknown, BlockFault::Unknown(_)));
    assert!(unknown.to_string().contains("`bartizan block list`"), "{unknown}");
    blocks.lift(&[second], "done", &By::default()).unwrap();
    assert!(!hits(&blocks, "203.0.113.5"));
    assert_eq!(blocks.by_kind().map(|(_, held, _)| held).sum::<usize>(), 0);
}

#[test]
fn hits_are_counted_for_the_block_and_its_kind() {
    let clock = clock();
    let blocks = set(&clock);
    add(&blocks, network("203.0.113.0/24"), 1_000);
    clock.advance_ms(5);
    for _ in 0..3 {
        assert!(hits(&blocks, "203.0.113.5"));
    }
    let listed = blocks.list();
    assert_eq!((listed.len(), listed[0].hits, listed[0].left_ms), (1, 3, 995));
    assert_eq!(listed[0].last_hit.as_deref(), Some("2027-01-15T08:00:00.005Z"));
    assert_eq!(blocks.totals().hits, 3);
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let blocks = set(&clock());
    let good = || wanted(network("203.0.113.7"), 1_000);
    let bad = [
        Wanted { reason: "  ".into(), ..good() },
        Wanted { reason: "two\nlines".into(), ..good() },
        Wanted { reason: "x".repeat(501), ..good() },
        Wanted { end: End::ForMs(0), ..good() },
        Wanted { end: End::UntilUnixMs(NOW_MS), ..good() },
        Wanted { end: End::ForMs(367 * 86_400_000), ..good() },
        Wanted { target: Target::default(), ..good() },
        Wanted { target: Target { operation: Some("get".into()), ..Target::default() }, ..good() },
        Wanted { target: Target { client: Some("".into()), ..Target::default() }, ..good() },
    ];
    for one in bad {
        let text = format!("{one:?}");
        // Together with one that is good: all or none.
        assert!(matches!(blocks.add(vec![good(), one], false), Err(BlockFault::Unusable(_))), "{text}");
        assert!(blocks.list().is_empty());
    }
}

#[test]
fn a_full_set_refuses_and_drops_nothing_that_is_in_force() {
    let clock = clock();
    let blocks = set(&clock);
    let many = (0..BLOCKS_MAX).map(|number| {
        let address = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
        wanted(network(&address.to_string()), if number == 7 { 1_000 } else { 60_000 })
    });
    blocks.add(many.collect(), false).unwrap();
    assert!(matches!(
        blocks.add(vec![wanted(network("203.0.113.7"), 1_000)], false),
        Err(BlockFault::Full { .. })
    ));
    assert!(hits(&blocks, "0.0.0.7") && hits(&blocks, "0.1.134.159") && !hits(&blocks, "203.0.113.7"));
    // One that has ended gives way.
    clock.advance_ms(1_000);
    add(&blocks, network("203.0.113.7"), 1_000);
    assert!(!hits(&blocks, "0.0.0.7") && hits(&blocks, "0.0.0.8") && hits(&blocks, "203.0.113.7"));
}

#[tokio::test]
async fn what_is_under_way_hears_of_its_block() {
    let sizes = crate::settings::Sizes::default();
    let shared = crate::Shared::new(clock(), &sizes);
    let watch = |address: &str| {
        let address = address.parse().unwrap();
        super::Watching::new(Arc::clone(&shared), address, "orders".into(), "get".into(), None)
    };
    let (mut hit, mut spared) = (watch("203.0.113.7"), watch("203.0.113.8"));
    let short = Duration::from_millis(20);
    assert!(tokio::time::timeout(short, hit.blocked()).await.is_err(), "nothing is blocked yet");
    let id = add(&shared.blocks, network("203.0.113.7"), 1_000).blocks[0].id.clone();
    assert_eq!(hit.blocked().await.id, id);
    assert!(tokio::time::timeout(short, spared.blocked()).await.is_err());
}
