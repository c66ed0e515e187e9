//! Objects in the order in which they were learned, found by their keys: in pieces that never move, and with an index of four
//! bytes an entry, so that a million of them cost 50 MB and no request waits until they have been moved.

use hashbrown::HashTable;

use crate::objects::ObjectKey;

/// Places of one piece.
const PIECE: usize = 4096;
const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Place {
    object: ObjectKey,
    /// The owner's number; of a free place nothing.
    owner: u32,
    /// Learned just before and after it; of a free place, the next free one is after it.
    before: u32,
    after: u32,
}

pub(super) struct Line {
    index: HashTable<u32>,
    pieces: Vec<Vec<Place>>,
    free: u32,
    oldest: u32,
    newest: u32,
}

impl Default for Line {
    fn default() -> Self {
        let index = HashTable::new();
        Self { index, pieces: Vec::new(), free: NOWHERE, oldest: NOWHERE, newest: NOWHERE }
    }
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// The number of its owner.
    pub(super) fn owner(&self, object: ObjectKey) -> Option<u32> {
        let at = self.index.find(object.hashed(), |at| is_at(&self.pieces, *at, object))?;
        place(&self.pieces, *at).map(|place| place.owner)
    }

    /// As the newest of all. `false` when it is there already, or there are no more places.
    pub(super) fn push(&mut self, object: ObjectKey, owner: u32) -> bool {
        if self.owner(object).is_some() {
            return false;
        }
        let new = Place { object, owner, before: self.newest, after: NOWHERE };
        let Some(at) = self.put(new) else { return false };
        match place_mut(&mut self.pieces, self.newest) {
            Some(newest) => newest.after = at,
            None => self.oldest = at,
        }
        self.newest = at;
        let pieces = &self.pieces;
        self.index.insert_unique(object.hashed(), at, |at| {
            place(pieces, *at).map_or(0, |place| place.object.hashed())
        });
        true
    }

    fn put(&mut self, new: Place) -> Option<u32> {
        if let Some(free) = place_mut(&mut self.pieces, self.free) {
            let at = std::mem::replace(&mut self.free, free.after);
            *free = new;
            return Some(at);
        }
        if self.pieces.last().is_none_or(|piece| piece.len() == PIECE) {
            self.pieces.push(Vec::with_capacity(PIECE));
        }
        let full = (self.pieces.len() - 1) * PIECE;
        let piece = self.pieces.last_mut()?;
        let at = u32::try_from(full + piece.len()).ok().filter(|at| *at != NOWHERE)?;
        piece.push(new);
        Some(at)
    }

    /// Takes it out; whose it was.
    pub(super) fn remove(&mut self, object: ObjectKey) -> Option<u32> {
        let pieces = &self.pieces;
        let entry = self.index.find_entry(object.hashed(), |at| is_at(pieces, *at, object)).ok()?;
        let (at, _) = entry.remove();
        let removed = *place(&self.pieces, at)?;
        match place_mut(&mut self.pieces, removed.before) {
            Some(before) => before.after = removed.after,
            None => self.oldest = removed.after,
        }
        match place_mut(&mut self.pieces, removed.after) {
            Some(after) => after.before = removed.before,
            None => self.newest = removed.before,
        }
        if let Some(place) = place_mut(&mut self.pieces, at) {
            place.after = std::mem::replace(&mut self.free, at);
        }
        Some(removed.owner)
    }

    pub(super) fn oldest(&self) -> Option<ObjectKey> {
        place(&self.pieces, self.oldest).map(|place| place.object)
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }
}

fn is_at(pieces: &[Vec<Place>], at: u32, object: ObjectKey) -> bool {
    place(pieces, at).is_some_and(|place| place.object == object)
}

fn place(pieces: &[Vec<Place>], at: u32) -> Option<&Place> {
    pieces.get(at as usize / PIECE)?.get(at as usize % PIECE)
}

fn place_mut(pieces: &mut [Vec<Place>], at: u32) -> Option<&mut Place> {
    pieces.get_mut(at as usize / PIECE)?.get_mut(at as usize % PIECE)
}
