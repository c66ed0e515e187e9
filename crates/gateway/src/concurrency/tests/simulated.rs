//! A service with so many workers and a queue before them, in time that is only counted.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::gradient::{Bounds, Gradient, Sample};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

struct Service {
    workers: usize,
    takes_ns: u64,
    /// When each worker is free.
    free_ns: BinaryHeap<Reverse<u64>>,
    /// When each request in flight ends, and when it came.
    in_flight: BinaryHeap<Reverse<(u64, u64)>>,
    random: u64,
}

impl Service {
    fn new(workers: usize, takes_ms: u64) -> Self {
        let free_ns = (0..workers).map(|_| Reverse(0)).collect();
        Self { workers, takes_ns: takes_ms * MS, free_ns, in_flight: BinaryHeap::new(), random: 1 }
    }

    /// Between 75 % and 125 % of what a request takes; the same in every run.
    fn takes(&mut self) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.takes_ns * (75 + (self.random >> 33) % 51) / 100
    }

    fn begin(&mut self, now_ns: u64) {
        let Reverse(free_ns) = self.free_ns.pop().unwrap();
        let ends_ns = free_ns.max(now_ns) + self.takes();
        self.free_ns.push(Reverse(ends_ns));
        self.in_flight.push(Reverse((ends_ns, now_ns)));
    }
}

struct Run {
    gradient: Gradient,
    bounds: Bounds,
    service: Service,
    now_ns: u64,
    refused: bool,
}

/// What a stretch of time came to.
struct Stretch {
    done: u64,
    shed: u64,
    /// The highest that the bound was.
    most: usize,
}

impl Run {
    fn new(workers: usize, takes_ms: u64) -> Self {
        let bounds = Bounds { min: 5, max: 1_000, tolerance: 2.0 };
        let service = Service::new(workers, takes_ms);
        Self { gradient: Gradient::new(&bounds), bounds, service, now_ns: 0, refused: false }
    }

    /// Requests come at an even pace; those beyond the bound are refused.
    fn offer(&mut self, per_second: u64, seconds: u64) -> Stretch {
        let mut stretch = Stretch { done: 0, shed: 0, most: 0 };
        let step_ns = SECOND / per_second;
        let until_ns = self.now_ns + seconds * SECOND;
        while self.now_ns < until_ns {
            while let Some(Reverse((ends_ns, came_ns))) = self.service.in_flight.peek().copied() {
                if ends_ns > self.now_ns {
                    break;
                }
                let in_flight = self.service.in_flight.len();
                self.service.in_flight.pop();
                let refused = std::mem::take(&mut self.refused);
                let sample = Sample { latency_ns: ends_ns - came_ns, in_flight, timed_out: false, refused };
                self.gradient.take_in(sample, ends_ns, &self.bounds);
                stretch.done += 1;
            }
            let bound = self.gradient.bound(&self.bounds);
            stretch.most = stretch.most.max(bound);
            if self.service.in_flight.len() < bound {
                self.service.begin(self.now_ns);
            } else {
                stretch.shed += 1;
                self.refused = true;
            }
            self.now_ns += step_ns;
        }
        stretch
    }

    /// Requests a second that the service can answer.
    fn capacity(&self) -> u64 {
        self.service.workers as u64 * SECOND / self.service.takes_ns
    }
}

#[test]
fn under_twice_the_load_the_bound_settles_near_what_the_service_can_do_and_keeps_it_busy() {
    for (workers, takes_ms) in [(8, 20), (20, 50), (60, 10), (200, 100)] {
        let mut run = Run::new(workers, takes_ms);
        let capacity = run.capacity();
        run.offer(capacity * 2, 60);
        // Minutes, so that a bound that creeps away is seen.
        let stretch = run.offer(capacity * 2, 240);
        let what = format!("{workers} workers: up to {}", stretch.most);
        assert!(stretch.most <= workers * 4, "{what}");
        assert!(stretch.done >= capacity * 240 * 93 / 100, "{what}, {} of {}", stretch.done, capacity * 240);
    }
}

#[test]
fn a_healthy_service_below_its_capacity_sheds_nothing() {
    for (workers, takes_ms) in [(8, 20), (60, 10), (20, 400)] {
        let mut run = Run::new(workers, takes_ms);
        let stretch = run.offer(run.capacity() * 7 / 10, 300);
        assert_eq!(stretch.shed, 0, "{workers} workers");
    }
}

#[test]
fn a_service_that_becomes_slower_is_given_less_at_once_until_its_latency_is_known_anew() {
    let mut run = Run::new(20, 20);
    let offered = run.capacity() * 2;
    run.offer(offered, 60);
    run.service.takes_ns *= 4;
    run.offer(offered, 180);
    let settled = run.offer(offered, 60);
    assert!((20..=80).contains(&settled.most), "{}", settled.most);
    assert!(settled.done >= run.capacity() * 60 * 90 / 100, "{} of {}", settled.done, run.capacity() * 60);
}

#[test]
fn after_a_stall_it_serves_at_full_pace_again() {
    let mut run = Run::new(20, 20);
    let capacity = run.capacity();
    run.offer(capacity * 2, 30);
    // For two seconds every answer takes a hundred times as long.
    run.service.takes_ns *= 100;
    run.offer(capacity * 2, 2);
    run.service.takes_ns /= 100;
    run.offer(capacity * 2, 90);
    let after = run.offer(capacity * 2, 60);
    assert!(after.done >= capacity * 60 * 93 / 100, "{} of {}", after.done, capacity * 60);
    run.offer(capacity / 2, 10);
    assert_eq!(run.offer(capacity / 2, 60).shed, 0, "nothing is shed when the load has gone");
}

#[test]
fn answers_that_do_not_come_halve_the_bound_at_most() {
    let bounds = Bounds { min: 4, max: 500, tolerance: 2.0 };
    let mut gradient = Gradient::new(&bounds);
    let mut now_ns = 0;
    let mut before = gradient.bound(&bounds);
    for _ in 0..400 {
        now_ns += 20 * MS;
        let sample = Sample { latency_ns: 30 * SECOND, in_flight: before, timed_out: true, refused: true };
        let bound = gradient.take_in(sample, now_ns, &bounds);
        assert!(bound >= before / 2 && bound >= 2, "{before} to {bound}");
        before = bound;
    }
}
