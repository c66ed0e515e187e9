#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use model::{ManualClock, Secret};
use tokio::sync::Semaphore;

use super::{Asker, Outside, QUESTIONS_PER_MINUTE_MAX, Who};
use crate::metrics::Metrics;
use crate::question::{Answer, NoAnswer, Question};
use crate::settings::opaque_tokens;

/// Answers when it is let, and counts how often it was asked.
struct Gate {
    asked: AtomicU32,
    open: Semaphore,
    changed_ns: AtomicU64,
}

impl Outside for Gate {
    fn last_change_ns(&self, _: &Question) -> u64 {
        self.changed_ns.load(Ordering::SeqCst)
    }

    fn answer<'a>(&'a self, _: &'a Question) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            self.open.acquire().await.unwrap().forget();
            Answer::Introspected { members: Arc::default(), begun_ns: 0 }
        })
    }
}

fn asker(permits: usize) -> (Arc<Asker>, Arc<Gate>, Arc<ManualClock>) {
    let gate = Arc::new(Gate {
        asked: AtomicU32::new(0),
        open: Semaphore::new(permits),
        changed_ns: AtomicU64::new(0),
    });
    let clock = Arc::new(ManualClock::new(0));
    (Asker::new(gate.clone(), clock.clone(), Arc::new(Metrics::new())), gate, clock)
}

fn question(fingerprint: u8) -> Question {
    let token = Secret::new("t".to_owned());
    Question::Introspect { settings: Arc::new(opaque_tokens()), token, fingerprint: [fingerprint; 32] }
}

fn who(last: u8) -> Who {
    Who::of(None, IpAddr::from([192, 0, 2, last]))
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "current_thread")]
async fn equal_questions_under_way_are_asked_once() {
    let (asker, gate, _) = asker(0);
    let askers: Vec<_> = (0..10)
        .map(|number| {
            let asker = Arc::clone(&asker);
            tokio::spawn(async move { asker.ask(question(1), &who(number), LONG).await })
        })
        .collect();
    while Arc::strong_count(&asker) < 12 {
        tokio::task::yield_now().await;
    }
    gate.open.add_permits(1);
    for one in askers {
        let asked = one.await.unwrap();
        assert!(matches!(asked.answer, Answer::Introspected { .. }));
        assert_eq!(asked.trace.outcome, "answered");
    }
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1);
    gate.open.add_permits(1);
    asker.ask(question(1), &who(1), LONG).await;
    assert_eq!(gate.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn nobody_waits_for_an_answer_that_was_asked_for_before_a_change() {
    let (asker, gate, _) = asker(0);
    let begin = |number| {
        let asker = Arc::clone(&asker);
        tokio::spawn(async move { asker.ask(question(1), &who(number), LONG).await })
    };
    let asked = async |times| {
        while gate.asked.load(Ordering::SeqCst) < times {
            tokio::task::yield_now().await;
        }
    };
    let before = begin(1);
    asked(1).await;
    gate.changed_ns.store(7, Ordering::SeqCst);
    let after = begin(2);
    asked(2).await;
    gate.open.add_permits(2);
    for one in [before, after] {
        assert!(matches!(one.await.unwrap().answer, Answer::Introspected { .. }));
    }
    assert!(asker.lock().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn the_fetch_outlives_the_caller_who_began_it() {
    let (asker, gate, _) = asker(0);
    let first = {
        let asker = Arc::clone(&asker);
        tokio::spawn(async move { asker.ask(question(1), &who(1), LONG).await })
    };
    while gate.asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    gate.open.add_permits(1);
    let second = asker.ask(question(1), &who(2), LONG).await;
    assert!(matches!(second.answer, Answer::Introspected { .. }));
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_question_without_an_answer_times_out() {
    let (asker, _gate, _) = asker(0);
    let asked = asker.ask(question(1), &who(1), Duration::from_millis(20)).await;
    assert!(matches!(asked.answer, Answer::None(NoAnswer::TimedOut)));
    assert_eq!(asked.trace.outcome, "timed_out");
}

#[tokio::test(flavor = "current_thread")]
async fn a_budget_is_per_caller_and_comes_back_after_its_minute() {
    let (asker, gate, clock) = asker(10_000);
    for _ in 0..QUESTIONS_PER_MINUTE_MAX {
        assert!(matches!(asker.ask(question(1), &who(1), LONG).await.answer, Answer::Introspected { .. }));
    }
    let over = asker.ask(question(1), &who(1), LONG).await;
    assert!(matches!(over.answer, Answer::None(NoAnswer::OverBudget)));
    assert_eq!(gate.asked.load(Ordering::SeqCst), QUESTIONS_PER_MINUTE_MAX);
    assert!(matches!(asker.ask(question(1), &who(2), LONG).await.answer, Answer::Introspected { .. }));
    clock.advance_ms(60_000);
    assert!(matches!(asker.ask(question(1), &who(1), LONG).await.answer, Answer::Introspected { .. }));
}

#[test]
fn an_ipv6_host_cannot_multiply_its_budget() {
    let one: IpAddr = "2001:db8::1".parse().unwrap();
    let same_network: IpAddr = "2001:db8::ffff:1".parse().unwrap();
    let other: IpAddr = "2001:db8:0:1::1".parse().unwrap();
    assert_eq!(Who::of(None, one), Who::of(None, same_network));
    assert_ne!(Who::of(None, one), Who::of(None, other));
}
