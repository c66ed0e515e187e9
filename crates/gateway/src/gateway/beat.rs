//! When it may be said that there is no such object: on a beat that runs from the request's arrival, whatever it took to
//! find out. An object of somebody else takes as long as one that does not exist.

use std::time::Duration;

use crate::observe::Flight;

/// The first beat. Each further one is twice as far away, so that a slow service does not put answers close to one.
pub(crate) const BEAT: Duration = Duration::from_millis(4);

/// Waits for the next beat of the request.
pub(super) async fn next(flight: &Flight) {
    let since_ns = flight.now_ns().saturating_sub(flight.run.exchange.received_ns);
    tokio::time::sleep(until_beat(since_ns)).await;
}

/// A quarter of the first beat is left to the timer, which is no better than a millisecond.
fn until_beat(since_ns: u64) -> Duration {
    let first_ns = u64::try_from(BEAT.as_nanos()).unwrap_or(u64::MAX);
    let mut beat_ns = first_ns;
    while since_ns.saturating_add(first_ns / 4) > beat_ns {
        beat_ns = beat_ns.saturating_mul(2);
        if beat_ns == u64::MAX {
            break;
        }
    }
    Duration::from_nanos(beat_ns.saturating_sub(since_ns))
}

#[cfg(test)]
mod tests {
    use super::{BEAT, until_beat};

    #[test]
    fn every_pause_ends_on_a_beat_and_is_long_enough_for_a_timer() {
        let beat_ns = u64::try_from(BEAT.as_nanos()).expect("small");
        for since_ns in (0..100 * beat_ns).step_by(99_991) {
            let pause_ns = u64::try_from(until_beat(since_ns).as_nanos()).expect("small");
            let beats = (since_ns + pause_ns) / beat_ns;
            assert!((since_ns + pause_ns) % beat_ns == 0 && beats.is_power_of_two(), "{since_ns}");
            assert!(pause_ns >= beat_ns / 4);
        }
    }
}
