//! What ids that pass tell of all others, in a few counters: none of them is kept.

use std::collections::BTreeSet;

use super::{Grade, bits, of_numbers, one, shared_prefix};

/// A sample below this says nothing.
const SAMPLE_MIN: u64 = 4;
/// Ids after which older ones begin to count less, so that another way of making ids shows in time.
const SEEN_MAX: u64 = 100_000;

/// Counters over ids of one type. Its size does not depend on what was seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sketch {
    seen: u64,
    /// Ids by what one of them shows by itself, from worst to best.
    by_shape: [u64; Grade::ALL.len()],
    numbers: u64,
    /// Ids that came together, by what their gaps show.
    by_gaps: [u64; Grade::ALL.len()],
    /// Gaps of numbers that came together, and those of exactly one.
    gaps: u64,
    gaps_of_one: u64,
    /// Sum of the widths of gaps in bits: what a guess costs who knows a neighbour.
    gap_bits: u64,
    /// Groups of texts that came together, and those of which more than half is the same.
    groups: u64,
    groups_alike: u64,
    /// Of the least, in bits that length and alphabet could hold.
    capacity_bits_min: Option<u32>,
    bytes_min: Option<usize>,
    bytes_max: usize,
}

impl Sketch {
    /// Takes in ids that came together, as of one list; nothing of them stays.
    pub fn observe(&mut self, ids: &[&str]) {
        let distinct: BTreeSet<&str> = ids.iter().copied().filter(|id| !id.is_empty()).collect();
        if self.seen >= SEEN_MAX {
            self.halve();
        }
        for id in &distinct {
            self.seen += 1;
            count(&mut self.by_shape, one(id), 1);
            let capacity = bits(id) as u32;
            self.capacity_bits_min =
                Some(self.capacity_bits_min.map_or(capacity, |least| least.min(capacity)));
            self.bytes_min = Some(self.bytes_min.map_or(id.len(), |least| least.min(id.len())));
            self.bytes_max = self.bytes_max.max(id.len());
        }
        let numbers: BTreeSet<u128> = distinct.iter().filter_map(|id| id.parse().ok()).collect();
        self.numbers += numbers.len() as u64;
        if numbers.len() == distinct.len() {
            self.gaps_of(&numbers);
        } else if distinct.len() > 1 {
            self.groups += 1;
            let least = distinct.iter().map(|id| id.len()).min().unwrap_or_default();
            self.groups_alike += u64::from(shared_prefix(&distinct) * 2 > least);
        }
    }

    fn gaps_of(&mut self, numbers: &BTreeSet<u128>) {
        if numbers.len() < 2 {
            return;
        }
        count(&mut self.by_gaps, of_numbers(numbers), numbers.len() as u64);
        for (before, after) in numbers.iter().zip(numbers.iter().skip(1)) {
            let gap = after - before;
            self.gaps += 1;
            self.gaps_of_one += u64::from(gap == 1);
            self.gap_bits += u64::from(127 - gap.leading_zeros().min(127));
        }
    }

    fn halve(&mut self) {
        let counters = [
            &mut self.seen,
            &mut self.numbers,
            &mut self.gaps,
            &mut self.gaps_of_one,
            &mut self.gap_bits,
            &mut self.groups,
            &mut self.groups_alike,
        ];
        for counter in counters.into_iter().chain(&mut self.by_shape).chain(&mut self.by_gaps) {
            *counter /= 2;
        }
        (self.capacity_bits_min, self.bytes_min, self.bytes_max) = (None, None, 0);
    }

    /// How many ids it is made from, of late.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Lengths in bytes, least and most.
    pub fn bytes(&self) -> (usize, usize) {
        (self.bytes_min.unwrap_or_default(), self.bytes_max)
    }

    /// Of gaps between numbers that came together, how many per cent are exactly one.
    pub fn neighbours_percent(&self) -> Option<u64> {
        (self.gaps > 0).then(|| self.gaps_of_one * 100 / self.gaps)
    }

    /// What a guess costs whoever knows one id, in bits: the width of a gap, or what length and alphabet hold at most.
    pub fn guess_bits(&self) -> Option<u64> {
        if self.numbers == self.seen && self.gaps > 0 {
            return Some(self.gap_bits / self.gaps);
        }
        self.capacity_bits_min.map(u64::from)
    }

    pub fn grade(&self) -> Grade {
        if self.seen < SAMPLE_MIN {
            return Grade::Unknown;
        }
        if self.numbers == self.seen {
            // Numbers that came alone say how wide they are, and nothing of their gaps.
            let by_gaps = most(&self.by_gaps);
            return by_gaps.unwrap_or_else(|| worst(&self.by_shape).unwrap_or(Grade::Unknown));
        }
        match worst(&self.by_shape) {
            Some(Grade::Unknown | Grade::Random) | None => {}
            Some(worst) => return worst,
        }
        if self.groups_alike * 2 > self.groups {
            return Grade::Ordered;
        }
        if f64::from(self.capacity_bits_min.unwrap_or_default()) < super::BITS_MIN {
            Grade::Short
        } else {
            Grade::Random
        }
    }
}

fn count(counters: &mut [u64; Grade::ALL.len()], grade: Grade, by: u64) {
    let place = Grade::ALL.iter().position(|known| *known == grade);
    if let Some(counter) = place.and_then(|place| counters.get_mut(place)) {
        *counter += by;
    }
}

/// One in twenty may be an exception.
fn worst(counters: &[u64; Grade::ALL.len()]) -> Option<Grade> {
    let all: u64 = counters.iter().sum();
    let mut known = Grade::ALL.iter().zip(counters);
    known.find(|(_, count)| **count * 20 > all).map(|(grade, _)| *grade)
}

fn most(counters: &[u64; Grade::ALL.len()]) -> Option<Grade> {
    let counted = Grade::ALL.iter().zip(counters).filter(|(_, count)| **count > 0);
    counted.max_by_key(|(_, count)| **count).map(|(grade, _)| *grade)
}
