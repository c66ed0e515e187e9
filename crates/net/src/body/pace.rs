//! How slow a client may be: it may pause for so long, and on the whole it must keep up a least rate. Only the time
//! spent waiting for the client counts, not what the other side takes.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::Patience;

pub(crate) struct Pace {
    pause_max: Duration,
    /// Bytes a second, over all the time waited beyond one allowed pause. A slow link has more; an attacker who sends or
    /// takes a byte now and then, to hold a connection, has less.
    rate_min: u64,
    patience: Patience,
    waits_since: Option<Instant>,
    waited: Duration,
    bytes: u64,
}

impl Pace {
    pub(crate) fn new(pause_max: Duration, rate_min: u64) -> Self {
        let patience = Patience::new(pause_max);
        Self { pause_max, rate_min, patience, waits_since: None, waited: Duration::ZERO, bytes: 0 }
    }

    /// Something moved. `false`: on the whole it was too slow.
    #[must_use]
    pub(crate) fn moved(&mut self, bytes: usize) -> bool {
        self.patience.rest();
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if let Some(since) = self.waits_since.take() {
            self.waited += since.elapsed();
        }
        is_enough(self.bytes, self.waited, self.pause_max, self.rate_min)
    }

    /// Like [`Self::moved`], of bytes that are there and will be told of together with those to come.
    #[must_use]
    pub(crate) fn gathers(&mut self, bytes: usize) -> bool {
        let is_enough = self.moved(bytes);
        self.bytes = self.bytes.saturating_sub(bytes as u64);
        is_enough
    }

    /// Nothing moves for now; `Ready` when that has lasted too long.
    pub(crate) fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.waits_since.get_or_insert_with(Instant::now);
        self.patience.poll(context)
    }
}

/// Whether so many bytes are enough for so much waiting.
fn is_enough(bytes: u64, waited: Duration, pause_max: Duration, rate_min: u64) -> bool {
    let Some(covered_ms) = bytes.saturating_mul(1000).checked_div(rate_min) else { return true };
    waited <= pause_max.saturating_add(Duration::from_millis(covered_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_now_and_then_is_not_enough_and_a_slow_link_is() {
        let pause_max = Duration::from_secs(10);
        for (bytes, waited_s, enough) in [
            (0, 10, true),
            (1, 11, false),
            (2 << 10, 12, true),
            (2 << 10, 13, false),
            (1 << 20, 1034, true),
            (1 << 20, 1035, false),
            (u64::MAX, 1 << 30, true),
        ] {
            assert_eq!(
                is_enough(bytes, Duration::from_secs(waited_s), pause_max, 1 << 10),
                enough,
                "{bytes} in {waited_s} s"
            );
        }
        // Without a least rate only a pause is too long.
        assert!(is_enough(1, Duration::from_secs(1 << 30), pause_max, 0));
        assert!(!is_enough(2 << 10, Duration::from_secs(12), pause_max, 4 << 10));
    }
}
