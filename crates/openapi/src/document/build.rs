//! From a tape to the arena.

use std::collections::HashMap;

use tape::Kind;

use super::arena::Text;
use super::{Arena, Data, FileId, Member, NodeId, Span};

/// Texts of one tape that are here already, by address and length on that tape.
type Stored = HashMap<(usize, usize), Text>;

impl Arena {
    /// Copies a file's values in and makes them its document. The depth is bounded by the tape's limits.
    pub(crate) fn graft(&mut self, file: FileId, tape: &tape::Tape) -> NodeId {
        let root = self.graft_node(file, tape.root(), &mut Stored::new());
        self.set_root(file, root);
        root
    }

    fn graft_node(&mut self, file: FileId, node: tape::Node<'_>, stored: &mut Stored) -> NodeId {
        let data = match node.kind() {
            Kind::Null => Data::Null,
            Kind::Bool => Data::Bool(node.as_bool().unwrap_or_default()),
            Kind::Number => Data::Number(self.intern(node.number().unwrap_or_default())),
            Kind::String => Data::String(self.take_in(node.as_str().unwrap_or_default(), stored)),
            Kind::Array => {
                Data::Array(node.items().map(|item| self.graft_node(file, item, stored)).collect())
            }
            Kind::Object => {
                let members = node.members().map(|member| Member {
                    key: self.intern(member.key),
                    key_span: span(file, member.key_span()),
                    value: self.graft_node(file, member.value, stored),
                });
                Data::Object(members.collect())
            }
        };
        let at = span(file, node.span());
        let id = self.push(Data::Null, at);
        self.set(id, data, at);
        id
    }

    /// What a YAML alias repeats is one text on the tape, and one here: else a small file could fill the memory.
    fn take_in(&mut self, text: &str, stored: &mut Stored) -> Text {
        let key = (text.as_ptr().addr(), text.len());
        *stored.entry(key).or_insert_with(|| self.intern(text))
    }
}

fn span(file: FileId, bytes: std::ops::Range<usize>) -> Span {
    // A text is at most 64 MiB long (`tape::Limits::document`).
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: clamp(bytes.start), end: clamp(bytes.end) }
}
