//! The tree behind the documents: values in one vector, texts in one string, edits by number.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use model::Place;

use super::FileId;
use super::lines::{Lines, characters};

/// Number of a value in its [`super::Documents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// What stands for "no parent".
const NONE: NodeId = NodeId(u32::MAX);

/// Texts up to this length are kept once; longer ones are mostly prose and hardly repeat.
const INTERN_BYTES_MAX: usize = 48;

/// How far a place reaches at most: a picture shows no more.
const MARKED_BYTES_MAX: usize = 1024;

/// A text in the arena's heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Text {
    start: u32,
    bytes: u32,
}

/// Bytes of a file: where a value or a member name was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) file: FileId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) key: Text,
    pub(crate) key_span: Span,
    pub(crate) value: NodeId,
}

#[derive(Debug, Clone)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    /// As it was written.
    Number(Text),
    String(Text),
    Array(Vec<NodeId>),
    Object(Vec<Member>),
}

#[derive(Debug)]
struct Slot {
    data: Data,
    span: Span,
    parent: NodeId,
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: Arc<str>,
    pub(crate) text: Bytes,
    lines: Lines,
    root: Option<NodeId>,
}

#[derive(Default)]
pub(crate) struct Arena {
    slots: Vec<Slot>,
    heap: String,
    interned: HashMap<Box<str>, Text>,
    files: Vec<File>,
}

impl Arena {
    /// Takes up a file; `None` when there are more than 65,535.
    pub(crate) fn add_file(&mut self, name: Arc<str>, text: Bytes) -> Option<FileId> {
        let id = FileId(u16::try_from(self.files.len()).ok()?);
        let lines = Lines::new(&text);
        self.files.push(File { name, text, lines, root: None });
        Some(id)
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    pub(crate) fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(usize::from(id.0))
    }

    pub(crate) fn file_named(&self, name: &str) -> Option<FileId> {
        let at = self.files.iter().position(|file| &*file.name == name)?;
        u16::try_from(at).ok().map(FileId)
    }

    pub(crate) fn set_root(&mut self, file: FileId, root: NodeId) {
        if let Some(file) = self.files.get_mut(usize::from(file.0)) {
            file.root = Some(root);
        }
    }

    /// The root of a file; the arena's first value for a file that could not be parsed.
    pub(crate) fn root(&self, file: FileId) -> NodeId {
        self.root_of(file).unwrap_or(NodeId(0))
    }

    /// The root of a file that was parsed.
    pub(crate) fn root_of(&self, file: FileId) -> Option<NodeId> {
        self.file(file).and_then(|file| file.root)
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Called when no more text will be added: frees what only building needs.
    pub(crate) fn freeze(&mut self) {
        self.interned = HashMap::new();
        self.slots.shrink_to_fit();
        self.heap.shrink_to_fit();
    }

    /// Bytes of text that are held.
    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        self.heap.len()
    }

    pub(crate) fn text(&self, text: Text) -> &str {
        let start = text.start as usize;
        self.heap.get(start..start + text.bytes as usize).unwrap_or_default()
    }

    pub(crate) fn intern(&mut self, text: &str) -> Text {
        if text.len() > INTERN_BYTES_MAX {
            return self.store(text);
        }
        if let Some(known) = self.interned.get(text) {
            return *known;
        }
        let stored = self.store(text);
        self.interned.insert(text.into(), stored);
        stored
    }

    fn store(&mut self, text: &str) -> Text {
        // Files are at most 64 MiB each and 4 GiB together is refused by the loader, so this does not truncate.
        let (start, bytes) = (u32::try_from(self.heap.len()), u32::try_from(text.len()));
        let (Ok(start), Ok(bytes)) = (start, bytes) else { return Text { start: 0, bytes: 0 } };
        self.heap.push_str(text);
        Text { start, bytes }
    }

