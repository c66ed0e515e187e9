//! Request bodies by media type: read strictly, decoded as declared, checked against the schema.

mod form;
mod multipart;
mod part;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use model::{Finding, Violation};
use serde_json::Value;
use tape::{Fault, Tape};

use crate::content::Media;
use crate::media::{ContentType, MediaKind, MediaRef};
use crate::schema::{Direction, Rules, Schema, Site};
use crate::{Operation, SchemaRef};

/// How strictly a body is checked, and within which limits its parts are read.
#[derive(Debug, Clone, Default)]
pub struct BodyStrictness {
    /// Objects may only hold declared properties, whatever `additionalProperties` says.
    pub only_declared_properties: bool,
    /// For JSON inside forms and parts, and for the number of form fields.
    pub limits: tape::Limits,
}

/// Why a body is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyFault {
    /// It is not what its media type says. The text is safe to show.
    Malformed(String),
    /// It does not match its schema; at most 20.
    Invalid(Vec<Violation>),
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => f.write_str(why),
            Self::Invalid(violations) => write!(f, "{} violations", violations.len()),
        }
    }
}

/// The names of the parts of a `multipart/form-data` body.
///
/// # Errors
/// [`BodyFault::Malformed`] where some reader may find other parts.
pub fn part_names(content_type: &str, bytes: &Bytes) -> Result<Vec<String>, BodyFault> {
    Ok(parts(content_type, bytes)?.into_iter().map(|part| part.name).collect())
}

fn parts(content_type: &str, bytes: &Bytes) -> Result<Vec<multipart::Part>, BodyFault> {
    let boundary = ContentType::parse(content_type).and_then(|sent| multipart::boundary(&sent));
    let boundary = boundary.ok_or_else(|| malformed("the boundary is missing or not well-formed"))?;
    multipart::parse(bytes, &boundary).map_err(|fault| BodyFault::Malformed(fault.to_string()))
}

pub(crate) const BODY: Site<'static> = Site { place: "body", pointer: "" };

impl Operation {
    /// Checks a whole request body. `json` gives the tape of `bytes`; it is called for JSON only.
    ///
    /// # Errors
    /// [`BodyFault`]. A media type that is not looked into (binary, XML) has none.
    pub fn check_body<'b>(
        &self,
        media: MediaRef,
        content_type: &str,
        bytes: &Bytes,
        json: impl FnOnce() -> Result<&'b Tape, &'b Fault>,
        strictness: &BodyStrictness,
    ) -> Result<(), BodyFault> {
        let Some(declared) = self.declared_media(media) else {
            return Err(BodyFault::Malformed("its media type is not declared".to_owned()));
        };
        let schema = declared.schema.as_ref();
        let rules = Rules {
            direction: Direction::Request,
            only_declared_properties: strictness.only_declared_properties,
        };
        let checks = declared.prepared.get(MediaChecks::default);
        let compiled = schema.map(|schema| checks.schema(schema, rules));
        match media.kind {
            MediaKind::Json => {
                let tape = json().map_err(|fault| BodyFault::Malformed(fault.to_string()))?;
                let checked = compiled.map(|schema| schema.check_node(tape.root(), BODY.place, ""));
                checked.unwrap_or(Ok(())).map_err(BodyFault::Invalid)
            }
            MediaKind::Form => {
                let fields = form::parse(bytes, strictness.limits.members_max)?;
                let Some(schema) = compiled else { return Ok(()) };
                check_value(schema, &form::decode(&fields, schema, declared, &strictness.limits)?)
            }
            MediaKind::Multipart => {
                let parts = parts(content_type, bytes)?;
                let Some(schema) = compiled else { return Ok(()) };
                check_value(schema, &part::decode(&parts, schema, declared, &strictness.limits)?)
            }
            MediaKind::Text => {
                let text = simdutf8::basic::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
                let Some(schema) = compiled else { return Ok(()) };
                let shape = schema.shapes().shape();
                if shape.string {
                    // A text as it is, which may be long, is not copied to be looked at.
                    return schema.check_text(text, BODY.place).map_err(BodyFault::Invalid);
                }
                check_value(schema, &text::coerce(text, shape))
            }
            MediaKind::Opaque => Ok(()),
        }
    }

    /// Compiles every schema of the operation's bodies and responses now, and says what is wrong with them.
    pub fn prepare_bodies(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for media in self.body.iter().flat_map(|body| &body.content) {
            let rules = Rules { direction: Direction::Request, only_declared_properties: false };
            findings.extend(prepare(media, rules));
        }
        let responses = self.responses.by_status.iter().map(|(_, response)| response);
        for media in responses.chain(&self.responses.default).flat_map(|response| &response.content) {
            let rules = Rules { direction: Direction::Response, only_declared_properties: false };
            findings.extend(prepare(media, rules));
        }
        let mut kept: Vec<Finding> = Vec::new();
        for finding in findings {
            if !kept.contains(&finding) {
                kept.push(finding);
            }
        }
        kept
    }
}

