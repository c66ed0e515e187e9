//! Strict JSON objects: the one place where this room reads JSON.

use bytes::Bytes;
use serde_json::{Map, Value};
use tape::{Kind, Limits, Node};

const DEPTH_MAX: u32 = 32;
const VALUES_MAX: u32 = 4_096;
const MEMBERS_MAX: u32 = 1_024;

/// One JSON object of a token, its header or its claims: UTF-8, no member twice, nothing after it.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let limits = Limits {
        depth_max: DEPTH_MAX,
        values_max: VALUES_MAX,
        members_max: MEMBERS_MAX,
        bytes_max: crate::TOKEN_BYTES_MAX,
    };
    parse(bytes, &limits)
}

/// One JSON object of at most `bytes_max` bytes.
pub(crate) fn document(bytes: &[u8], bytes_max: usize) -> Option<Map<String, Value>> {
    parse(bytes, &Limits { depth_max: DEPTH_MAX, bytes_max, ..Limits::default() })
}

fn parse(bytes: &[u8], limits: &Limits) -> Option<Map<String, Value>> {
    let tape = tape::json::parse(Bytes::copy_from_slice(bytes), limits).ok()?;
    match value(tape.root())? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// As `Node::to_value`, but a number that is not finite refuses the whole instead of becoming null. Recursive as
/// deep as `DEPTH_MAX`.
fn value(node: Node<'_>) -> Option<Value> {
    Some(match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(node.as_bool()?),
        Kind::Number => Value::Number(node.number()?.parse().ok()?),
        Kind::String => Value::String(node.as_str()?.to_owned()),
        Kind::Array => Value::Array(node.items().map(value).collect::<Option<_>>()?),
        Kind::Object => {
            let members = node.members().map(|member| Some((member.key.to_owned(), value(member.value)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}
