//! Parameters whose value is a document of a media type.

use bytes::Bytes;
use serde_json::Value;

use super::plan::{Planned, Way};
use super::{Fault, Outcome, Presence, check_values, place};
use crate::parameter::{Parameter, Style};
use crate::parameters::{Escapes, Kinds, Pieces, Plus, Writing, decode, query};

/// What a text is taken for.
pub(super) enum Content {
    Json,
    /// `application/x-www-form-urlencoded`: an object.
    Form(Kinds),
    /// A string.
    Text,
}

impl Content {
    pub(super) fn of(range: &str, kinds: Kinds) -> Self {
        let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form(kinds),
            other if other.ends_with("+json") => Self::Json,
            _ => Self::Text,
        }
    }
}

/// Checks a decoded text.
pub(super) fn check(parameter: &Parameter, planned: &Planned, content: &Content, text: &str) -> Outcome {
    match content {
        Content::Json => check_json(parameter, planned, text),
        Content::Form(kinds) => check_form(parameter, planned, kinds, text),
        Content::Text => check_values(parameter, planned, &[Value::String(text.to_owned())]),
    }
}

/// Checks the whole query as one value (OpenAPI 3.2 section 4.12.1).
pub(super) fn check_querystring(parameter: &Parameter, planned: &Planned, raw: Option<&str>) -> Outcome {
    let Some(raw) = raw.filter(|raw| !raw.is_empty()) else { return Ok(Presence::Absent) };
    match &planned.way {
        // A form is escaped in itself.
        Way::Content(Content::Form(kinds)) => check_form(parameter, planned, kinds, raw),
        Way::Content(content) => {
            let text =
                Escapes::Percent(Plus::Literal).decode(raw).map_err(|fault| vec![Fault::from(fault)])?;
            check(parameter, planned, content, &text)
        }
        Way::Styled { .. } => Err(vec![Fault::Content("a value of the declared media type")]),
    }
}

fn check_json(parameter: &Parameter, planned: &Planned, text: &str) -> Outcome {
    let tape = tape::json::parse(Bytes::copy_from_slice(text.as_bytes()), &tape::Limits::default())
        .map_err(|_| vec![Fault::Content("well-formed JSON")])?;
    let Some(schema) = &planned.schema else { return Ok(Presence::Present) };
    match schema.check_node(tape.root(), place(parameter), &parameter.name) {
        Ok(()) => Ok(Presence::Present),
        Err(violations) => Err(violations.into_iter().map(Fault::Schema).collect()),
    }
}

fn check_form(parameter: &Parameter, planned: &Planned, kinds: &Kinds, raw: &str) -> Outcome {
    let pairs: Result<Vec<_>, _> = query(raw).map(|pair| pair.map(|pair| (pair.name, pair.raw))).collect();
    let members = pairs.map_err(|fault| vec![Fault::from(fault)])?;
    let escapes = Escapes::Percent(Plus::Space);
    let writing = Writing { name: &parameter.name, style: Style::Form, explode: true, escapes };
    let values =
        decode(writing, kinds, &Pieces::Members(members)).map_err(|fault| vec![Fault::from(fault)])?;
    check_values(parameter, planned, &values)
}
