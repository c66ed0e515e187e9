//! The words of which one must occur in whatever a regular expression matches.
//!
//! For each part of an expression two sets are worked out: all texts that it matches, when they are few (`exact`), and
//! words of which one occurs in every text that it matches (`required`). A sequence joins exact sets as long as they
//! stay small and then chooses the rarest of what it found (AND); an alternation adds up the sets of its branches (OR).
//! ASCII letters are lower case throughout.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::Literals;
use super::needed::needed;
use super::rarity::{chance, rarest_of_each};
use crate::ByteSet;

/// Words made by joining two sets.
const JOINED_MAX: usize = 256;
/// Words of one set.
const WORDS_MAX: usize = 4_000;
/// Bytes of a word that was joined.
const WORD_BYTES_MAX: usize = 24;
/// Bytes (without case) of a set in brackets that is spelt out.
const SPELT_MAX: usize = 12;
/// Words that are found at more places than this share are worth no search; `needs` still tells.
const CHANCE_MAX: f64 = 0.06;

/// What is required of a value.
#[derive(Debug, Default)]
pub(super) struct Required {
    words: Option<Vec<Vec<u8>>>,
    needs: Vec<ByteSet>,
}

impl Required {
    /// `pattern` in the notation of the crate `regex`; one that cannot be read requires nothing.
    pub(super) fn of(pattern: &str) -> Self {
        let parsed = ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .dot_matches_new_line(true)
            .multi_line(true)
            .build()
            .parse(pattern);
        let Ok(parsed) = parsed else { return Self::default() };
        Self { words: Known::of(&parsed).best(), needs: needed(&parsed) }
    }

    pub(super) fn literals(&self) -> Option<Literals> {
        let words = self.words.as_ref()?;
        (chances(words) <= CHANCE_MAX).then(|| Literals { words: words.clone(), folded: true })
    }

    pub(super) fn needs(&self) -> ByteSet {
        self.words.as_ref().map_or(ByteSet::ALL, |words| rarest_of_each(words))
    }

    pub(super) fn needs_each(&self) -> &[ByteSet] {
        &self.needs
    }
}

fn chances(words: &[Vec<u8>]) -> f64 {
    words.iter().map(|word| chance(word)).sum()
}

/// What is known of one part of an expression.
struct Known {
    exact: Option<Vec<Vec<u8>>>,
    required: Option<Vec<Vec<u8>>>,
}

impl Known {
    const NOTHING: Self = Self { exact: None, required: None };

    fn exactly(words: Vec<Vec<u8>>) -> Self {
        Self { exact: Some(words), required: None }
    }

