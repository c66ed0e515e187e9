//! A set of rules, one bit each.

/// Rules by their place in a rule set, or in one phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleBits(Vec<u64>);

impl RuleBits {
    /// The first `count` rules.
    pub(crate) fn first(count: usize) -> Self {
        let mut words = vec![u64::MAX; count / 64];
        words.push((1 << (count % 64)) - 1);
        Self(words)
    }

    pub fn insert(&mut self, rule: usize) {
        let word = rule / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (rule % 64);
        }
    }

    pub(crate) fn remove(&mut self, rule: usize) {
        if let Some(word) = self.0.get_mut(rule / 64) {
            *word &= !(1 << (rule % 64));
        }
    }

    pub fn has(&self, rule: usize) -> bool {
        self.0.get(rule / 64).is_some_and(|word| word >> (rule % 64) & 1 == 1)
    }

    pub fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Whether the two have a rule in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(word, other)| word & other != 0)
    }

    /// The first rule of the set from `from` on.
    #[inline]
    pub(crate) fn next(&self, from: usize) -> Option<usize> {
        let mut index = from / 64;
        let mut word = self.0.get(index)? >> (from % 64) << (from % 64);
        while word == 0 {
            index += 1;
            word = *self.0.get(index)?;
        }
        Some(index * 64 + word.trailing_zeros() as usize)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    /// The rules of the set, ascending.
    pub fn each(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                if left == 0 {
                    return None;
                }
                left &= left - 1;
                Some(index * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RuleBits;

    #[test]
    fn the_next_rule_is_found_across_words() {
        for count in [0, 1, 63, 64, 65, 200] {
            let mut bits = RuleBits::first(count);
            assert_eq!(bits.each().collect::<Vec<_>>(), (0..count).collect::<Vec<_>>());
            for gone in (0..count).filter(|place| place % 70 != 3) {
                bits.remove(gone);
            }
            for from in 0..count + 70 {
                let next = (from..count).find(|place| place % 70 == 3);
                assert_eq!(bits.next(from), next, "{count} {from}");
            }
        }
    }

    #[test]
    fn sets_meet_where_both_have_a_rule() {
        let set = |rules: &[usize]| {
            let mut bits = RuleBits::default();
            rules.iter().for_each(|rule| bits.insert(*rule));
            bits
        };
        assert!(set(&[1, 130]).meets(&set(&[130])));
        assert!(!set(&[1, 130]).meets(&set(&[2, 66])));
        assert!(!set(&[]).meets(&set(&[0])));
    }
}
