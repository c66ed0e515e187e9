#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::{Clock, ManualClock, SystemClock};

use super::{Busy, Held, InProcess, Locks, QUARANTINE, WAITERS_PER_PRINCIPAL_MAX, Wanted};
use crate::objects::{ObjectKey, ObjectKeys, ObjectName};

const HOLD: Duration = Duration::from_secs(60);

fn wanted(objects: &[ObjectKey], wait: Duration) -> Wanted {
    let mut objects = objects.to_vec();
    objects.sort();
    Wanted { objects, principal: 1, wait, hold: HOLD }
}

fn held(locks: &Arc<InProcess>, tickets: Vec<super::Ticket>, changed: &Arc<Mutex<usize>>) -> Held {
    let changed = Arc::clone(changed);
    let tell = Box::new(move |_, _| *changed.lock().unwrap() += 1);
    Held::new(Arc::clone(locks) as Arc<dyn Locks>, tickets, QUARANTINE, tell)
}

fn three(keys: &ObjectKeys) -> [ObjectKey; 3] {
    ["1", "2", "3"].map(|id| keys.key("shop", ObjectName { kind: "Order", id }))
}

#[tokio::test]
async fn one_at_a_time_over_thousands_of_interleavings() {
    let keys = ObjectKeys::default();
    let objects = three(&keys);
    let locks = Arc::new(InProcess::new(Arc::new(SystemClock::default()), 1_000));
    let inside: Arc<[AtomicUsize; 3]> = Arc::default();
    let mut tasks = Vec::new();
    for number in 0..60_usize {
        let (locks, inside) = (Arc::clone(&locks), Arc::clone(&inside));
        tasks.push(tokio::spawn(async move {
            let mut entered = 0;
            for round in 0..100 {
                // One or two objects, in whatever order they are named.
                let mut chosen = vec![number % 3, (number + round) % 3];
                chosen.sort_unstable();
                chosen.dedup();
                let wanted = Wanted {
                    principal: number as u64,
                    ..wanted(&chosen.iter().map(|one| objects[*one]).collect::<Vec<_>>(), HOLD)
                };
                let tickets = locks.lock(&wanted).await.unwrap();
                for one in &chosen {
                    assert_eq!(inside[*one].fetch_add(1, Ordering::SeqCst), 0, "two inside");
                }
                tokio::task::yield_now().await;
                for one in &chosen {
                    inside[*one].fetch_sub(1, Ordering::SeqCst);
                }
                tickets.into_iter().for_each(|ticket| locks.unlock(ticket));
                entered += 1;
            }
            entered
        }));
    }
    let mut entered = 0;
    for task in tasks {
        entered += task.await.unwrap();
    }
    assert_eq!(entered, 6_000);
    assert!(locks.is_empty(), "nothing stays behind");
}

#[tokio::test]
async fn a_wait_ends_and_so_does_a_crowd() {
    let keys = ObjectKeys::default();
    let [one, ..] = three(&keys);
    let locks = Arc::new(InProcess::new(Arc::new(SystemClock::default()), 1_000));
    let first = locks.lock(&wanted(&[one], HOLD)).await.unwrap();
    assert_eq!(locks.lock(&wanted(&[one], Duration::from_millis(5))).await, Err(Busy::TimedOut));
    let mut waiting = Vec::new();
    for _ in 0..WAITERS_PER_PRINCIPAL_MAX {
        let locks = Arc::clone(&locks);
        waiting.push(tokio::spawn(async move {
            let tickets = locks.lock(&wanted(&[one], HOLD)).await.unwrap();
            tickets.into_iter().for_each(|ticket| locks.unlock(ticket));
        }));
    }
    while locks.table().waiting.get(&1).copied() != Some(WAITERS_PER_PRINCIPAL_MAX) {
        tokio::task::yield_now().await;
    }
    assert_eq!(locks.lock(&wanted(&[one], HOLD)).await, Err(Busy::Crowded));
    first.into_iter().for_each(|ticket| locks.unlock(ticket));
    for one in waiting {
        one.await.unwrap();
    }
    assert!(locks.is_empty());
    assert!(locks.table().waiting.is_empty());
}

