//! The fields of a service's answer on their way to the caller: where they stand as they were read, so that most answers
//! are passed on without a table of them.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::encode;
use crate::head::{self, HeadFault};
use crate::hop;

/// Fields in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// What the slots point into.
    text: Bytes,
    slots: Vec<Slot>,
    /// A field of our own that goes with them.
    said: Option<(&'static str, Arc<str>)>,
    /// Whether `Connection` says anything: what it names has to be looked for.
    has_connection: bool,
}

/// Where one field stands. Its name is in lower case.
#[derive(Debug, Clone)]
struct Slot {
    kind: Kind,
    name: Range<usize>,
    value: Range<usize>,
}

/// What a field is to us: found once, so that nobody has to look through the names again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `Content-Length`.
    Length,
    /// `Transfer-Encoding`.
    Encoding,
    Connection,
    Date,
    /// Another one that is of the hop or of the framing, and stays here.
    Hop,
    Other,
}

impl Kind {
    /// `name` is in lower case.
    fn of(name: &[u8]) -> Self {
        match name {
            b"content-length" => Self::Length,
            b"transfer-encoding" => Self::Encoding,
            b"connection" => Self::Connection,
            b"date" => Self::Date,
            name if hop::stays(name) => Self::Hop,
            _ => Self::Other,
        }
    }
}

/// Fields as they are found, line by line, on their way to be [`Fields`].
#[derive(Debug, Default)]
pub(crate) struct Reading {
    slots: Vec<Slot>,
    has_connection: bool,
    lengths: usize,
    encodings: usize,
}

impl Reading {
    pub(crate) fn new(count: usize) -> Self {
        Self { slots: Vec::with_capacity(count), ..Self::default() }
    }

    /// Adds the field of a line that stands within `text`; `None`: it is not well-formed.
    pub(crate) fn add(&mut self, text: &[u8], line: &[u8]) -> Option<()> {
        let (name, value) = head::field(line)?;
        if !head::is_value(value) {
            return None;
        }
        match name.len() {
            10 if head::is(name, b"connection") => {
                if head::is(value, b"keep-alive") {
                    // What HTTP/1.1 does anyway, said by most services: it is of this hop, and asks for nothing.
                    return Some(());
                }
                self.has_connection = true;
            }
            14 if head::is(name, b"content-length") => self.lengths += 1,
            17 if head::is(name, b"transfer-encoding") => self.encodings += 1,
            _ => {}
        }
        let (name, value) = (place(text, name), place(text, value));
        self.slots.push(Slot { kind: Kind::Other, name, value });
        Some(())
    }

    /// Whether the head states how long its body is.
    pub(crate) fn has_framing(&self) -> bool {
        self.lengths + self.encodings > 0
    }

    pub(crate) fn finish(self, mut text: BytesMut) -> Fields {
        let Self { mut slots, has_connection, .. } = self;
        for slot in &mut slots {
            if let Some(name) = text.get_mut(slot.name.clone()) {
                lower(name);
                slot.kind = Kind::of(name);
            }
        }
        Fields { text: text.freeze(), slots, said: None, has_connection }
    }
}

/// Makes letters small, many at a time: the last block overlaps the one before.
fn lower(name: &mut [u8]) {
    const BLOCK: usize = 8;
    for block in name.as_chunks_mut::<BLOCK>().0 {
        block.make_ascii_lowercase();
    }
    match name.last_chunk_mut::<BLOCK>() {
        Some(last) => last.make_ascii_lowercase(),
        None => name.make_ascii_lowercase(),
    }
}

/// Where a part of `text` begins and ends in it.
fn place(text: &[u8], part: &[u8]) -> Range<usize> {
    let begin = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    begin..begin + part.len()
}

impl Fields {
    fn name(&self, slot: &Slot) -> &[u8] {
        self.text.get(slot.name.clone()).unwrap_or_default()
    }

    fn value(&self, slot: &Slot) -> &[u8] {
        self.text.get(slot.value.clone()).unwrap_or_default()
    }

    /// The values of every field of this kind.
    pub(crate) fn values(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        self.slots.iter().filter(move |slot| slot.kind == kind).map(|slot| self.value(slot))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.said.is_none()
    }

    /// Whether the fields can be passed on by their names alone. Otherwise `Connection` may name others that stay here.
    pub fn are_plain(&self) -> bool {
        !self.has_connection
    }

    /// Takes away every field whose name, in lower case, is like this.
    pub fn take_away(&mut self, is_like: impl Fn(&[u8]) -> bool) {
        let Self { text, slots, .. } = self;
        slots.retain(|slot| !is_like(text.get(slot.name.clone()).unwrap_or_default()));
    }

    /// Adds a field of our own, in place of one that was said before. What cannot stand in a field is left out. `name` is
    /// in lower case.
    pub fn say(&mut self, name: &'static str, text: &Arc<str>) {
        if head::is_value(text.as_bytes()) {
            self.said = Some((name, Arc::clone(text)));
        }
    }

