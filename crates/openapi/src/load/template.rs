//! Path templates: which parameters they have, and which of them mean the same requests.

use crate::path::normal_literal;

/// As many as the router takes.
const SEGMENTS_MAX: usize = 256;

/// A template that can match something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// Parameter names, in order.
    pub(super) names: Vec<String>,
    /// The template with its names left out: two templates with one shape match the same requests.
    pub(super) shape: String,
}

/// Reads `/orders/{id}/lines/{line}.json`. The error is a fragment for a sentence.
pub(super) fn parse(template: &str) -> Result<Template, &'static str> {
    let (mut names, mut shape) = (Vec::new(), String::with_capacity(template.len()));
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        if literal.contains('}') {
            return Err("a brace is closed that was not opened");
        }
        let (name, after) = after.split_once('}').ok_or("a brace is not closed")?;
        if name.is_empty() {
            return Err("a parameter has no name");
        }
        if name.contains(['/', '{', '?', '#']) {
            return Err("a parameter's name has a character that no name can have");
        }
        if names.iter().any(|known| known == name) {
            return Err("a parameter occurs twice");
        }
        shape.push_str(&normal(literal)?);
        shape.push_str("{}");
        if after.starts_with('{') {
            return Err("two parameters follow one another without anything between them");
        }
        names.push(name.to_owned());
        rest = after;
    }
    if rest.contains('}') {
        return Err("a brace is closed that was not opened");
    }
    shape.push_str(&normal(rest)?);
    let inner = shape.strip_prefix('/').unwrap_or(&shape);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    if !inner.is_empty() && inner.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err("it has an empty or dotted segment, which no request that is let in has");
    }
    if shape.split('/').count() > SEGMENTS_MAX {
        return Err("it has too many segments");
    }
    Ok(Template { names, shape })
}

/// Literal text in the form that requests are matched in: `/caf%C3%A9` and `/café` are one path.
fn normal(literal: &str) -> Result<String, &'static str> {
    if literal.contains(['?', '#']) {
        return Err("a template has no query and no fragment");
    }
    let parts: Option<Vec<String>> = literal.split('/').map(normal_literal).collect();
    parts.map(|parts| parts.join("/")).ok_or("it has a character that no path in normal form has")
}
