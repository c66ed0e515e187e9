//! When it may be said that there is no such object: on a beat that runs from the request's arrival, whatever it took to
//! find out. An object of somebody else takes as long as one that does not exist.

use std::time::Duration;

use crate::observe::Flight;

/// Between two beats.
pub(crate) const BEAT: Duration = Duration::from_millis(4);

/// Waits for the next beat of the request.
pub(super) async fn next(flight: &Flight) {
    let now_ns = flight.now_ns();
    let since_ns = now_ns.saturating_sub(flight.run.exchange.received_ns);
    let pause = until_beat(since_ns);
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

/// At least a quarter of a beat is left to the timer, which is no better than a millisecond.
fn until_beat(since_ns: u64) -> Duration {
    let beat_ns = u64::try_from(BEAT.as_nanos()).unwrap_or(u64::MAX);
    let target_ns = since_ns.saturating_add(beat_ns / 4).div_ceil(beat_ns).saturating_mul(beat_ns);
    Duration::from_nanos(target_ns.saturating_sub(since_ns))
}

#[cfg(test)]
mod tests {
    use super::{BEAT, until_beat};

    #[test]
    fn every_pause_ends_on_a_beat_and_is_long_enough_for_a_timer() {
        let beat_ns = u64::try_from(BEAT.as_nanos()).expect("small");
        for since_ns in (0..10 * beat_ns).step_by(9_973) {
            let pause_ns = u64::try_from(until_beat(since_ns).as_nanos()).expect("small");
            assert_eq!((since_ns + pause_ns) % beat_ns, 0);
            assert!(pause_ns >= beat_ns / 4 && pause_ns < beat_ns * 5 / 4 + 1);
        }
    }
}
