//! Which rules of a class take a member of a source by its name.
//!
//! Most rules that look at request headers look at one or two of them: the others are not to be transformed and searched
//! for their sake, long tokens least of all.

use std::cmp::Ordering;

use super::scan::Bits;

/// The rules of a class that look at a source, by what they take of it.
#[derive(Debug, Default)]
pub struct Takers {
    /// Those that may take any member.
    pub any: Bits,
    /// Names in lower case, in the order of [`by_length`], each with the rules that take it.
    named: Vec<(Vec<u8>, Bits)>,
}

impl Takers {
    /// Adds a rule that takes the members of a name in lower case; with `None`, it may take any.
    pub fn insert(&mut self, name: Option<&[u8]>, bit: usize) {
        let Some(name) = name else {
            self.any.insert(bit);
            return;
        };
        let place = match self.place(name) {
            Ok(place) => place,
            Err(place) => {
                self.named.insert(place, (name.to_vec(), Bits::default()));
                place
            }
        };
        if let Some((_, rules)) = self.named.get_mut(place) {
            rules.insert(bit);
        }
    }

    /// The rules that may take a member; `name` in any case.
    pub fn of(&self, name: Option<&[u8]>) -> Bits {
        let mut rules = self.any;
        if let Some((_, named)) =
            name.and_then(|name| self.place(name).ok()).and_then(|place| self.named.get(place))
        {
            rules.or(named);
        }
        rules
    }

    fn place(&self, name: &[u8]) -> Result<usize, usize> {
        self.named.binary_search_by(|(known, _)| by_length(known, name))
    }
}

/// Shorter before longer, then by bytes; `lower` is in lower case, `name` in any.
fn by_length(lower: &[u8], name: &[u8]) -> Ordering {
    lower
        .len()
        .cmp(&name.len())
        .then_with(|| lower.iter().copied().cmp(name.iter().map(u8::to_ascii_lowercase)))
}

#[cfg(test)]
mod tests {
    use super::Takers;

    #[test]
    fn a_member_is_taken_by_those_that_name_it_and_by_those_that_take_any() {
        let mut takers = Takers::default();
        for (bit, name) in
            [(0, Some("host")), (1, None), (2, Some("accept")), (3, Some("host")), (4, Some("hosu"))]
        {
            takers.insert(name.map(str::as_bytes), bit);
        }
        let of = |name: Option<&str>| takers.of(name.map(str::as_bytes)).each().collect::<Vec<_>>();
        assert_eq!(of(Some("Host")), [0, 1, 3]);
        assert_eq!(of(Some("ACCEPT")), [1, 2]);
        assert_eq!(of(Some("hosu")), [1, 4]);
        assert_eq!(of(Some("hos")), [1]);
        assert_eq!(of(None), [1]);
    }
}
