//! Which transformations can change a text, told by its bytes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::trie::{Step, transformation};
use crate::ByteSet;
use crate::transformation::TRANSFORMATIONS;

/// A set of transformations, one bit each, by their places in the list of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps(u64);

/// In place of `cmdLine` where only a search without regard to case follows, which cannot see what it does to letters.
const CMD_LINE_TO_SEARCH: u32 = 63;

impl Steps {
    pub const NONE: Self = Self(0);

    pub fn one(step: Step) -> Self {
        Self(1_u64.checked_shl(step.into()).unwrap_or(0))
    }

    /// Those that can change a text with these bytes.
    pub fn touching(set: &ByteSet) -> Self {
        let touching = &*TOUCHING;
        let mut steps = touching.any;
        for (bytes, alike) in &touching.alike {
            if bytes.meets(set) {
                steps |= alike;
            }
        }
        let others = touching.others.and(*set);
        others.each(|byte| steps |= touching.of.get(usize::from(byte)).copied().unwrap_or(0));
        Self(steps)
    }

    /// The same where only a search without regard to case follows.
    pub fn to_search(self) -> Self {
        if self.meets(Self(TOUCHING.cmd_line)) { Self(1 << CMD_LINE_TO_SEARCH) } else { self }
    }

    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without(self, step: Step) -> Self {
        Self(self.0 & !Self::one(step).0)
    }

    /// A number in which all of it and of `other` counts.
    pub fn mixed(self, other: u64) -> usize {
        ((self.0 ^ other).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
    }

    pub fn has(self, step: Step) -> bool {
        self.meets(Self::one(step))
    }
}

/// What transformations touch, by byte.
struct Touching {
    /// Those that have to be run on every text.
    any: u64,
    of: [u64; 256],
    /// Many bytes that the same transformations touch.
    alike: Vec<(ByteSet, u64)>,
    /// Other bytes that any touches.
    others: ByteSet,
    cmd_line: u64,
}

/// So many are many.
const ALIKE_MIN: usize = 9;

impl Touching {
    fn group(&mut self) {
        let mut groups: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for (byte, of) in (0..=u8::MAX).zip(self.of) {
            groups.entry(of & !self.any).or_default().push(byte);
        }
        groups.remove(&0);
        for (steps, bytes) in groups {
            let set = ByteSet::of(&bytes);
            if bytes.len() < ALIKE_MIN {
                self.others = self.others.or(set);
            } else {
                self.alike.push((set, steps));
            }
        }
    }
}

static TOUCHING: LazyLock<Touching> = LazyLock::new(|| {
    let mut touching =
        Touching { any: 0, of: [0; 256], alike: Vec::new(), others: ByteSet::NONE, cmd_line: 0 };
    for step in (0..).take(TRANSFORMATIONS.len()) {
        let Some(known) = transformation(step) else { continue };
        let Steps(bit) = Steps::one(step);
        if known.touches.is_all() {
            touching.any |= bit;
        }
        if known.name == "cmdLine" {
            touching.cmd_line = bit;
        }
        for (byte, of) in (0..=u8::MAX).zip(&mut touching.of) {
            if known.touches.has(byte) {
                *of |= bit;
                if known.name == "cmdLine" && !byte.is_ascii_uppercase() {
                    *of |= 1 << CMD_LINE_TO_SEARCH;
                }
            }
        }
    }
    touching.group();
    touching
});

#[cfg(test)]
mod tests {
    use super::{CMD_LINE_TO_SEARCH, Steps};
    use crate::ByteSet;
    use crate::transformation::TRANSFORMATIONS;

    #[test]
    fn every_transformation_has_a_bit_and_is_told_by_its_bytes() {
        assert!(TRANSFORMATIONS.len() <= CMD_LINE_TO_SEARCH as usize);
        let mut random = mutate::Random::new(17);
        for _ in 0..500 {
            let text: Vec<u8> = (0..random.below(12)).map(|_| random.below(256) as u8).collect();
            let set = ByteSet::of(&text);
            for (step, known) in (0..).zip(TRANSFORMATIONS) {
                let touched = known.touches.is_all() || known.touches.meets(&set);
                assert_eq!(Steps::touching(&set).has(step), touched, "{} {text:?}", known.name);
            }
        }
    }

    #[test]
    fn a_search_without_regard_to_case_does_not_see_what_happens_to_letters() {
        let place = TRANSFORMATIONS.iter().position(|known| known.name == "cmdLine").expect("cmdLine");
        let cmd_line = Steps::one(place as u16);
        let touching = |text: &[u8]| Steps::touching(&ByteSet::of(text));
        assert!(cmd_line.meets(touching(b"Ab")) && !cmd_line.to_search().meets(touching(b"Ab")));
        assert!(cmd_line.to_search().meets(touching(b"a^b")));
        assert_eq!(Steps::one(0).to_search(), Steps::one(0));
    }
}
