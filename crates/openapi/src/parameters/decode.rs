//! Values from texts, by style, explode and the kinds that the schema takes.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::Kinds;
use super::split::{Delimiter, Escapes};
use crate::parameter::Style;

/// The texts of one parameter as a request has them, still escaped.
#[derive(Debug)]
pub(crate) enum Pieces<'r> {
    /// All of the values under the parameter's name, at least one.
    Values(Vec<&'r str>),
    /// The properties of an object, each with a name of its own: exploded `form`, and `deepObject`.
    Members(Vec<(String, &'r str)>),
}

/// How a parameter is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing<'p> {
    pub(crate) name: &'p str,
    pub(crate) style: Style,
    pub(crate) explode: bool,
    pub(crate) escapes: Escapes,
}

/// Why a text is no value of its style. `Display` says what the style asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undecodable {
    #[error("well-formed percent escapes")]
    Escape,
    #[error("UTF-8")]
    Utf8,
    #[error("no NUL character")]
    Nul,
    #[error("semicolons that are escaped")]
    Semicolon,
    #[error("commas that are escaped")]
    Comma,
    #[error("items without an escaped delimiter in them")]
    EscapedDelimiter,
    #[error("one value")]
    Repeated,
    #[error("each property once")]
    RepeatedProperty,
    #[error("the form of the parameter's style")]
    Form,
}

/// What a text may mean, before kinds are considered.
enum Parts {
    Scalar(String),
    Items(Vec<String>),
    Members(Vec<(String, Value)>),
    Texts(Vec<(String, String)>),
}

/// The values that the texts may stand for, the likeliest first; at least one. There are several where the schema
/// leaves the kind open: `12` may be a number or a string, and it is valid when one of them is.
pub(crate) fn decode(
    writing: Writing<'_>,
    kinds: &Kinds,
    pieces: &Pieces<'_>,
) -> Result<Vec<Value>, Undecodable> {
    let mut values = Vec::new();
    let mut fault = Undecodable::Form;
    for parts in readings(writing, kinds, pieces) {
        match parts {
            Ok(parts) => {
                let typed = parts.value(kinds, true);
                let textual = parts.value(kinds, false);
                let both = typed != textual;
                values.push(typed);
                if both {
                    values.push(textual);
                }
            }
            Err(found) => fault = found,
        }
    }
    if values.is_empty() { Err(fault) } else { Ok(values) }
}

/// One reading for each shape that the schema takes: an object, a list, a text.
fn readings(writing: Writing<'_>, kinds: &Kinds, pieces: &Pieces<'_>) -> Vec<Result<Parts, Undecodable>> {
    let values = match pieces {
        Pieces::Members(members) => return vec![properties(writing, kinds, members)],
        Pieces::Values(values) => values,
    };
    let mut readings = Vec::new();
    if kinds.may_be_object() {
        readings.push(one(values).and_then(|raw| members(writing, raw)).map(Parts::Texts));
    }
    if kinds.may_be_array() {
        readings.push(if is_repeated(writing) {
            values.iter().map(|raw| writing.escapes.decode(raw)).collect::<Result<_, _>>().map(Parts::Items)
        } else {
            one(values).and_then(|raw| items(writing, raw)).map(Parts::Items)
        });
    }
    if kinds.may_be_scalar() || readings.is_empty() {
        readings.push(one(values).and_then(|raw| scalar(writing, raw)));
    }
    readings
}

/// Whether the items of a list stand under the name once each.
fn is_repeated(writing: Writing<'_>) -> bool {
    let styles =
        [Style::Form, Style::Cookie, Style::SpaceDelimited, Style::PipeDelimited, Style::TabDelimited];
    writing.explode && styles.contains(&writing.style)
}

fn one<'r>(values: &[&'r str]) -> Result<&'r str, Undecodable> {
    match values {
        [value] => Ok(value),
        _ => Err(Undecodable::Repeated),
    }
}

fn scalar(writing: Writing<'_>, raw: &str) -> Result<Parts, Undecodable> {
    let text = match writing.style {
        Style::Label => raw.strip_prefix('.').ok_or(Undecodable::Form)?,
        Style::Matrix => {
            let text = matrix_value(raw, writing.name)?;
            if text.contains(';') {
                return Err(Undecodable::Form);
            }
            text
        }
        Style::DeepObject => return Err(Undecodable::Form),
        _ => raw,
    };
    writing.escapes.decode(text).map(Parts::Scalar)
}

/// `;name=value`, or `;name` for an empty value (RFC 6570 section 3.2.7).
fn matrix_value<'r>(raw: &'r str, name: &str) -> Result<&'r str, Undecodable> {
    let rest = raw.strip_prefix(';').ok_or(Undecodable::Form)?;
    let (found, value) = rest.split_once('=').unwrap_or((rest, ""));
    if Escapes::Percent(super::Plus::Literal).decode(found)? != name {
        return Err(Undecodable::Form);
    }
    Ok(value)
}

