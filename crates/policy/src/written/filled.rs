//! Properties that the gateway writes in the caller's place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use openapi::Operation;
use serde_json::Value;
use tape::Node;

use crate::bindings::Preset;
use crate::decide::Subject;
use crate::declared::declared;
use crate::path::Path;

/// The value that a preset gives a property, or why it cannot.
///
/// # Errors
/// The sentence names the claim that is missing, never a value.
pub fn preset_value(
    preset: &Preset,
    subject: &Subject,
    claims: &serde_json::Map<String, Value>,
) -> Result<Value, String> {
    match preset {
        Preset::Subject if subject.subject.is_empty() => Err("the caller owns nothing here".to_owned()),
        Preset::Subject => Ok(Value::String(subject.subject.to_string())),
        Preset::Tenant => Ok(Value::String(subject.tenant.to_string())),
        Preset::Value(value) => Ok(value.clone()),
        Preset::Claim(name) => {
            crate::claim(claims, name).cloned().ok_or_else(|| format!("the token has no claim `{name}`"))
        }
    }
}

/// Top-level properties of what a request's body holds at a path that its schema wants to be numbers.
pub fn numbers(operation: &Operation, at: &Path) -> BTreeSet<Arc<str>> {
    declared(operation, at.steps(), |property| property.is("integer") || property.is("number"))
}

/// Replacements that set properties of an object, over what the caller wrote there. `numbers` are those whose
/// schema wants a number.
pub fn set(
    object: Node<'_>,
    values: &BTreeMap<Arc<str>, Value>,
    numbers: &BTreeSet<Arc<str>>,
) -> Vec<(Range<usize>, Bytes)> {
    let mut spans = Vec::new();
    let mut added = String::new();
    for (name, value) in values {
        let text = match value {
            Value::String(digits) if numbers.contains(name) && is_whole_number(digits) => digits.clone(),
            other => other.to_string(),
        };
        match object.get(name) {
            Some(there) => spans.push((there.span(), Bytes::from(text))),
            None => {
                if !added.is_empty() {
                    added.push(',');
                }
                added.push_str(&Value::String(name.to_string()).to_string());
                added.push(':');
                added.push_str(&text);
            }
        }
    }
    if !added.is_empty() {
        if !object.is_empty() {
            added.push(',');
        }
        let start = object.span().start + 1;
        spans.push((start..start, Bytes::from(added)));
    }
    spans
}

pub(crate) fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && (digits == "0" || !digits.starts_with('0'))
}