    /// A new value without a parent.
    pub(crate) fn push(&mut self, data: Data, span: Span) -> NodeId {
        let id = NodeId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX - 1));
        self.slots.push(Slot { data, span, parent: NONE });
        id
    }

    pub(crate) fn data(&self, id: NodeId) -> &Data {
        self.slots.get(id.0 as usize).map_or(&Data::Null, |slot| &slot.data)
    }

    fn data_mut(&mut self, id: NodeId) -> Option<&mut Data> {
        self.slots.get_mut(id.0 as usize).map(|slot| &mut slot.data)
    }

    /// Replaces a value in its place; the children it had are left without use.
    pub(crate) fn set(&mut self, id: NodeId, data: Data, span: Span) {
        let children: Vec<NodeId> = match &data {
            Data::Array(items) => items.clone(),
            Data::Object(members) => members.iter().map(|member| member.value).collect(),
            _ => Vec::new(),
        };
        if let Some(slot) = self.slots.get_mut(id.0 as usize) {
            slot.data = data;
            slot.span = span;
        }
        for child in children {
            self.adopt(id, child);
        }
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        let nowhere = Span { file: FileId(0), start: 0, end: 0 };
        self.slots.get(id.0 as usize).map_or(nowhere, |slot| slot.span)
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.slots.get(id.0 as usize).map(|slot| slot.parent).filter(|parent| *parent != NONE)
    }

    fn adopt(&mut self, parent: NodeId, child: NodeId) {
        if let Some(slot) = self.slots.get_mut(child.0 as usize) {
            slot.parent = parent;
        }
    }

    /// The value of a member.
    pub(crate) fn get(&self, object: NodeId, key: &str) -> Option<NodeId> {
        self.members(object).iter().find(|member| self.text(member.key) == key).map(|member| member.value)
    }

    pub(crate) fn members(&self, id: NodeId) -> &[Member] {
        match self.data(id) {
            Data::Object(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn items(&self, id: NodeId) -> &[NodeId] {
        match self.data(id) {
            Data::Array(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn is_object(&self, id: NodeId) -> bool {
        matches!(self.data(id), Data::Object(_))
    }

    pub(crate) fn str(&self, id: NodeId) -> Option<&str> {
        match self.data(id) {
            Data::String(text) => Some(self.text(*text)),
            _ => None,
        }
    }

    /// Adds a member, or replaces the one with that name.
    pub(crate) fn put(&mut self, object: NodeId, key: &str, key_span: Span, value: NodeId) {
        let key = self.intern_key(object, key);
        if let Some(Data::Object(members)) = self.data_mut(object) {
            match key {
                Ok(at) => {
                    if let Some(member) = members.get_mut(at) {
                        member.value = value;
                        member.key_span = key_span;
                    }
                }
                Err(key) => members.push(Member { key, key_span, value }),
            }
            self.adopt(object, value);
        }
    }

    /// The position of a member that exists, else a text for its name.
    fn intern_key(&mut self, object: NodeId, key: &str) -> Result<usize, Text> {
        match self.members(object).iter().position(|member| self.text(member.key) == key) {
            Some(at) => Ok(at),
            None => Err(self.intern(key)),
        }
    }

    pub(crate) fn append(&mut self, array: NodeId, value: NodeId) {
        if let Some(Data::Array(items)) = self.data_mut(array) {
            items.push(value);
            self.adopt(array, value);
        }
    }

    /// Takes a value out of its parent; false where it has none.
    pub(crate) fn detach(&mut self, child: NodeId) -> bool {
        let Some(parent) = self.parent(child) else { return false };
        match self.data_mut(parent) {
            Some(Data::Array(items)) => items.retain(|item| *item != child),
            Some(Data::Object(members)) => members.retain(|member| member.value != child),
            _ => return false,
        }
        self.adopt(NONE, child);
        true
    }

    /// A copy of a value with all below it, which keeps the places of the original.
    pub(crate) fn copy(&mut self, id: NodeId) -> NodeId {
        let span = self.span(id);
        let data = match self.data(id).clone() {
            Data::Array(items) => Data::Array(items.into_iter().map(|item| self.copy(item)).collect()),
            Data::Object(members) => {
                Data::Object(members.into_iter().map(|m| Member { value: self.copy(m.value), ..m }).collect())
            }
            scalar => scalar,
        };
        let copy = self.push(Data::Null, span);
        self.set(copy, data, span);
        copy
    }

    /// The member that holds a value, if an object does.
    pub(crate) fn member_of(&self, id: NodeId) -> Option<Member> {
        self.members(self.parent(id)?).iter().find(|member| member.value == id).copied()
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        self.place_of(span.file, span.start as usize..span.end as usize)
    }

    /// The place of a byte range; its length ends with its first line.
    pub(crate) fn place_of(&self, file: FileId, bytes: Range<usize>) -> Place {
        let Some(file) = self.file(file) else { return Place::file("") };
        let (line, column) = file.lines.line_column(&file.text, bytes.start);
        let end = bytes.end.min(bytes.start.saturating_add(MARKED_BYTES_MAX)).min(file.text.len());
        let marked = file.text.get(bytes.start..end).unwrap_or_default();
        let first = marked.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
        let length = u32::try_from(characters(first)).unwrap_or(u32::MAX);
        Place { file: Arc::clone(&file.name), line, column, length }
    }
}
