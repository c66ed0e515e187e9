//! A value of a document, to be read: the shape of `tape::Node`, over the edited tree.

use model::Place;
use serde_json::Value;

use super::{Arena, Data, FileId, NodeId};

/// One value. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    arena: &'d Arena,
    id: NodeId,
}

impl<'d> Node<'d> {
    pub(crate) fn new(arena: &'d Arena, id: NodeId) -> Self {
        Self { arena, id }
    }

    pub fn id(self) -> NodeId {
        self.id
    }

    fn data(self) -> &'d Data {
        self.arena.data(self.id)
    }

    fn at(self, id: NodeId) -> Self {
        Self { arena: self.arena, id }
    }

    pub fn is_null(self) -> bool {
        matches!(self.data(), Data::Null)
    }

    pub fn is_object(self) -> bool {
        matches!(self.data(), Data::Object(_))
    }

    pub fn is_array(self) -> bool {
        matches!(self.data(), Data::Array(_))
    }

    pub fn as_bool(self) -> Option<bool> {
        match self.data() {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_str(self) -> Option<&'d str> {
        self.arena.str(self.id)
    }

    /// The text of a number.
    pub fn number(self) -> Option<&'d str> {
        match self.data() {
            Data::Number(text) => Some(self.arena.text(*text)),
            _ => None,
        }
    }

    pub fn as_u64(self) -> Option<u64> {
        self.number()?.parse().ok()
    }

    /// How many members or items; 0 for other kinds.
    pub fn len(self) -> usize {
        self.arena.members(self.id).len() + self.arena.items(self.id).len()
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The items of an array; none for other kinds.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        self.arena.items(self.id).iter().map(move |id| self.at(*id))
    }

    /// The members of an object, in order; none for other kinds.
    pub fn members(self) -> impl ExactSizeIterator<Item = (&'d str, Node<'d>)> {
        self.arena.members(self.id).iter().map(move |m| (self.arena.text(m.key), self.at(m.value)))
    }

    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.arena.get(self.id, key).map(|id| self.at(id))
    }

    pub fn parent(self) -> Option<Node<'d>> {
        self.arena.parent(self.id).map(|id| self.at(id))
    }

    /// The name of the member that holds this value.
    pub fn key(self) -> Option<&'d str> {
        self.arena.member_of(self.id).map(|member| self.arena.text(member.key))
    }

    /// Follows a JSON Pointer (RFC 6901) down from this value.
    pub fn pointer(self, pointer: &str) -> Option<Node<'d>> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut node = self;
        for token in pointer.strip_prefix('/')?.split('/') {
            let token = token.replace("~1", "/").replace("~0", "~");
            node = match node.data() {
                Data::Object(_) => node.get(&token)?,
                Data::Array(items) => node.at(*items.get(array_index(&token)?)?),
                _ => return None,
            };
        }
        Some(node)
    }

    /// The JSON Pointer of this value in its document.
    pub fn path(self) -> String {
        let mut tokens = Vec::new();
        let mut node = self;
        while let Some(parent) = node.parent() {
            tokens.push(match node.key() {
                Some(key) => key.replace('~', "~0").replace('/', "~1"),
                None => parent.items().position(|item| item.id == node.id).unwrap_or_default().to_string(),
            });
            node = parent;
        }
        tokens.iter().rev().flat_map(|token| ["/", token.as_str()]).collect()
    }

    /// The file whose document this value belongs to now; an overlay's values belong to what they were put into.
    pub(crate) fn document_file(self) -> FileId {
        let mut node = self;
        while let Some(parent) = node.parent() {
            node = parent;
        }
        // A root keeps the place it was read from, whatever was merged into it.
        self.arena.span(node.id).file
    }

    /// Where the value is best pointed at: a scalar itself, an object or array at the member name that opens it.
    pub fn place(self) -> Place {
        if matches!(self.data(), Data::Object(_) | Data::Array(_)) {
            self.key_place()
        } else {
            self.value_place()
        }
    }

    /// The place of the name of the member that holds this value, else of the value.
    pub fn key_place(self) -> Place {
        match self.arena.member_of(self.id) {
            Some(member) => self.arena.place(member.key_span),
            None => self.value_place(),
        }
    }

    /// The place of the value itself.
    pub fn value_place(self) -> Place {
        self.arena.place(self.arena.span(self.id))
    }

    /// The value as `serde_json` has it. Numbers of YAML that JSON cannot write become strings.
    pub fn to_value(self) -> Value {
        match self.data() {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(text) => number_value(self.arena.text(*text)),
            Data::String(text) => Value::String(self.arena.text(*text).to_owned()),
            Data::Array(_) => Value::Array(self.items().map(Node::to_value).collect()),
            Data::Object(_) => {
                Value::Object(self.members().map(|(key, value)| (key.to_owned(), value.to_value())).collect())
            }
        }
    }
}

/// An array index as RFC 6901 section 4 writes it: no sign, no leading zero.
fn array_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || (!token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit()));
    canonical.then(|| token.parse().ok()).flatten()
}

fn number_value(text: &str) -> Value {
    let integer =
        || text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok();
    let real = || text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number);
    integer().or_else(real).unwrap_or_else(|| Value::String(text.to_owned()))
}
