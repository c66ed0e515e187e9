//! Which endpoint gets a request: the one with the fewest, of those that are in order; a returning one little by
//! little.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Eject;
use super::cluster::Gate;
use super::endpoint::{Endpoint, Lease, Room, now_ms};

/// Up to here all endpoints are looked at; of more, the better of two drawn ones is taken (power of two choices).
const SCANNED_MAX: usize = 32;
/// The least part of its share that a returning endpoint gets, of 1,000.
const RAMP_MIN_PER_MILLE: u64 = 50;

#[derive(Debug)]
pub(super) enum Choice {
    Taken(Lease),
    /// Those that are in order have as many requests as they may have.
    Full,
    /// There is none but those that are avoided.
    Nothing,
    /// All are ejected, or on trial with as many requests as that allows; the first returns in this many milliseconds.
    Ejected(u64),
}

/// What is the same for every choice of a cluster.
#[derive(Debug)]
pub(super) struct Chooser {
    room: Room,
    /// Ejections may leave nothing to choose from.
    may_lose_all: bool,
    slow_start: Option<Duration>,
    draws: AtomicU64,
}

impl Chooser {
    pub fn new(in_flight_max: u32, slow_start: Option<Duration>, eject: &Eject) -> Self {
        // An endpoint that somebody else ejects comes back through a trial here too.
        let room = Room { in_flight_max, trials_max: eject.failures.max(1) };
        Self { room, may_lose_all: eject.room(1) == 1, slow_start, draws: AtomicU64::new(0) }
    }

    pub fn choose(
        &self,
        endpoints: &[Arc<Endpoint>],
        avoid: impl Fn(&Endpoint) -> bool,
        gate: &Arc<Gate>,
    ) -> Choice {
        match endpoints {
            [] => Choice::Nothing,
            [only] if avoid(only) => Choice::Nothing,
            [only] if !self.is_out(only) => match Lease::take(only, self.room, gate) {
                Some(lease) => Choice::Taken(lease),
                None if self.is_out(only) => Choice::Ejected(until_return(endpoints)),
                None => Choice::Full,
            },
            [_] => Choice::Ejected(until_return(endpoints)),
            many => self.among(many, avoid, gate),
        }
    }

    fn among(&self, many: &[Arc<Endpoint>], avoid: impl Fn(&Endpoint) -> bool, gate: &Arc<Gate>) -> Choice {
        let draw = self.draw();
        let in_order = |endpoint: &&Arc<Endpoint>| {
            !avoid(endpoint)
                && !self.is_out(endpoint)
                && !endpoint.standing.is_unhealthy.load(Ordering::Relaxed)
        };
        // Last the ones that probes speak against: a broken probe must not take the service away, and a request is the
        // better witness.
        let not_out = |endpoint: &&Arc<Endpoint>| !avoid(endpoint) && !self.is_out(endpoint);
        for is_eligible in [&in_order as &dyn Fn(&&Arc<Endpoint>) -> bool, &not_out] {
            let ramps = |endpoint: &&Arc<Endpoint>| self.takes_part(endpoint, draw, now_ms);
            // Those that ramp up and are not drawn this time are better than none.
            let found = self
                .least(many, draw, |endpoint| is_eligible(endpoint) && ramps(endpoint), self.room, gate)
                .or_else(|| self.least(many, draw, is_eligible, self.room, gate));
            if let Some(lease) = found {
                return Choice::Taken(lease);
            }
            if many.iter().any(|endpoint| is_eligible(&endpoint)) {
                return Choice::Full;
            }
        }
        if !many.iter().all(|endpoint| self.is_out(endpoint)) {
            return Choice::Nothing;
        }
        // Where some have to stay in, those on trial are given more than a trial's requests rather than nobody.
        let unbounded = Room { trials_max: u32::MAX, ..self.room };
        let stays = |endpoint: &&Arc<Endpoint>| !avoid(endpoint) && !endpoint.standing.is_ejected(now_ms);
        match self.may_lose_all {
            true => Choice::Ejected(until_return(many)),
            false => match self.least(many, draw, stays, unbounded, gate) {
                Some(lease) => Choice::Taken(lease),
                None if many.iter().any(|endpoint| stays(&endpoint)) => Choice::Full,
                None => Choice::Ejected(until_return(many)),
            },
        }
    }

    /// The eligible endpoint with the fewest requests that has room; among equals the turn goes round.
    fn least(
        &self,
        many: &[Arc<Endpoint>],
        draw: u64,
        is_eligible: impl Fn(&&Arc<Endpoint>) -> bool,
        room: Room,
        gate: &Arc<Gate>,
    ) -> Option<Lease> {
        let count = u64::try_from(many.len()).unwrap_or(u64::MAX);
        let nth = |number: u64| usize::try_from(number % count).ok().and_then(|index| many.get(index));
        let load = |endpoint: &&Arc<Endpoint>| endpoint.in_flight.load(Ordering::Relaxed);
        if many.len() > SCANNED_MAX {
            let two =
                [nth(draw), nth(draw >> 32)].into_iter().flatten().filter(&is_eligible).min_by_key(load);
            if let Some(lease) = two.and_then(|one| Lease::take(one, room, gate)) {
                return Some(lease);
            }
        }
        let turn = draw % count;
        let round = || (turn..turn + count).filter_map(nth).filter(&is_eligible);
        let best = round().min_by_key(load)?;
        // Between the look and the choice the last place may have gone: then any with room.
        Lease::take(best, room, gate)
            .or_else(|| round().find_map(|endpoint| Lease::take(endpoint, room, gate)))
    }

    /// Whether it is ejected, or on trial with as many requests as that allows. An ejection that is over ends here.
    fn is_out(&self, endpoint: &Endpoint) -> bool {
        let standing = &endpoint.standing;
        if standing.ejected_until_ms.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let now_ms = now_ms();
        standing.settle(now_ms);
        standing.is_ejected(|| now_ms)
            || (standing.is_on_trial() && standing.is_trial_full(self.room.trials_max))
    }

    /// A ramping endpoint takes part in a growing share of the choices.
    fn takes_part(&self, endpoint: &Endpoint, draw: u64, now_ms: impl FnOnce() -> u64) -> bool {
        let from = endpoint.standing.ramp_from_ms.load(Ordering::Relaxed);
        if from == 0 {
            return true;
        }
        let span_ms = self.slow_start.map_or(0, |span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        let passed_ms = now_ms().saturating_sub(from);
        if passed_ms >= span_ms {
            let _ = endpoint.standing.ramp_from_ms.compare_exchange(
                from,
                0,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            return true;
        }
        let share = (passed_ms.saturating_mul(1_000) / span_ms.max(1)).max(RAMP_MIN_PER_MILLE);
        (draw >> 17) % 1_000 < share
    }

    /// Spread evenly over 64 bits; not for secrets. The turn of equals comes from here too, which spreads as well as
    /// going round in order, and needs no second counter.
    fn draw(&self) -> u64 {
        mix(self.draws.fetch_add(1, Ordering::Relaxed))
    }
}

fn until_return(endpoints: &[Arc<Endpoint>]) -> u64 {
    let until = endpoints.iter().map(|one| one.standing.ejected_until_ms.load(Ordering::Relaxed)).min();
    until.unwrap_or(0).saturating_sub(now_ms())
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
