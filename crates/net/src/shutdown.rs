//! The word to stop, and until when what is in flight may go on.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Held by whoever may stop the process.
#[derive(Debug)]
pub struct Stop {
    deadline: watch::Sender<Option<Instant>>,
}

/// Held by everything that must stop. Clones hear the same word. When the [`Stop`] is dropped without a word,
/// nothing stops.
#[derive(Debug, Clone)]
pub struct Shutdown {
    deadline: watch::Receiver<Option<Instant>>,
}

impl Shutdown {
    /// A pair: one end says stop, the other hears it.
    pub fn channel() -> (Stop, Shutdown) {
        let (sender, receiver) = watch::channel(None);
        (Stop { deadline: sender }, Shutdown { deadline: receiver })
    }

    /// Whether the word has been said.
    pub fn is_begun(&self) -> bool {
        self.deadline.borrow().is_some()
    }

    /// Resolves when the word is said; at once when it was.
    pub async fn begun(&self) {
        let mut deadline = self.deadline.clone();
        if deadline.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Resolves when the time for draining is over.
    pub async fn drained(&self) {
        self.begun().await;
        let deadline = *self.deadline.borrow();
        if let Some(deadline) = deadline {
            tokio::time::sleep_until(deadline).await;
        }
    }
}

impl Stop {
    /// Stop accepting now; what is in flight has until `drain` is over. A second call may only shorten.
    pub fn begin(&self, drain: Duration) {
        let wanted = Instant::now() + drain;
        self.deadline
            .send_modify(|deadline| *deadline = Some(deadline.map_or(wanted, |old| old.min(wanted))));
    }
}
