//! When it may be said that there is no such object: on a beat that runs from the request's arrival, whatever it took to
//! find out. An object of somebody else takes as long as one that does not exist.

use std::time::Duration;

use model::Code;

use crate::observe::Flight;

/// Whether an answer is given on the beat: that there is no such object, and that it cannot be found out, which some
/// sources say of what is there and others of what is not.
pub(super) fn keeps(code: Code) -> bool {
    matches!(code, Code::ObjectNotFound | Code::EvidenceUnavailable)
}

/// Waits for the next beat of the request. Each further one is twice as far away as the one before, so that a slow
/// service does not put answers close to one.
pub(super) async fn next(flight: &Flight) {
    let exchange = &flight.run.exchange;
    let since_ns = flight.now_ns().saturating_sub(exchange.received_ns);
    let api = flight.snapshot.settings.apis.iter().find(|api| api.name == exchange.route.api);
    let limits = api.map(|api| api.authorization_limits).unwrap_or_default();
    tokio::time::sleep(until_beat(since_ns, limits.answer_grid)).await;
}

/// A quarter of the first beat is left to the timer, which is no better than a millisecond.
fn until_beat(since_ns: u64, first: Duration) -> Duration {
    let first_ns = u64::try_from(first.as_nanos()).unwrap_or(u64::MAX).max(1);
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
    use std::time::Duration;

    use super::until_beat;

    const BEAT: Duration = Duration::from_millis(4);

    #[test]
    fn every_pause_ends_on_a_beat_and_is_long_enough_for_a_timer() {
        let beat_ns = u64::try_from(BEAT.as_nanos()).expect("small");
        for since_ns in (0..100 * beat_ns).step_by(99_991) {
            let pause_ns = u64::try_from(until_beat(since_ns, BEAT).as_nanos()).expect("small");
            let beats = (since_ns + pause_ns) / beat_ns;
            assert!((since_ns + pause_ns) % beat_ns == 0 && beats.is_power_of_two(), "{since_ns}");
            assert!(pause_ns >= beat_ns / 4);
        }
    }
}