    /// What a body would be long, as the head states it.
    pub(crate) fn length(&self) -> Result<Option<u64>, HeadFault> {
        head::length_of_values(self.values(Kind::Length))
    }

    /// Writes the fields, without those of the framing and of the hop, and without those that `instead` has.
    pub(crate) fn write(&self, front: &mut BytesMut, instead: &HeaderMap) {
        for slot in &self.slots {
            let name = self.name(slot);
            if matches!(slot.kind, Kind::Other | Kind::Date) && !is_said(instead, name) {
                encode::put_line(front, name, self.value(slot));
            }
        }
        if let Some((name, text)) = &self.said {
            encode::put_line(front, name.as_bytes(), text.as_bytes());
        }
    }

    /// As a table, for whoever reads or changes them.
    pub fn into_table(self) -> HeaderMap {
        let mut table = HeaderMap::with_capacity(self.slots.len());
        for slot in &self.slots {
            let value = match self.value(slot) {
                // `slice_ref` of an empty slice would look for its address in vain.
                b"" => Bytes::new(),
                value => self.text.slice_ref(value),
            };
            put(&mut table, self.name(slot), HeaderValue::from_maybe_shared(value).ok());
        }
        if let Some((name, text)) = &self.said {
            put(&mut table, name.as_bytes(), HeaderValue::from_bytes(text.as_bytes()).ok());
        }
        table
    }
}

fn put(table: &mut HeaderMap, name: &[u8], value: Option<HeaderValue>) {
    if let (Ok(name), Some(value)) = (HeaderName::from_bytes(name), value) {
        table.append(name, value);
    }
}

fn is_said(instead: &HeaderMap, name: &[u8]) -> bool {
    !instead.is_empty() && instead.keys().any(|other| other.as_str().as_bytes() == name)
}

impl From<HeaderMap> for Fields {
    fn from(table: HeaderMap) -> Self {
        let length = table.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        let mut text = BytesMut::with_capacity(length);
        let mut put = |bytes: &[u8]| {
            let begin = text.len();
            text.extend_from_slice(bytes);
            begin..text.len()
        };
        let slots = table
            .iter()
            .map(|(name, value)| {
                let name = name.as_str().as_bytes();
                Slot { kind: Kind::of(name), name: put(name), value: put(value.as_bytes()) }
            })
            .collect();
        let has_connection = table.contains_key(header::CONNECTION);
        Self { text: text.freeze(), slots, said: None, has_connection }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Fields {
        let text = BytesMut::from(text);
        let mut reading = Reading::new(0);
        for line in head::Lines::of(&text) {
            reading.add(&text, line).unwrap_or_else(|| panic!("not well-formed: {text:?}"));
        }
        reading.finish(text.clone())
    }

    fn told(table: &HeaderMap) -> Vec<(&str, &str)> {
        table.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect()
    }

    const HEAD: &str =
        "Server: x\r\nX-A: 1\r\ncontent-LENGTH: 3\r\nx-a:2\r\nX-Empty:\r\nKeep-Alive: 5\r\n\r\n";

    #[test]
    fn fields_are_written_as_they_were_read_without_what_stays_here() {
        let mut fields = read(HEAD);
        assert!(fields.are_plain() && !fields.is_empty());
        assert_eq!(fields.length(), Ok(Some(3)));
        fields.take_away(|name| name == b"server");
        fields.say("x-own", &Arc::from("a: b"));
        fields.say("x-not", &Arc::from("a\r\nb: c"));
        let mut front = BytesMut::new();
        fields.write(&mut front, &HeaderMap::new());
        assert_eq!(front, "x-a: 1\r\nx-a: 2\r\nx-empty: \r\nx-own: a: b\r\n");
        let mut instead = HeaderMap::new();
        instead.insert("x-a", HeaderValue::from_static("3"));
        front.clear();
        fields.write(&mut front, &instead);
        assert_eq!(front, "x-empty: \r\nx-own: a: b\r\n");
    }

    #[test]
    fn a_table_of_them_has_the_same_and_can_be_made_into_them() {
        let mut fields = read(HEAD);
        fields.say("x-own", &Arc::from("a: b"));
        let all = [("server", "x"), ("x-a", "1"), ("x-a", "2"), ("content-length", "3"), ("x-empty", "")];
        let more = [("keep-alive", "5"), ("x-own", "a: b")];
        let mut expected: Vec<_> = all.into_iter().chain(more).collect();
        let table = fields.into_table();
        let mut found = told(&table);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        let again = Fields::from(table.clone()).into_table();
        assert_eq!(told(&again), told(&table));
    }

    #[test]
    fn a_connection_field_is_not_plain() {
        assert!(read("Connection: Keep-Alive\r\n\r\n").is_empty());
        assert!(!read("Connection: x-hop\r\nX-Hop: 1\r\n\r\n").are_plain());
        let mut table = HeaderMap::new();
        assert!(Fields::from(table.clone()).are_plain());
        table.insert(header::CONNECTION, HeaderValue::from_static("close"));
        assert!(!Fields::from(table).are_plain());
    }
}