/// The items of a list in one text.
pub(crate) fn items(writing: Writing<'_>, raw: &str) -> Result<Vec<String>, Undecodable> {
    let Writing { style, explode, escapes, name } = writing;
    let delimiter = Delimiter::of(style, explode);
    let raw_items = match style {
        Style::Label => delimiter.split(raw.strip_prefix('.').ok_or(Undecodable::Form)?),
        Style::Matrix if explode => {
            let parts = delimiter.split(raw.strip_prefix(';').ok_or(Undecodable::Form)?);
            let values = parts.iter().map(|part| {
                let (found, value) = part.split_once('=').unwrap_or((part, ""));
                if escapes.decode(found)? == name { Ok(value) } else { Err(Undecodable::Form) }
            });
            values.collect::<Result<Vec<_>, _>>()?
        }
        Style::Matrix => delimiter.split(matrix_value(raw, name)?),
        Style::DeepObject => return Err(Undecodable::Form),
        _ => delimiter.split(raw),
    };
    let items = raw_items.into_iter().map(|item| {
        let item = if escapes == Escapes::None { item.trim_matches([' ', '\t']) } else { item };
        delimiter.item(item, escapes)
    });
    items.collect()
}

/// The properties of an object in one text, each name once.
pub(crate) fn members(writing: Writing<'_>, raw: &str) -> Result<Vec<(String, String)>, Undecodable> {
    let Writing { style, explode, escapes, name } = writing;
    let delimiter = Delimiter::of(style, explode);
    let text = match style {
        Style::Label => raw.strip_prefix('.').ok_or(Undecodable::Form)?,
        Style::Matrix if explode => raw.strip_prefix(';').ok_or(Undecodable::Form)?,
        Style::Matrix => matrix_value(raw, name)?,
        Style::DeepObject => return Err(Undecodable::Form),
        _ => raw,
    };
    let trim = |text: &str| -> Result<String, Undecodable> {
        let text = if escapes == Escapes::None { text.trim_matches([' ', '\t']) } else { text };
        delimiter.item(text, escapes)
    };
    let parts = delimiter.split(text);
    let mut members: Vec<(String, String)> = Vec::new();
    if explode {
        for part in parts {
            let (name, value) = part.split_once('=').ok_or(Undecodable::Form)?;
            members.push((trim(name)?, trim(value)?));
        }
    } else {
        for pair in parts.chunks(2) {
            let [name, value] = pair else { return Err(Undecodable::Form) };
            members.push((trim(name)?, trim(value)?));
        }
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(Undecodable::RepeatedProperty);
    }
    Ok(members)
}

/// An object whose properties came under names of their own. A property that is a list may come several times.
fn properties(writing: Writing<'_>, kinds: &Kinds, members: &[(String, &str)]) -> Result<Parts, Undecodable> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, raw) in members {
        found.entry(name).or_default().push(writing.escapes.decode(raw)?);
    }
    let mut plain = Vec::new();
    let mut values = Vec::new();
    for (name, mut texts) in found {
        let property = kinds.property(name);
        if property.is_some_and(Kinds::may_be_array) {
            let items = texts.iter().map(|text| typed(text, property.and_then(Kinds::item), true));
            values.push((name.to_owned(), Value::Array(items.collect())));
        } else {
            match (texts.pop(), texts.is_empty()) {
                (Some(text), true) => plain.push((name.to_owned(), text)),
                _ => return Err(Undecodable::RepeatedProperty),
            }
        }
    }
    if values.is_empty() {
        return Ok(Parts::Texts(plain));
    }
    values.extend(plain.into_iter().map(|(name, text)| {
        let value = typed(&text, kinds.property(&name), true);
        (name, value)
    }));
    Ok(Parts::Members(values))
}

impl Parts {
    /// `prefer_kinds`: a text becomes a number, boolean or null where the schema takes one; else only where it does
    /// not take a string.
    fn value(&self, kinds: &Kinds, prefer_kinds: bool) -> Value {
        match self {
            Self::Scalar(text) => typed(text, Some(kinds), prefer_kinds),
            Self::Items(items) => {
                Value::Array(items.iter().map(|item| typed(item, kinds.item(), prefer_kinds)).collect())
            }
            Self::Texts(members) => {
                let typed = |(name, text): &(String, String)| {
                    (name.clone(), typed(text, kinds.property(name), prefer_kinds))
                };
                Value::Object(members.iter().map(typed).collect())
            }
            Self::Members(members) => Value::Object(members.iter().cloned().collect::<Map<_, _>>()),
        }
    }
}

fn typed(text: &str, kinds: Option<&Kinds>, prefer_kinds: bool) -> Value {
    let string = || Value::String(text.to_owned());
    let Some(own) = kinds.map(|kinds| kinds.own) else {
        return string();
    };
    if own.string && !prefer_kinds {
        return string();
    }
    if own.boolean && matches!(text, "true" | "false") {
        return Value::Bool(text == "true");
    }
    if own.null && !own.string && matches!(text, "" | "null") {
        return Value::Null;
    }
    match number(text).filter(|_| own.number) {
        Some(number) => Value::Number(number),
        None => string(),
    }
}

/// A number in the grammar of JSON: no sign but a minus, no leading zeros, no white space.
fn number(text: &str) -> Option<Number> {
    let begins = text.bytes().next().is_some_and(|byte| byte == b'-' || byte.is_ascii_digit());
    let ends = text.bytes().next_back().is_some_and(|byte| byte.is_ascii_digit());
    if begins && ends { serde_json::from_str(text).ok() } else { None }
}
