#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::{Clock, ManualClock};

use super::{FetchFault, FetchFaultKind, Fetches, PAUSE, Subject};

const TIMEOUT: Duration = Duration::from_secs(2);

struct Stand {
    clock: Arc<ManualClock>,
    fetches: Fetches,
    told: Arc<Mutex<Vec<String>>>,
}

impl Stand {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(0));
        let told = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&told);
        let tell = Box::new(move |line: &str| lines.lock().unwrap().push(line.to_owned()));
        Self { fetches: Fetches::telling(Arc::clone(&clock) as Arc<dyn Clock>, tell), clock, told }
    }

    async fn ends(&self, result: Result<(), FetchFault>) {
        let _ = self.fetches.note(subject(), TIMEOUT, std::future::ready(result)).await;
    }

    fn turn(&self, by: Duration) {
        self.clock.advance_ms(u64::try_from(by.as_millis()).unwrap());
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

fn subject() -> Subject {
    Subject { what: "keys", issuer: "https://login.example".into(), source: "discovery".into() }
}

#[tokio::test]
async fn a_change_is_told_once_and_every_failure_counted() {
    let stand = Stand::new();
    stand.ends(Ok(())).await;
    assert!(stand.told().is_empty(), "that all is well is no news");
    for _ in 0..3 {
        stand.ends(Err(FetchFault::status(500))).await;
    }
    assert_eq!(stand.told(), ["keys of https://login.example: answered with status 500"]);
    stand.turn(PAUSE);
    stand.ends(Err(FetchFault::timed_out())).await;
    assert_eq!(stand.told(), ["keys of https://login.example: the answer did not arrive in time"]);
    stand.turn(PAUSE);
    stand.ends(Ok(())).await;
    assert_eq!(stand.told(), ["keys of https://login.example: works again"]);
    let status = stand.fetches.statuses().pop().unwrap();
    assert!(!status.failing);
    assert_eq!(status.last_failure, Some(FetchFaultKind::TimedOut));
    assert_eq!(status.failures, [(FetchFaultKind::TimedOut, 1), (FetchFaultKind::Status, 3)]);
}

#[tokio::test]
async fn what_fails_every_other_time_does_not_fill_the_log() {
    let stand = Stand::new();
    for _ in 0..100 {
        stand.ends(Err(FetchFault::status(500))).await;
        stand.ends(Ok(())).await;
    }
    assert_eq!(stand.told().len(), 1);
    stand.turn(PAUSE);
    stand.ends(Ok(())).await;
    assert_eq!(stand.told(), ["keys of https://login.example: works again"]);
}

#[tokio::test]
async fn a_fetch_that_is_given_up_at_its_end_has_timed_out_and_an_earlier_one_has_not_failed() {
    let stand = Stand::new();
    for (after, failures) in [(TIMEOUT / 2, 0), (TIMEOUT, 1)] {
        let pending = std::future::pending::<Result<(), FetchFault>>();
        let mut fetch = Box::pin(stand.fetches.note(subject(), TIMEOUT, pending));
        let waker = std::task::Waker::noop();
        assert!(fetch.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        stand.turn(after);
        drop(fetch);
        let timed_out: u64 =
            stand.fetches.statuses().iter().flat_map(|one| &one.failures).map(|(_, n)| n).sum();
        assert_eq!(timed_out, failures, "{after:?}");
    }
}

#[tokio::test]
async fn what_is_no_longer_fetched_is_not_failing_and_keeps_its_counts() {
    let stand = Stand::new();
    stand.ends(Err(FetchFault::status(500))).await;
    stand.fetches.forget_all_but(&[subject()]);
    assert!(stand.fetches.statuses()[0].failing);
    stand.fetches.forget_all_but(&[]);
    let status = stand.fetches.statuses().pop().unwrap();
    assert_eq!((status.failing, status.failures), (false, vec![(FetchFaultKind::Status, 1)]));
}
