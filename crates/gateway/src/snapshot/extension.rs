//! `x-bartizan` in a description: what OpenAPI has no word for. The list of members is closed.

use model::{Finding, Place};
use openapi::{Description, Operation};
use serde_json::Value;

/// What an operation, or its path item, may say.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extension {
    /// Bytes of a request body beyond which it is refused, instead of `sizes.body_bytes_max`.
    pub(super) body_bytes_max: Option<usize>,
}

const BODY_BYTES_MAX: &str = "body_bytes_max";

/// A member that is not known is an error: what is meant to protect must not be passed over.
pub(super) fn of_operation(operation: &Operation) -> Result<Extension, Vec<Finding>> {
    let place = operation.extension_place.as_ref().unwrap_or(&operation.place);
    let members = match &operation.extension {
        Value::Null => return Ok(Extension::default()),
        Value::Object(members) => members,
        _ => return Err(vec![fault("`x-bartizan` is not an object".to_owned(), place)]),
    };
    let (mut extension, mut findings) = (Extension::default(), Vec::new());
    for (name, value) in members {
        if name != BODY_BYTES_MAX {
            findings.push(unknown(name, place));
            continue;
        }
        match value.as_u64().and_then(|bytes| usize::try_from(bytes).ok()) {
            Some(bytes) => extension.body_bytes_max = Some(bytes),
            None => findings.push(fault(format!("`{name}` is not a whole number of bytes"), place)),
        }
    }
    if findings.is_empty() { Ok(extension) } else { Err(findings) }
}

/// At the root nothing can be said yet.
pub(super) fn of_description(description: &Description) -> Vec<Finding> {
    let entry = Place::file(description.files.first().map_or_else(|| "".into(), |(name, _)| name.clone()));
    let place = description.extension_place.as_ref().unwrap_or(&entry);
    match &description.extension {
        Value::Null => Vec::new(),
        Value::Object(members) => members.keys().map(|name| unknown(name, place)).collect(),
        _ => vec![fault("`x-bartizan` is not an object".to_owned(), place)],
    }
}

fn unknown(name: &str, place: &Place) -> Finding {
    fault(format!("`x-bartizan` has no member `{name}` here"), place)
        .advice(format!("operations and path items may say `{BODY_BYTES_MAX}`"))
}

fn fault(sentence: String, place: &Place) -> Finding {
    Finding::error("B3005", sentence).at(place.clone(), "in this object")
}
