//! Bytes that stand in whatever a regular expression matches.
//!
//! The words of which one is required are chosen where they are rarest; what stands before and after them is required
//! too. Of that only bytes are kept, as sets: a value that matches has a byte of each. A bracket after a name, a space
//! between two words: honest values that hold a word lack them mostly.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::rarity::share;
use crate::ByteSet;

/// Sets of one expression, the rarest of them.
const SETS_MAX: usize = 4;
/// A set of more bytes, by their share of honest values, says little.
const SHARE_MAX: f64 = 0.25;

/// Sets of bytes, closed under ASCII case, of each of which every match holds a byte.
pub(super) fn needed(part: &Hir) -> Vec<ByteSet> {
    let sets = match part.kind() {
        HirKind::Empty | HirKind::Look(_) => Vec::new(),
        HirKind::Literal(literal) => literal.0.iter().map(|byte| ByteSet::NONE.with(*byte)).collect(),
        HirKind::Class(class) => of_class(class).into_iter().collect(),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min == 0 => Vec::new(),
        HirKind::Repetition(repetition) => needed(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(needed).collect(),
        HirKind::Alternation(branches) => of_branches(branches),
    };
    rarest(sets)
}

/// A match is one of a branch, and holds a byte of each of that branch's sets.
fn of_branches(branches: &[Hir]) -> Vec<ByteSet> {
    let mut joined: Option<Vec<ByteSet>> = None;
    for sets in branches.iter().map(needed) {
        joined = Some(match joined {
            None => sets,
            Some(joined) => joined.iter().zip(&sets).map(|(a, b)| a.or(*b)).collect(),
        });
    }
    joined.unwrap_or_default()
}

fn of_class(class: &Class) -> Option<ByteSet> {
    let ranges: Vec<(u8, u8)> = match class {
        Class::Bytes(bytes) => bytes.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Unicode(points) => {
            let pair = |range: &regex_syntax::hir::ClassUnicodeRange| {
                let (low, high) = (range.start(), range.end());
                high.is_ascii().then_some((u8::try_from(low).ok()?, u8::try_from(high).ok()?))
            };
            points.iter().map(pair).collect::<Option<_>>()?
        }
    };
    Some(ranges.into_iter().fold(ByteSet::NONE, |set, (low, high)| set.or(ByteSet::range(low, high))))
}

fn rarest(sets: Vec<ByteSet>) -> Vec<ByteSet> {
    let mut rated: Vec<(f64, ByteSet)> =
        sets.into_iter().map(folded).map(|set| (share_of(&set), set)).collect();
    rated.retain(|(share, _)| *share <= SHARE_MAX);
    rated.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut kept: Vec<ByteSet> = Vec::new();
    for (_, set) in rated {
        if kept.len() < SETS_MAX && !kept.contains(&set) {
            kept.push(set);
        }
    }
    kept
}

/// With both cases of each letter.
fn folded(set: ByteSet) -> ByteSet {
    let mut both = set;
    set.each(|byte| both = both.with(byte.to_ascii_lowercase()).with(byte.to_ascii_uppercase()));
    both
}

fn share_of(set: &ByteSet) -> f64 {
    let mut sum = 0.0;
    set.each(|byte| {
        if !byte.is_ascii_uppercase() {
            sum += share(byte);
        }
    });
    sum
}