    fn of(part: &Hir) -> Self {
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(vec![Vec::new()]),
            HirKind::Literal(literal) => Self::exactly(vec![literal.0.to_ascii_lowercase()]),
            HirKind::Class(class) => spelt(class).map_or(Self::NOTHING, Self::exactly),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => Self::of_repetition(repetition),
            HirKind::Concat(parts) => Self::of_sequence(parts.iter().map(Self::of)),
            HirKind::Alternation(branches) => Self::of_branches(branches.iter().map(Self::of)),
        }
    }

    /// What is found at least `min` times; exactly known when the count is fixed and small.
    fn of_repetition(repetition: &Repetition) -> Self {
        let Repetition { min, max, sub, .. } = repetition;
        let once = || Self::of(sub);
        match (min, max) {
            (0, Some(1)) => match once().exact {
                Some(mut words) if words.len() < WORDS_MAX => {
                    words.push(Vec::new());
                    Self::exactly(words)
                }
                _ => Self::NOTHING,
            },
            (0, _) => Self::NOTHING,
            (min, max) => {
                let copies = (*min).min(u32::try_from(WORD_BYTES_MAX).unwrap_or(u32::MAX));
                let copies = (0..copies).map(|_| once());
                let whole = Self::of_sequence(copies);
                if *max == Some(*min) && usize::try_from(*min).is_ok_and(|min| min <= WORD_BYTES_MAX) {
                    whole
                } else {
                    Self { exact: None, required: whole.best() }
                }
            }
        }
    }

    fn of_branches(branches: impl Iterator<Item = Self>) -> Self {
        let (mut exact, mut required) = (Some(Vec::new()), Some(Vec::new()));
        for branch in branches {
            exact = match (exact, &branch.exact) {
                (Some(mut all), Some(words)) if all.len() + words.len() <= WORDS_MAX => {
                    all.extend(words.iter().cloned());
                    Some(all)
                }
                _ => None,
            };
            required = match (required, branch.best()) {
                (Some(mut all), Some(words)) if all.len() + words.len() <= WORDS_MAX => {
                    all.extend(words);
                    Some(all)
                }
                _ => None,
            };
        }
        Self { exact: exact.map(distinct), required: required.map(distinct) }
    }

    fn of_sequence(parts: impl Iterator<Item = Self>) -> Self {
        let mut current = vec![Vec::new()];
        let mut is_exact = true;
        let mut best: Option<Vec<Vec<u8>>> = None;
        let mut offer = |found: Option<Vec<Vec<u8>>>| {
            let better = match (&best, &found) {
                (Some(best), Some(found)) => chances(found) < chances(best),
                (None, Some(_)) => true,
                _ => false,
            };
            if better {
                best = found;
            }
        };
        for part in parts {
            match part.exact {
                Some(words) => match joined(&current, &words) {
                    Some(joined) => current = joined,
                    None => {
                        is_exact = false;
                        offer(Self::exactly(std::mem::replace(&mut current, words)).best());
                    }
                },
                None => {
                    is_exact = false;
                    offer(Self::exactly(std::mem::replace(&mut current, vec![Vec::new()])).best());
                    offer(part.best());
                }
            }
        }
        if is_exact {
            return Self::exactly(distinct(current));
        }
        offer(Self::exactly(current).best());
        Self { exact: None, required: best }
    }

    /// The better of the two sets. A set with an empty word requires nothing.
    fn best(self) -> Option<Vec<Vec<u8>>> {
        let exact = self.exact.filter(|words| !words.is_empty() && words.iter().all(|word| !word.is_empty()));
        match (exact.map(shortest), self.required) {
            (Some(exact), Some(required)) if chances(&required) < chances(&exact) => Some(required),
            (Some(exact), _) => Some(exact),
            (None, required) => required,
        }
    }
}

/// The bytes of a small class, each a word.
fn spelt(class: &Class) -> Option<Vec<Vec<u8>>> {
    let ranges: Vec<(u8, u8)> = match class {
        Class::Bytes(bytes) => bytes.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Unicode(points) => {
            let pair = |range: &regex_syntax::hir::ClassUnicodeRange| {
                Some((u8::try_from(range.start()).ok()?, u8::try_from(range.end()).ok()?))
            };
            let ascii = points.iter().all(|range| range.end().is_ascii());
            ascii.then(|| points.iter().map(pair).collect::<Option<_>>())??
        }
    };
    let bytes =
        ranges.into_iter().flat_map(|(low, high)| low..=high).map(|byte| vec![byte.to_ascii_lowercase()]);
    let words = distinct(bytes.collect());
    (words.len() <= SPELT_MAX).then_some(words)
}

/// Every text of the one set before every text of the other, when that stays small.
fn joined(before: &[Vec<u8>], after: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let many = before.len().max(after.len());
    let count = before.len().checked_mul(after.len()).filter(|count| *count <= JOINED_MAX.max(many))?;
    let mut words = Vec::with_capacity(count);
    for start in before {
        for end in after {
            if start.len() + end.len() > WORD_BYTES_MAX && !start.is_empty() && !end.is_empty() {
                return None;
            }
            words.push([start.as_slice(), end.as_slice()].concat());
        }
    }
    Some(words)
}

fn distinct(mut words: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    words.sort();
    words.dedup();
    words
}

/// Without the words that another one is part of.
fn shortest(words: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut words = distinct(words);
    words.sort_by_key(Vec::len);
    for word in words {
        let is_part = |shorter: &Vec<u8>| memchr::memmem::find(&word, shorter).is_some();
        if kept.len() > JOINED_MAX || !kept.iter().any(is_part) {
            kept.push(word);
        }
    }
    kept
}
