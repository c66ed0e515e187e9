//! What a restart finds, and what a full disk does.

use super::super::JournalFault;
use super::super::journal::{self, JOURNAL};
use super::*;

fn opened(folder: &Folder, clock: &Arc<ManualClock>) -> Blocks {
    let blocks = set(clock);
    assert_eq!(blocks.open(&folder.0, Duration::ZERO).unwrap(), 0);
    blocks
}

#[test]
fn a_restart_finds_blocks_and_not_what_was_lifted() {
    let (folder, clock) = (Folder::new(), clock());
    let blocks = opened(&folder, &clock);
    let kept = add(&blocks, network("203.0.113.7"), 60_000);
    assert!(kept.durable);
    let lifted = add(&blocks, network("203.0.113.8"), 60_000).blocks[0].id.clone();
    blocks.lift(&[lifted], "a mistake", &By { uid: 7, ..By::default() }).unwrap();
    let before: Vec<_> = blocks.list().into_iter().map(|listed| listed.block).collect();
    drop(blocks);
    let blocks = opened(&folder, &clock);
    assert_eq!(blocks.list().into_iter().map(|listed| listed.block).collect::<Vec<_>>(), before);
    assert!(hits(&blocks, "203.0.113.7") && !hits(&blocks, "203.0.113.8"));
}

#[test]
fn one_process_at_a_time_keeps_the_journal_and_hands_it_over() {
    let (folder, clock) = (Folder::new(), clock());
    let old = opened(&folder, &clock);
    add(&old, network("203.0.113.7"), 60_000);
    let new = set(&clock);
    assert!(matches!(new.open(&folder.0, Duration::from_millis(20)), Err(JournalFault::Held(_))));
    old.hand_over();
    new.open(&folder.0, Duration::ZERO).unwrap();
    assert!(hits(&old, "203.0.113.7") && hits(&new, "203.0.113.7"), "in force on both sides");
    let refused = old.add(vec![wanted(network("203.0.113.8"), 1_000)], true);
    assert!(matches!(refused, Err(BlockFault::Journal(JournalFault::HandedOver))));
    add(&new, network("203.0.113.9"), 60_000);
    // The old process follows what the new one writes.
    old.put_in_force(journal::read(&folder.0).unwrap().blocks);
    assert!(hits(&old, "203.0.113.9"));
}

#[test]
fn a_journal_of_the_past_is_written_anew() {
    let (folder, clock) = (Folder::new(), clock());
    let blocks = opened(&folder, &clock);
    let kept = add(&blocks, network("203.0.113.7"), 3_600_000);
    for _ in 0..600 {
        let id = add(&blocks, network("203.0.113.8"), 60_000).blocks[0].id.clone();
        blocks.lift(&[id], "done", &By::default()).unwrap();
    }
    let before = std::fs::metadata(folder.0.join(JOURNAL)).unwrap().len();
    blocks.sweep();
    let after = std::fs::metadata(folder.0.join(JOURNAL)).unwrap().len();
    assert!(after < 2_000 && before > 100_000, "{before} {after}");
    assert_eq!(std::fs::metadata(folder.0.join("blocks.journal.old")).unwrap().len(), before);
    add(&blocks, network("203.0.113.9"), 3_600_000);
    drop(blocks);
    let blocks = opened(&folder, &clock);
    assert!(hits(&blocks, "203.0.113.7") && hits(&blocks, "203.0.113.9") && !hits(&blocks, "203.0.113.8"));
    assert_eq!(blocks.list().len(), 2);
    assert!(blocks.list().iter().any(|listed| listed.block == kept.blocks[0]));
}
