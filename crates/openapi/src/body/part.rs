//! The parts of a form as one object, each read as its media type and the schema of its property say.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::multipart::Part;
use super::{BODY, BodyFault, Decoded, grouped, malformed, text};
use crate::content::{Media, PartEncoding};
use crate::media::{ContentType, MediaKind};
use crate::schema::{Schema, Shapes};

/// The object that the parts stand for.
pub(super) fn decode(
    parts: &[Part],
    schema: &Schema,
    media: &Media,
    limits: &tape::Limits,
) -> Result<Decoded, BodyFault> {
    let shapes = schema.shapes();
    let mut found = Decoded { value: Value::Null, violations: Vec::new() };
    let mut object = Map::new();
    for (name, parts) in grouped(parts.iter().map(|part| (Arc::from(part.name.as_str()), part))) {
        let encoding = media.encoding.iter().find(|encoding| encoding.property == name);
        let property = shapes.property(&name);
        let shape = property.shape();
        let mut several = Vec::new();
        let is_array = shape.array && !shape.is_any() && !is_one_json(&parts);
        let single = if is_array { property.items() } else { property.clone() };
        for part in &parts {
            if let Some(encoding) = encoding {
                declared(part, encoding, &mut found);
            }
            several.push(value(part, &single, limits, &mut found)?);
        }
        let open = property.is_empty() || shape.is_any();
        if several.len() > 1 && !is_array && !open {
            found.violations.push(BODY.member(&name, "type", "a single part"));
        }
        let one = !is_array && several.len() == 1;
        let value = if one { several.pop().unwrap_or_default() } else { Value::Array(several) };
        object.insert(name.to_string(), value);
    }
    found.value = Value::Object(object);
    Ok(found)
}

/// A whole array as one JSON part.
fn is_one_json(parts: &[&Part]) -> bool {
    matches!(parts, [part] if part.content_type.as_ref().is_some_and(|kind| kind.kind() == MediaKind::Json))
}

/// What `encoding` asks of a part: its media type, and headers.
fn declared(part: &Part, encoding: &PartEncoding, found: &mut Decoded) {
    if let Some(ranges) = &encoding.content_type {
        let plain = ContentType { essence: "text/plain".to_owned(), parameters: Vec::new() };
        let sent = part.content_type.as_ref().unwrap_or(&plain);
        if !ranges.split(',').any(|range| sent.fit(range.trim()).is_some()) {
            found.violations.push(BODY.member(&part.name, "contentType", ranges));
        }
    }
    for header in encoding.headers.iter().filter(|header| header.required) {
        if !part.headers.iter().any(|name| name.eq_ignore_ascii_case(&header.name)) {
            let expected = format!("header {}", header.name);
            found.violations.push(BODY.member(&part.name, "headers", &expected));
        }
    }
}

/// The part's name; one that nothing is declared of is the caller's own word.
fn named<'a>(part: &'a Part, shapes: &Shapes<'_>) -> Cow<'a, str> {
    if shapes.is_empty() { model::shown_name(&part.name) } else { Cow::Borrowed(&part.name) }
}

fn value(
    part: &Part,
    shapes: &Shapes<'_>,
    limits: &tape::Limits,
    found: &mut Decoded,
) -> Result<Value, BodyFault> {
    if part.content_type.as_ref().is_some_and(|kind| !kind.is_utf8()) {
        found.violations.push(BODY.member(&named(part, shapes), "contentType", "text in UTF-8"));
        return Ok(Value::Null);
    }
    let kind = part.content_type.as_ref().map(ContentType::kind);
    let shape = shapes.shape();
    // An object without a media type of its own is JSON (OpenAPI 3.0 section 4.7.15).
    let untyped = matches!(kind, None | Some(MediaKind::Text));
    let is_json =
        kind == Some(MediaKind::Json) || (untyped && part.filename.is_none() && shape.is_container());
    if is_json {
        return Ok(match tape::json::parse(part.body.clone(), limits) {
            Ok(tape) => tape.root().to_value(),
            Err(_) => {
                found.violations.push(BODY.member(&named(part, shapes), "contentType", "well-formed JSON"));
                Value::Null
            }
        });
    }
    match std::str::from_utf8(&part.body) {
        Ok(text) if untyped && part.filename.is_none() && text.contains('\0') => {
            Err(malformed("a part that is text has a NUL character"))
        }
        Ok(text) if part.filename.is_none() => Ok(text::value(text, shape)),
        Ok(text) => Ok(Value::from(text)),
        Err(_) if untyped && part.filename.is_none() => Err(malformed("a part that is text is not UTF-8")),
        // Octets as characters of the same number, so that lengths count bytes.
        Err(_) => Ok(part.body.iter().map(|byte| char::from(*byte)).collect::<String>().into()),
    }
}
