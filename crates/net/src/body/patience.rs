//! A timer that costs nothing until something has to wait, and little when it is used again and again.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::coop::has_budget_remaining;
use tokio::time::{Instant, Sleep, sleep_until};

pub(crate) struct Patience {
    span: Duration,
    /// Until when the current wait may last; `None`: nothing waits.
    deadline: Option<Instant>,
    /// Rings at the deadline or earlier: moving it for every wait would cost more than to look again when it rings.
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whom it will wake when it rings.
    woken: Option<Waker>,
}

impl Patience {
    pub(crate) fn new(span: Duration) -> Self {
        Self { span, deadline: None, sleep: None, woken: None }
    }

    /// From now on a wait may last this long; the next one starts anew.
    pub(crate) fn within(&mut self, span: Duration) {
        self.span = span;
        self.deadline = None;
    }

    /// Like [`Self::within`], of a wait that began at this time: spares the first poll the look at the clock.
    pub(crate) fn within_from(&mut self, span: Duration, begun: std::time::Instant) {
        self.span = span;
        self.deadline = Some(Instant::from_std(begun) + span);
    }

    /// Something happened: the next wait starts anew.
    pub(crate) fn rest(&mut self) {
        self.deadline = None;
    }

    /// `Ready` when the wait that began with the first poll since the last [`Self::rest`] has lasted too long.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + self.span);
        if let (Some(sleep), Some(woken)) = (&self.sleep, &self.woken)
            && !sleep.is_elapsed()
            && sleep.deadline() <= deadline
            && woken.will_wake(context.waker())
        {
            // It will ring for the one who asks, and has not yet.
            return Poll::Pending;
        }
        self.poll_sleep(context, deadline)
    }

    fn poll_sleep(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        self.woken = None;
        loop {
            if sleep.as_mut().poll(context).is_pending() {
                // A task that has used up its turn is asked again at once, and nothing is set for it until then.
                self.woken = has_budget_remaining().then(|| context.waker().clone());
                return Poll::Pending;
            }
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::task::coop::poll_proceed;

    use super::*;

    #[tokio::test]
    async fn a_wait_that_begins_in_a_task_whose_turn_is_used_up_ends_all_the_same() {
        let mut patience = Patience::new(Duration::from_millis(20));
        let mut used_up = false;
        let wait = poll_fn(|context| {
            while !used_up && has_budget_remaining() {
                let _ = poll_proceed(context).map(|spent| spent.made_progress());
            }
            used_up = true;
            patience.poll(context)
        });
        assert!(tokio::time::timeout(Duration::from_secs(120), wait).await.is_ok());
    }

    #[tokio::test]
    async fn a_short_wait_behind_a_long_one_ends_in_its_own_time() {
        const HOUR: Duration = Duration::from_secs(3_600);
        let mut patience = Patience::new(HOUR);
        assert!(poll_fn(|context| Poll::Ready(patience.poll(context))).await.is_pending());
        patience.within(Duration::from_millis(10));
        let wait = poll_fn(|context| patience.poll(context));
        assert!(tokio::time::timeout(HOUR / 30, wait).await.is_ok());
    }

    #[tokio::test]
    async fn whoever_asks_last_is_woken() {
        let mut patience = Patience::new(Duration::from_millis(10));
        assert!(patience.poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let wait = poll_fn(|context| patience.poll(context));
        assert!(tokio::time::timeout(Duration::from_secs(120), wait).await.is_ok());
    }

    #[tokio::test]
    async fn every_wait_has_its_own_span() {
        let mut patience = Patience::new(Duration::from_millis(30));
        let waits =
            async |patience: &mut Patience| poll_fn(|context| Poll::Ready(patience.poll(context))).await;
        // A wait begins, and ends before its time; the next is a longer one, the last a shorter one.
        assert!(waits(&mut patience).await.is_pending());
        for span_ms in [60, 10] {
            patience.within(Duration::from_millis(span_ms));
            let began = std::time::Instant::now();
            poll_fn(|context| patience.poll(context)).await;
            assert!(began.elapsed() >= Duration::from_millis(span_ms));
        }
        // The deadline is past: without a rest there is no new wait.
        assert!(waits(&mut patience).await.is_ready());
    }
}