fn prepare(media: &Media, rules: Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    let sent = ContentType::parse(&media.range);
    let kind = sent.as_ref().map_or(MediaKind::Opaque, ContentType::kind);
    let is_range = media.is_range();
    if rules.direction == Direction::Request
        && kind == MediaKind::Opaque
        && !is_range
        && is_document(&media.range)
    {
        let sentence = format!("bodies of `{}` are passed without being looked into", media.range);
        findings.push(Finding::note("B1217", sentence).at(media.place.clone(), "this media type"));
    }
    if rules.direction == Direction::Request && is_range && !media.is_read() {
        let sentence = format!(
            "bodies of `{}` that are no JSON, form, multipart or text are passed without being looked into",
            media.range
        );
        findings.push(Finding::note("B1217", sentence).at(media.place.clone(), "this media type"));
    }
    if let Some(schema) = &media.schema
        && (kind != MediaKind::Opaque || is_range)
    {
        let checks = media.prepared.get(MediaChecks::default);
        findings.extend_from_slice(checks.schema(schema, rules).findings());
    }
    findings
}

/// Structured media types that we do not read; images and octets are not expected to be.
fn is_document(range: &str) -> bool {
    let range = range.to_ascii_lowercase();
    ["xml", "yaml", "multipart/", "json-seq", "jsonl", "ndjson", "protobuf", "cbor", "msgpack", "graphql"]
        .iter()
        .any(|part| range.contains(part))
}

fn check_value(schema: &Schema, decoded: &Decoded) -> Result<(), BodyFault> {
    if !decoded.violations.is_empty() {
        let mut violations = decoded.violations.clone();
        violations.truncate(crate::schema::VIOLATIONS_MAX);
        return Err(BodyFault::Invalid(violations));
    }
    schema.check_value(&decoded.value, BODY.place, "").map_err(BodyFault::Invalid)
}

fn malformed(why: &str) -> BodyFault {
    BodyFault::Malformed(why.to_owned())
}

/// A value that was read from text, with what could not be read as declared.
pub(crate) struct Decoded {
    pub(crate) value: Value,
    pub(crate) violations: Vec<Violation>,
}

impl From<Value> for Decoded {
    fn from(value: Value) -> Self {
        Self { value, violations: Vec::new() }
    }
}

/// The compiled schemas of one media type, each made when it is first needed.
#[derive(Default)]
pub(crate) struct MediaChecks {
    request: OnceLock<Schema>,
    request_strict: OnceLock<Schema>,
    response: OnceLock<Schema>,
}

impl MediaChecks {
    pub(crate) fn schema(&self, source: &SchemaRef, rules: Rules) -> &Schema {
        let slot = match (rules.direction, rules.only_declared_properties) {
            (Direction::Request, false) => &self.request,
            (Direction::Request, true) => &self.request_strict,
            (Direction::Response, _) => &self.response,
        };
        slot.get_or_init(|| Schema::compile(source, rules))
    }
}

/// Values that share a name, in the order in which they came.
pub(crate) fn grouped<T>(named: impl Iterator<Item = (Arc<str>, T)>) -> Vec<(Arc<str>, Vec<T>)> {
    let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut groups: Vec<(Arc<str>, Vec<T>)> = Vec::new();
    for (name, value) in named {
        let place = *places.entry(Arc::clone(&name)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
