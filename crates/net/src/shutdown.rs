//! The word to stop, and until when what is in flight may go on.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Held by whoever may stop the process.
#[derive(Debug)]
pub struct Stop {
    end: watch::Sender<Option<End>>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    deadline: Instant,
    /// Connections without a request under way stay until the deadline, or their next answer.
    spares_idle: bool,
}

/// Held by everything that must stop. Clones hear the same word. When the [`Stop`] is dropped without a word,
/// nothing stops.
#[derive(Debug, Clone)]
pub struct Shutdown {
    end: watch::Receiver<Option<End>>,
}

impl Shutdown {
    /// A pair: one end says stop, the other hears it.
    pub fn channel() -> (Stop, Shutdown) {
        let (sender, receiver) = watch::channel(None);
        (Stop { end: sender }, Shutdown { end: receiver })
    }

    /// Whether the word has been said.
    pub fn is_begun(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Resolves when the word is said; at once when it was.
    pub async fn begun(&self) {
        self.end_that(|_| true).await;
    }

    /// Resolves when connections without a request under way are to be closed: when the word is said, or when the
    /// time for draining is over if they are spared until then.
    pub async fn idle_over(&self) {
        let end = self.end_that(|_| true).await;
        if end.spares_idle {
            tokio::select! {
                () = self.drained() => {}
                _ = self.end_that(|end| !end.spares_idle) => {}
            }
        }
    }

    /// Resolves when the time for draining is over.
    pub async fn drained(&self) {
        let mut end = self.end_that(|_| true).await;
        loop {
            // A second word may bring the end forward.
            tokio::select! {
                () = tokio::time::sleep_until(end.deadline) => return,
                sooner = self.end_that(|other| other.deadline < end.deadline) => end = sooner,
            }
        }
    }

    async fn end_that(&self, fits: impl Fn(&End) -> bool) -> End {
        let mut heard = self.end.clone();
        let found = heard.wait_for(|end| end.as_ref().is_some_and(&fits)).await.map(|end| *end);
        match found {
            Ok(Some(end)) => end,
            _ => std::future::pending().await,
        }
    }
}

impl Stop {
    /// Stop accepting now; what is in flight has until `drain` is over. A second call may only shorten.
    pub fn begin(&self, drain: Duration) {
        self.say(drain, false);
    }

    /// Like [`Stop::begin`], for a process with a successor: a client that is about to send on a connection kept alive
    /// must not find it closed, so such a connection ends with its next answer or with the drain.
    pub fn leave(&self, drain: Duration) {
        self.say(drain, true);
    }

    fn say(&self, drain: Duration, spares_idle: bool) {
        let wanted = Instant::now() + drain;
        self.end.send_modify(|end| {
            *end = Some(match *end {
                None => End { deadline: wanted, spares_idle },
                Some(old) => {
                    End { deadline: old.deadline.min(wanted), spares_idle: old.spares_idle && spares_idle }
                }
            });
        });
    }
}

#[cfg(test)]
mod tests;
