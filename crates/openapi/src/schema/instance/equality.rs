//! Equality of values as JSON Schema has it: numbers by their mathematical value, objects without order.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::decimal::Decimal;
use super::Data;

impl Data<'_> {
    /// Equal to a value of the schema (`const`, `enum`). Recursion ends with the schema's value.
    pub(super) fn equals(self, expected: &Value) -> bool {
        match expected {
            Value::Null => match self {
                Data::Tape(node) => node.is_null(),
                Data::Value(value) => value.is_null(),
                Data::Text(_) => false,
            },
            Value::Bool(expected) => match self {
                Data::Tape(node) => node.as_bool() == Some(*expected),
                Data::Value(value) => value.as_bool() == Some(*expected),
                Data::Text(_) => false,
            },
            Value::String(expected) => self.text() == Some(expected.as_str()),
            Value::Number(expected) => self
                .number()
                .is_some_and(|text| Decimal::parse(&text) == Decimal::parse(&expected.to_string())),
            Value::Array(expected) => self.items_equal(expected),
            Value::Object(expected) => self.members_equal(expected),
        }
    }

    fn items_equal(self, expected: &[Value]) -> bool {
        match self {
            Data::Tape(node) => {
                node.kind() == tape::Kind::Array
                    && node.len() == expected.len()
                    && node.items().zip(expected).all(|(item, expected)| Data::Tape(item).equals(expected))
            }
            Data::Value(Value::Array(items)) => {
                items.len() == expected.len()
                    && items.iter().zip(expected).all(|(item, expected)| Data::Value(item).equals(expected))
            }
            Data::Value(_) | Data::Text(_) => false,
        }
    }

    fn members_equal(self, expected: &serde_json::Map<String, Value>) -> bool {
        let equal = |(name, expected): (&String, &Value)| match self {
            Data::Tape(node) => node.get(name).is_some_and(|value| Data::Tape(value).equals(expected)),
            Data::Value(value) => value.get(name).is_some_and(|value| Data::Value(value).equals(expected)),
            Data::Text(_) => false,
        };
        let len = match self {
            Data::Tape(node) if node.kind() == tape::Kind::Object => node.len(),
            Data::Value(Value::Object(members)) => members.len(),
            Data::Tape(_) | Data::Value(_) | Data::Text(_) => return false,
        };
        len == expected.len() && expected.iter().all(equal)
    }

    /// Bytes that are the same for equal values, and for no others.
    fn canonical(self, out: &mut Vec<u8>) {
        if let Some(text) = self.text() {
            out.push(b's');
            return sized(text, out);
        }
        if let Some(number) = self.number() {
            out.push(b'n');
            return sized(&Decimal::parse(&number).canonical(), out);
        }
        match self {
            Data::Tape(node) => match node.kind() {
                tape::Kind::Array => array(node.items().map(Data::Tape), out),
                tape::Kind::Object => {
                    object(
                        node.members().map(|member| (member.key, Data::Tape(member.value))).collect(),
                        out,
                    );
                }
                _ => out.push(atom(node.as_bool())),
            },
            Data::Value(Value::Array(items)) => array(items.iter().map(Data::Value), out),
            Data::Value(Value::Object(members)) => {
                object(
                    members.iter().map(|(name, value)| (name.as_str(), Data::Value(value))).collect(),
                    out,
                );
            }
            Data::Value(value) => out.push(atom(value.as_bool())),
            Data::Text(_) => {}
        }
    }
}

/// Whether no two of the values are equal. Ordered, not hashed, so that nobody can choose collisions.
pub(super) fn is_unique<'a>(values: impl Iterator<Item = Data<'a>>) -> bool {
    let mut seen = BTreeSet::new();
    values.into_iter().all(|value| {
        let mut bytes = Vec::new();
        value.canonical(&mut bytes);
        seen.insert(bytes)
    })
}

fn atom(boolean: Option<bool>) -> u8 {
    match boolean {
        None => b'0',
        Some(false) => b'f',
        Some(true) => b't',
    }
}

fn sized(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&text.len().to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn array<'a>(items: impl Iterator<Item = Data<'a>>, out: &mut Vec<u8>) {
    out.push(b'[');
    for item in items {
        item.canonical(out);
    }
    out.push(b']');
}

fn object(mut members: Vec<(&str, Data<'_>)>, out: &mut Vec<u8>) {
    members.sort_unstable_by_key(|(name, _)| *name);
    out.push(b'{');
    for (name, value) in members {
        sized(name, out);
        value.canonical(out);
    }
    out.push(b'}');
}
