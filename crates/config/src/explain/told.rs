//! Values out of an answer of the administration socket, safe to be shown.

use serde_json::Value;

use crate::render::field;

/// What stands at a JSON Pointer (RFC 6901); nothing where nothing does.
pub(super) fn at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(shown).unwrap_or_default()
}

/// The items of the array at a JSON Pointer; none where there is none.
pub(super) fn each<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => field(text),
        Value::Null => "-".to_owned(),
        other => field(&other.to_string()),
    }
}
