//! Which arguments the description proves to be harmless: numbers, truth values, UUIDs, dates, words of a list. Only
//! where the checks that hold requests against the description refuse.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use openapi::{Documents, Form, Location, MediaKind, Node, Operation, SchemaRef};
use seclang::input::Input;

/// Formats whose values hold letters, digits and a few marks only.
const FORMATS: [&str; 6] = ["uuid", "date", "date-time", "time", "ipv4", "ipv6"];
/// Schemas that are looked at for one operation, and how deep they stand.
const SCHEMAS_MAX: usize = 2_000;
const DEPTH_MAX: usize = 16;
/// The longest value that is passed over.
const VALUE_BYTES_MAX: usize = 64;

/// Names of arguments, as rules call them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Proven {
    query: BTreeSet<String>,
    /// `json.items.*.count`: a star stands for the index of an item.
    body: BTreeSet<String>,
}

impl Proven {
    /// `query` and `body`: whether what does not match the description is refused there.
    pub(crate) fn of(operation: &Operation, query: bool, body: bool) -> Self {
        let mut proven = Self::default();
        for parameter in operation.parameters.iter().filter(|_| query) {
            let Form::Styled { schema: Some(schema), .. } = &parameter.form else { continue };
            if parameter.location == Location::Query && is_proven(schema.node(), &schema.documents) {
                proven.query.insert(parameter.name.to_string());
            }
        }
        let content = operation.body.iter().filter(|_| body).flat_map(|body| &body.content);
        for media in content {
            let range = openapi::ContentType::parse(&media.range);
            let schema =
                media.schema.as_ref().filter(|_| range.is_some_and(|one| one.kind() == MediaKind::Json));
            if let Some(schema) = schema {
                Walk { proven: &mut proven.body, documents: &schema.documents, left: SCHEMAS_MAX }
                    .schema(schema);
            }
        }
        proven
    }

    pub(crate) fn of_query(&self, input: &mut Input) {
        if !self.query.is_empty() {
            input.prove_query(&|name, value| {
                is_plain(value) && std::str::from_utf8(name).is_ok_and(|name| self.query.contains(name))
            });
        }
    }

    pub(crate) fn of_body(&self, input: &mut Input) {
        if !self.body.is_empty() {
            input.prove_body(&|name, value| {
                is_plain(value)
                    && std::str::from_utf8(name).is_ok_and(|name| self.body.contains(&starred(name)))
            });
        }
    }
}

/// The name of a member can be written in two ways, one of them by a name with a dot in it: so the value has to look
/// harmless as well.
fn is_plain(value: &[u8]) -> bool {
    let is_harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"-+:._".contains(byte);
    value.len() <= VALUE_BYTES_MAX && value.iter().all(is_harmless)
}

/// `json.items.array_3.count` and `json.items.3.count` as `json.items.*.count`.
fn starred(name: &str) -> String {
    let is_index = |part: &str| {
        let digits = part.strip_prefix("array_").unwrap_or(part);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut out = String::with_capacity(name.len());
    for (position, part) in name.split('.').enumerate() {
        if position > 0 {
            out.push('.');
        }
        out.push_str(if is_index(part) { "*" } else { part });
    }
    out
}

struct Walk<'p, 'd> {
    proven: &'p mut BTreeSet<String>,
    documents: &'d Documents,
    left: usize,
}

impl<'d> Walk<'_, 'd> {
    fn schema(&mut self, schema: &'d SchemaRef) {
        self.node(schema.node(), "json", 0);
    }

    fn node(&mut self, node: Node<'d>, path: &str, depth: usize) {
        if self.left == 0 || depth > DEPTH_MAX {
            return;
        }
        self.left -= 1;
        if is_proven(node, self.documents) {
            self.proven.insert(path.to_owned());
            return;
        }
        for node in parts(node, self.documents) {
            for (name, property) in node.get("properties").into_iter().flat_map(Node::members) {
                self.node(property, &format!("{path}.{name}"), depth + 1);
            }
            if let Some(items) = node.get("items") {
                self.node(items, &format!("{path}.*"), depth + 1);
            }
        }
    }
}

/// The schema with all that has to hold besides: `$ref` and `allOf`, never one of several.
fn parts<'d>(node: Node<'d>, documents: &'d Documents) -> Vec<Node<'d>> {
    let mut found: Vec<Node<'d>> = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if found.len() >= 100 || found.iter().any(|known| known.id() == node.id()) {
            continue;
        }
        found.push(node);
        if let Some(target) = node.get("$ref").and_then(Node::as_str) {
            open.extend(documents.resolve(node.id(), target).ok());
        }
        open.extend(node.get("allOf").into_iter().flat_map(Node::items));
    }
    found
}

fn is_proven(node: Node<'_>, documents: &Documents) -> bool {
    parts(node, documents).into_iter().any(|node| {
        let of_types = node.get("type").is_some_and(|types| match types.as_str() {
            Some(word) => is_plain_type(word),
            None => {
                types.items().all(|word| word.as_str().is_some_and(is_plain_type))
                    && types.items().next().is_some()
            }
        });
        let is_text = node.get("type").and_then(Node::as_str) == Some("string");
        let of_format =
            node.get("format").and_then(Node::as_str).is_some_and(|format| FORMATS.contains(&format));
        of_types || (is_text && of_format) || node.get("enum").is_some() || node.get("const").is_some()
    })
}

fn is_plain_type(word: &str) -> bool {
    matches!(word, "integer" | "number" | "boolean" | "null")
}
