//! What can be asked of a quota, whatever it counts: is there enough, take it, or owe it.

/// What is kept of one key under one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Monotonic nanoseconds. Nothing of it counts any more from then on.
    pub(super) until_ns: u64,
    /// What a [`super::Window`] has counted; a [`super::Rate`] needs the time alone.
    pub(super) used: u64,
}

impl Held {
    /// A key that was never seen.
    pub(super) fn fresh(now_ns: u64) -> Self {
        Self { until_ns: now_ns, used: 0 }
    }
}

/// What a place must know of its quota to judge, among other keys, which gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    Rate { interval_ns: u64, tolerance_ns: u64 },
    Window { quota: u64 },
}

/// A limiter's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub allowed: bool,
    /// How many more would pass right now.
    pub remaining: u64,
    /// Seconds until the whole quota is there again, rounded up.
    pub reset_s: u64,
    /// Seconds until the same cost would pass, rounded up; at least 1 when not allowed, else 0.
    pub retry_after_s: u64,
}

/// A kind of quota; [`super::Rate`] and [`super::Window`] are all there are.
pub trait Quota {
    /// The answer, and what to keep when `cost` passes.
    fn decide(&self, held: Held, cost: u64, now_ns: u64) -> (Taken, Option<Held>);
    /// The answer as it would be, with nothing taken.
    fn state(&self, held: Held, cost: u64, now_ns: u64) -> Taken;
    /// What to keep when `cost` is taken whether or not it is there.
    fn owe(&self, held: Held, cost: u64, now_ns: u64) -> Held;
    fn marks(&self) -> Marks;
}

pub(super) fn seconds_up(ns: u64) -> u64 {
    ns.div_ceil(1_000_000_000)
}
