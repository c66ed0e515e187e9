//! Makes values in the arena that have the place of what they come from.

use crate::document::{Arena, Data, FileId, Member, Node, NodeId};

pub(super) struct Construct<'c> {
    pub(super) arena: &'c mut Arena,
}

impl Construct<'_> {
    pub(super) fn text(&mut self, text: &str, origin: NodeId) -> NodeId {
        let (text, span) = (self.arena.intern(text), self.arena.span(origin));
        self.arena.push(Data::String(text), span)
    }

    pub(super) fn flag(&mut self, value: bool, origin: NodeId) -> NodeId {
        let span = self.arena.span(origin);
        self.arena.push(Data::Bool(value), span)
    }

    pub(super) fn array(&mut self, items: Vec<NodeId>, origin: NodeId) -> NodeId {
        self.with(Data::Array(items), origin)
    }

    pub(super) fn object(&mut self, members: &[(&str, NodeId)], origin: NodeId) -> NodeId {
        let mut made = Vec::with_capacity(members.len());
        for (key, value) in members {
            let key = self.arena.intern(key);
            made.push(Member { key, key_span: self.arena.span(*value), value: *value });
        }
        self.with(Data::Object(made), origin)
    }

    fn with(&mut self, data: Data, origin: NodeId) -> NodeId {
        let span = self.arena.span(origin);
        let id = self.arena.push(Data::Null, span);
        self.arena.set(id, data, span);
        id
    }

    /// Adds a member at the place of its value.
    pub(super) fn put(&mut self, object: NodeId, key: &str, value: NodeId) {
        let span = self.arena.span(value);
        self.arena.put(object, key, span, value);
    }

    /// `{"$ref": ...}` to a value, to stand in the file of `holder`.
    pub(super) fn reference(&mut self, target: NodeId, holder: NodeId) -> NodeId {
        let (from, to) = (self.file_of(holder), self.file_of(target));
        let pointer = escaped(&Node::new(self.arena, target).path());
        let file = if from == to { String::new() } else { self.way(from, to) };
        let reference = self.text(&format!("{file}#{pointer}"), target);
        self.object(&[("$ref", reference)], target)
    }

    fn file_of(&self, id: NodeId) -> FileId {
        Node::new(self.arena, id).document_file()
    }

    /// The relative reference from one file to another.
    fn way(&self, from: FileId, to: FileId) -> String {
        let name = |file| self.arena.file(file).map(|file| &*file.name).unwrap_or_default();
        format!("{}{}", "../".repeat(name(from).matches('/').count()), escaped(name(to)))
    }
}

/// What would end or change a part of a reference is percent-encoded.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23").replace('?', "%3F")
}
