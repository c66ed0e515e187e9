//! The memory in which transactions find things out, handed from one to the next: a transaction with many values needs
//! megabytes, and memory that is new to the process costs more than what is done in it.

use std::sync::Mutex;

use super::found::{Candidates, Stretch, Value};
use super::search::Kept;
use super::texts::Texts;

/// Rooms that wait for a transaction; others are given back to the system.
const ROOMS_MAX: usize = 16;
/// Bytes of all rooms that wait.
const WAITING_BYTES_MAX: usize = 32 << 20;
/// Room for values that most requests do with.
const FIRST_VALUES: usize = 64;

/// What one phase of one transaction works in.
#[derive(Default)]
pub struct Room {
    pub(super) texts: Texts,
    /// Of each source that was looked at, its values.
    pub(super) sources: Vec<Option<Stretch>>,
    pub(super) classes: Vec<Candidates>,
    /// For each text, the last rule that did not match it, by its number among those that asked.
    pub(super) refuted: Vec<u32>,
    pub(super) kept: Kept,
    /// None, and the room for them.
    values: Vec<Value<'static>>,
}

impl Room {
    /// Makes it ready for a phase with so many sources and classes. Texts stay.
    pub(super) fn enter<'i>(&mut self, sources: usize, classes: usize) -> Vec<Value<'i>> {
        self.sources.clear();
        self.sources.resize(sources, None);
        self.classes.iter_mut().for_each(Candidates::forget);
        self.classes.resize_with(classes.max(self.classes.len()), Candidates::default);
        self.refuted.clear();
        let mut values = emptied(std::mem::take(&mut self.values));
        values.reserve(FIRST_VALUES);
        values
    }

    pub(super) fn keep(&mut self, values: Vec<Value<'_>>) {
        self.values = emptied(values);
    }

    /// Bytes of memory that it keeps.
    fn bytes(&self) -> usize {
        let candidates: usize = self.classes.iter().map(Candidates::room_bytes).sum();
        self.texts.room_bytes()
            + self.kept.room_bytes()
            + candidates
            + self.refuted.capacity() * size_of::<u32>()
            + self.values.capacity() * size_of::<Value<'static>>()
    }
}

/// The room of a list: collected in place, the new list has the memory of the old one.
#[expect(clippy::unnecessary_filter_map, reason = "the type changes, and there is nothing to change")]
fn emptied<'a>(mut values: Vec<Value<'_>>) -> Vec<Value<'a>> {
    values.clear();
    values.into_iter().filter_map(|_| None).collect()
}

/// Rooms that wait for the next transactions of a rule set. What was in them is forgotten.
#[derive(Default)]
pub struct Rooms(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    rooms: Vec<(usize, Box<Room>)>,
    bytes: usize,
}

impl Rooms {
    /// An empty room: the last that was given back, or a new one rather than to wait for another thread.
    pub fn take(&self) -> Box<Room> {
        let Ok(mut waiting) = self.0.try_lock() else { return Box::default() };
        let Some((bytes, room)) = waiting.rooms.pop() else { return Box::default() };
        waiting.bytes -= bytes;
        room
    }

    pub fn give(&self, mut room: Box<Room>) {
        room.texts.forget();
        let bytes = room.bytes();
        let Ok(mut waiting) = self.0.try_lock() else { return };
        if waiting.rooms.len() < ROOMS_MAX && waiting.bytes + bytes <= WAITING_BYTES_MAX {
            waiting.bytes += bytes;
            waiting.rooms.push((bytes, room));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_bytes(values: usize) -> Box<Room> {
        Box::new(Room { values: Vec::with_capacity(values), ..Room::default() })
    }

    #[test]
    fn a_list_is_emptied_in_place() {
        let room = of_bytes(1_000);
        assert_eq!(emptied(room.values).capacity(), 1_000);
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_in_bytes() {
        let rooms = Rooms::default();
        let waiting = || rooms.0.lock().expect("a lock").rooms.len();
        let large = WAITING_BYTES_MAX / size_of::<Value<'static>>();
        rooms.give(of_bytes(large + 1));
        assert_eq!(waiting(), 0);
        rooms.give(of_bytes(large / 2));
        rooms.give(of_bytes(large * 2 / 3));
        assert_eq!(waiting(), 1);
        (0..2 * ROOMS_MAX).for_each(|_| rooms.give(of_bytes(0)));
        assert_eq!(waiting(), ROOMS_MAX);
        let taken: Vec<_> = (0..ROOMS_MAX).map(|_| rooms.take()).collect();
        assert_eq!(rooms.0.lock().expect("a lock").bytes, 0);
        taken.into_iter().for_each(|room| rooms.give(room));
        assert_eq!(waiting(), ROOMS_MAX);
    }

    #[test]
    fn texts_are_forgotten_between_transactions() {
        let rooms = Rooms::default();
        let mut room = rooms.take();
        let id = room.texts.value(b"secret");
        assert_eq!(room.texts.bytes(id), b"secret");
        rooms.give(room);
        let mut room = rooms.take();
        assert_eq!((room.texts.len(), room.texts.bytes(id)), (0, &b""[..]));
        assert_eq!(room.texts.value(b"other"), 0);
    }
}
