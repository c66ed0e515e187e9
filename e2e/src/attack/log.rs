//! What a server has seen, in order.

use std::sync::{Arc, Mutex};

/// One request, or what was not one.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The server's number of the connection.
    pub connection: usize,
    /// A [`super::strict::Message::shape`]; `FAULT: ...` for bytes that are no message.
    pub shape: String,
    pub headers: Vec<(String, String)>,
}

/// Shared between a server's threads and the test.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Entry>>>);

impl Log {
    pub fn push(&self, entry: Entry) {
        self.0.lock().unwrap().push(entry);
    }

    pub fn note(&self, connection: usize, shape: &str) {
        self.push(Entry { connection, shape: shape.to_owned(), headers: Vec::new() });
    }

    pub fn fault(&self, connection: usize, what: &str) {
        self.note(connection, &format!("FAULT: {what}"));
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything after the first `mark` entries.
    pub fn since(&self, mark: usize) -> Vec<Entry> {
        self.0.lock().unwrap().iter().skip(mark).cloned().collect()
    }
}
