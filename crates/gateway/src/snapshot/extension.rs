//! `x-bartizan` in a description: what OpenAPI has no word for. The list of members is closed.

use model::{Finding, Place};
use openapi::{Description, Operation};
use serde_json::Value;

use crate::settings::{CLASS, COST, COST_MAX};
use crate::tunnel::WebSocket;
use crate::waf::Exclude;

/// What an operation, or its path item, may say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Extension {
    /// Bytes of a request body beyond which it is refused, instead of `sizes.body_bytes_max`.
    pub(super) body_bytes_max: Option<usize>,
    /// Whether to have it done twice is as good as once; its method says so where it does not.
    pub(super) idempotent: Option<bool>,
    /// It begins WebSockets, and answers nothing else.
    pub(super) websocket: Option<WebSocket>,
}

const WEBSOCKET: &str = "websocket";

const WAF: &str = "waf";

const IDEMPOTENT: &str = "idempotent";

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
        if name == IDEMPOTENT {
            match value.as_bool() {
                Some(said) => extension.idempotent = Some(said),
                None => findings.push(fault(format!("`{name}` is neither true nor false"), place)),
            }
            continue;
        }
        if name == WAF {
            findings.extend(Exclude::read_all(value).err().map(|what| fault(what, place)));
            continue;
        }
        if name == WEBSOCKET {
            match WebSocket::read(value) {
                Ok(Some(_)) if operation.method != "GET" => {
                    findings.push(fault("a WebSocket begins with GET and no other method".to_owned(), place));
                }
                Ok(websocket) => extension.websocket = websocket,
                Err(what) => findings.push(fault(what, place)),
            }
            continue;
        }
        if name != BODY_BYTES_MAX {
            findings.extend(of_class(name, value, place, OF_OPERATIONS));
            continue;
        }
        match value.as_u64().and_then(|bytes| usize::try_from(bytes).ok()) {
            Some(bytes) => extension.body_bytes_max = Some(bytes),
            None => findings.push(fault(format!("`{name}` is not a whole number of bytes"), place)),
        }
    }
    if findings.is_empty() { Ok(extension) } else { Err(findings) }
}

/// At the root stands what holds for every operation that does not say otherwise.
pub(super) fn of_description(description: &Description) -> Vec<Finding> {
    let entry = Place::file(description.files.first().map_or_else(|| "".into(), |(name, _)| name.clone()));
    let place = description.extension_place.as_ref().unwrap_or(&entry);
    match &description.extension {
        Value::Null => Vec::new(),
        Value::Object(members) => {
            members.iter().filter_map(|(name, value)| of_class(name, value, place, OF_ROOTS)).collect()
        }
        _ => vec![fault("`x-bartizan` is not an object".to_owned(), place)],
    }
}

const OF_OPERATIONS: &str = "operations and path items may say `body_bytes_max`, `idempotent`, `websocket`, `waf`, `class` and `cost`";
const OF_ROOTS: &str = "a description as a whole may say `class` and `cost`";

/// `class` and `cost`, which are read where classes are; here it is judged whether they can be.
fn of_class(name: &str, value: &Value, place: &Place, may_say: &str) -> Option<Finding> {
    match name {
        CLASS if value.is_string() => None,
        CLASS => Some(fault(format!("`{name}` is not the name of a class"), place)),
        COST if value.as_u64().is_some_and(|cost| cost <= COST_MAX) => None,
        COST => Some(fault(format!("`{name}` is not a whole number from 0 to {COST_MAX}"), place)),
        _ => Some(unknown(name, place).advice(may_say)),
    }
}

fn unknown(name: &str, place: &Place) -> Finding {
    fault(format!("`x-bartizan` has no member `{name}` here"), place)
}

fn fault(sentence: String, place: &Place) -> Finding {
    Finding::error("B3005", sentence).at(place.clone(), "in this object")
}
