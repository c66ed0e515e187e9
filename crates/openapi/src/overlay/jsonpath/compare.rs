//! Values in filters and how they compare (RFC 9535 section 2.3.5.2.2).

use super::evaluate::Run;
use super::{Comparison, Fault, Operand};
use crate::document::{Arena, Data, Node, NodeId};

/// What an operand stands for.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Nothing,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// An array or object.
    Structure(NodeId),
}

impl Run<'_> {
    pub(super) fn operand(&mut self, operand: &Operand, at: NodeId) -> Result<Value, Fault> {
        Ok(match operand {
            Operand::Null => Value::Null,
            Operand::Bool(value) => Value::Bool(*value),
            Operand::Number(value) => Value::Number(*value),
            Operand::Text(value) => Value::Text(value.clone()),
            Operand::Single(query) => match self.nested(query, at)?.as_slice() {
                [only] => value(self.arena, *only),
                _ => Value::Nothing,
            },
            Operand::Count(query) => Value::Number(self.nested(query, at)?.len() as f64),
            Operand::Length(inner) => match self.operand(inner, at)? {
                Value::Text(text) => Value::Number(text.chars().count() as f64),
                Value::Structure(id) => Value::Number(Node::new(self.arena, id).len() as f64),
                _ => Value::Nothing,
            },
        })
    }
}

fn value(arena: &Arena, id: NodeId) -> Value {
    match arena.data(id) {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(text) => arena.text(*text).parse().map_or(Value::Nothing, Value::Number),
        Data::String(text) => Value::Text(arena.text(*text).to_owned()),
        Data::Array(_) | Data::Object(_) => Value::Structure(id),
    }
}

pub(super) fn holds(arena: &Arena, left: &Value, comparison: Comparison, right: &Value) -> bool {
    match comparison {
        Comparison::Equal => equal(arena, left, right),
        Comparison::Unequal => !equal(arena, left, right),
        Comparison::Less => less(left, right),
        Comparison::LessOrEqual => less(left, right) || equal(arena, left, right),
        Comparison::Greater => less(right, left),
        Comparison::GreaterOrEqual => less(right, left) || equal(arena, left, right),
    }
}

fn equal(arena: &Arena, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Nothing, Value::Nothing) | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Structure(left), Value::Structure(right)) => {
            Node::new(arena, *left).to_value() == Node::new(arena, *right).to_value()
        }
        _ => false,
    }
}

fn less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left < right,
        (Value::Text(left), Value::Text(right)) => left < right,
        _ => false,
    }
}

/// `match` and `search`; an invalid pattern matches nothing (RFC 9535 section 2.4.6). The engine is linear in the text.
pub(super) fn matches(text: &Value, pattern: &Value, whole: bool) -> bool {
    let (Value::Text(text), Value::Text(pattern)) = (text, pattern) else { return false };
    let pattern = if whole { format!("^(?:{pattern})$") } else { pattern.clone() };
    regex::RegexBuilder::new(&pattern).size_limit(1 << 20).build().is_ok_and(|regex| regex.is_match(text))
}
