//! Names with values, in one buffer.

/// A list of pairs in the order in which they were added.
#[derive(Debug, Default, Clone)]
pub(crate) struct Pairs {
    text: Vec<u8>,
    /// Where the name begins, where the value does, where it ends.
    entries: Vec<(usize, usize, usize)>,
    /// Positions of pairs whose values are proven to be harmless, ascending.
    proven: Vec<usize>,
}

impl Pairs {
    /// Makes room for so many pairs, and bytes in all of them.
    pub(crate) fn reserve(&mut self, pairs: usize, bytes: usize) {
        self.entries.reserve(pairs);
        self.text.reserve(bytes);
    }

    /// Adds a pair whose halves are written by `name` and `value` into the buffer.
    pub(crate) fn add(&mut self, name: impl FnOnce(&mut Vec<u8>), value: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        name(&mut self.text);
        let middle = self.text.len();
        value(&mut self.text);
        self.entries.push((start, middle, self.text.len()));
    }

    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) {
        self.add(|text| text.extend_from_slice(name), |text| text.extend_from_slice(value));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of all names and values.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Passes over, from now on, the pairs that are proven.
    pub(crate) fn prove(&mut self, is_proven: &dyn Fn(&[u8], &[u8]) -> bool) {
        let positions = self.iter().enumerate().filter(|(_, (name, value))| is_proven(name, value));
        self.proven = positions.map(|(position, _)| position).collect();
    }

    /// The pairs, or only those that are to be inspected.
    pub(crate) fn given(&self, inspected: bool) -> impl Iterator<Item = (&[u8], &[u8])> {
        let proven = if inspected { self.proven.as_slice() } else { &[] };
        let mut proven = proven.iter().peekable();
        self.iter().enumerate().filter_map(move |(position, pair)| {
            proven.next_if(|next| **next == position).is_none().then_some(pair)
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries.iter().map(|&(start, middle, end)| {
            (self.text.get(start..middle).unwrap_or_default(), self.text.get(middle..end).unwrap_or_default())
        })
    }
}
