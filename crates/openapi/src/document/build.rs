//! From a tape to the arena.

use tape::Kind;

use super::{Arena, Data, FileId, Member, NodeId, Span};

impl Arena {
    /// Copies a file's values in and makes them its document. The depth is bounded by the tape's limits.
    pub(crate) fn graft(&mut self, file: FileId, tape: &tape::Tape) -> NodeId {
        let root = self.graft_node(file, tape.root());
        self.set_root(file, root);
        root
    }

    fn graft_node(&mut self, file: FileId, node: tape::Node<'_>) -> NodeId {
        let data = match node.kind() {
            Kind::Null => Data::Null,
            Kind::Bool => Data::Bool(node.as_bool().unwrap_or_default()),
            Kind::Number => Data::Number(self.intern(node.number().unwrap_or_default())),
            Kind::String => Data::String(self.intern(node.as_str().unwrap_or_default())),
            Kind::Array => Data::Array(node.items().map(|item| self.graft_node(file, item)).collect()),
            Kind::Object => {
                let members = node.members().map(|member| Member {
                    key: self.intern(member.key),
                    key_span: span(file, member.key_span()),
                    value: self.graft_node(file, member.value),
                });
                Data::Object(members.collect())
            }
        };
        let at = span(file, node.span());
        let id = self.push(Data::Null, at);
        self.set(id, data, at);
        id
    }
}

fn span(file: FileId, bytes: std::ops::Range<usize>) -> Span {
    // A text is at most 64 MiB long (`tape::Limits::document`).
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: clamp(bytes.start), end: clamp(bytes.end) }
}
