//! Counts that threads add to without disturbing each other: each has a lane of its own, and whoever reads adds them up.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Threads that can have a lane of their own, at most; the others share one.
const THREADS_MAX: usize = 64;
/// A thread that has none.
const NONE: usize = usize::MAX;

/// The numbers that threads have, in the order in which they count for the first time.
static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

/// `N` counts, once for each lane.
#[derive(Debug)]
pub(super) struct Lanes<const N: usize>(Box<[Lane<N>]>);

/// The last lane is everybody's.
#[derive(Debug)]
#[repr(align(64))]
struct Lane<const N: usize>([AtomicU64; N]);

impl<const N: usize> Lanes<N> {
    /// One lane for all: for counts of which there are many.
    pub(super) fn together() -> Self {
        Self::new(0)
    }

    /// A lane for each worker, and for a few threads that may have counted before them: for counts that every request
    /// adds to.
    pub(super) fn apart() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new((2 * cores).min(THREADS_MAX))
    }

    fn new(own: usize) -> Self {
        Self((0..=own).map(|_| Lane(std::array::from_fn(|_| AtomicU64::new(0)))).collect())
    }

    /// Adds to some of the counts.
    pub(super) fn add<const M: usize>(&self, what: [(usize, u64); M]) {
        let Some((everybody, own)) = self.0.split_last() else { return };
        // Who finds all lanes shared does not take a number from one who could use it.
        let lane = if own.is_empty() { None } else { own.get(number()) };
        match lane {
            // Nobody else writes here: no other core has to be kept away meanwhile.
            Some(Lane(counts)) => what.iter().for_each(|(at, more)| {
                if let Some(count) = counts.get(*at) {
                    count.store(count.load(Ordering::Relaxed).wrapping_add(*more), Ordering::Relaxed);
                }
            }),
            None => what.iter().for_each(|(at, more)| {
                if let Some(count) = everybody.0.get(*at) {
                    count.fetch_add(*more, Ordering::Relaxed);
                }
            }),
        }
    }

    pub(super) fn sums(&self) -> [u64; N] {
        let mut sums = [0_u64; N];
        for Lane(counts) in &*self.0 {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum = sum.wrapping_add(count.load(Ordering::Relaxed));
            }
        }
        sums
    }
}

/// A number of this thread's alone. It is not given to another one when the thread ends: workers stay.
fn number() -> usize {
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let number = if number < THREADS_MAX { number } else { NONE };
        NUMBER.set(Some(number));
        number
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_many_threads_add_is_all_there() {
        for lanes in [Lanes::<2>::together(), Lanes::apart(), Lanes::new(1)] {
            let lanes = Arc::new(lanes);
            let threads: Vec<_> = (0..THREADS_MAX + 4)
                .map(|_| {
                    let lanes = Arc::clone(&lanes);
                    std::thread::spawn(move || (0..1_000).for_each(|_| lanes.add([(0, 1), (1, 3), (2, 1)])))
                })
                .collect();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            let expected = (THREADS_MAX as u64 + 4) * 1_000;
            assert_eq!(lanes.sums(), [expected, 3 * expected]);
        }
    }
}