#[tokio::test]
async fn a_request_that_goes_away_while_it_waits_lets_go_of_what_it_has() {
    let keys = ObjectKeys::default();
    let [one, two, _] = three(&keys);
    let (low, high) = (one.min(two), one.max(two));
    let locks = Arc::new(InProcess::new(Arc::new(SystemClock::default()), 1_000));
    let taken = locks.lock(&wanted(&[high], HOLD)).await.unwrap();
    let both = wanted(&[low, high], HOLD);
    let gone = tokio::time::timeout(Duration::from_millis(5), locks.lock(&both)).await;
    assert!(gone.is_err());
    assert!(locks.lock(&wanted(&[low], Duration::ZERO)).await.is_ok());
    taken.into_iter().for_each(|ticket| locks.unlock(ticket));
}

/// Locks whose clock stands still until it is moved, what was told of changes, and one object wanted at once.
struct ByHand {
    clock: Arc<ManualClock>,
    locks: Arc<InProcess>,
    changed: Arc<Mutex<usize>>,
    now: Wanted,
}

impl ByHand {
    fn new() -> Self {
        let [one, ..] = three(&ObjectKeys::default());
        let clock = Arc::new(ManualClock::new(0));
        let locks = Arc::new(InProcess::new(Arc::clone(&clock) as Arc<dyn Clock>, 1_000));
        Self { clock, locks, changed: Arc::default(), now: wanted(&[one], Duration::ZERO) }
    }
}

#[tokio::test]
async fn an_unknown_outcome_keeps_the_object_locked_for_a_while() {
    let ByHand { clock, locks, changed, now } = ByHand::new();
    // Sent, and nobody knows what became of it.
    let first = held(&locks, locks.lock(&now).await.unwrap(), &changed);
    assert!(first.sent());
    drop(first);
    assert_eq!(*changed.lock().unwrap(), 1, "what is known of it is dropped");
    assert_eq!(locks.lock(&now).await, Err(Busy::TimedOut));
    clock.advance_ms(QUARANTINE.as_millis() as u64);
    let tickets = locks.lock(&now).await.unwrap();
    // Never sent: nothing has happened.
    drop(held(&locks, tickets, &changed));
    assert_eq!(*changed.lock().unwrap(), 1);
    // Sent and answered: free at once, and what was known of it is dropped.
    let third = held(&locks, locks.lock(&now).await.unwrap(), &changed);
    assert!(third.sent());
    third.settled();
    assert_eq!(*changed.lock().unwrap(), 2);
    assert!(locks.lock(&now).await.is_ok());
}

#[tokio::test]
async fn a_lock_that_expired_is_lost_and_cannot_be_let_go_of_for_another() {
    let ByHand { clock, locks, changed, now } = ByHand::new();
    let slow = held(&locks, locks.lock(&now).await.unwrap(), &changed);
    clock.advance_ms(HOLD.as_millis() as u64);
    let other = held(&locks, locks.lock(&now).await.unwrap(), &changed);
    assert!(!slow.sent(), "it must not be sent any more");
    drop(slow);
    assert!(other.sent(), "the other still has it");
}

#[tokio::test]
async fn no_more_objects_are_locked_than_may_be() {
    let keys = ObjectKeys::default();
    let [one, two, three] = three(&keys);
    let locks = InProcess::new(Arc::new(SystemClock::default()), 2);
    assert!(locks.lock(&wanted(&[one], HOLD)).await.is_ok());
    let second = locks.lock(&wanted(&[two], HOLD)).await.unwrap();
    assert_eq!(locks.lock(&wanted(&[three], HOLD)).await, Err(Busy::Crowded));
    second.into_iter().for_each(|ticket| locks.unlock(ticket));
    assert!(locks.lock(&wanted(&[three], HOLD)).await.is_ok());
}
