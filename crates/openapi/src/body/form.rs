//! `application/x-www-form-urlencoded` (WHATWG URL section 5.1), decoded by the schema and `encoding`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::text;
use super::{BODY, BodyFault, Decoded, grouped, malformed};
use crate::content::{Media, PartEncoding};
use crate::parameter::Style;
use crate::parameters::{Escapes, Plus, Undecodable, Writing, items, members, query};
use crate::schema::{Schema, Shapes};

/// One field; the value is still encoded, because delimiters are told from data before decoding.
pub(super) struct Field<'b> {
    name: Arc<str>,
    raw: &'b str,
}

const ESCAPES: Escapes = Escapes::Percent(Plus::Space);
/// A field by which some servers choose the character encoding of the whole form.
const CHARSET: &str = "_charset_";

/// Splits a form. Malformed escapes, semicolons, NUL and text that is not UTF-8 are refused.
pub(super) fn parse(bytes: &[u8], fields_max: u32) -> Result<Vec<Field<'_>>, BodyFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| undecodable(Undecodable::Utf8))?;
    let mut fields = Vec::new();
    for pair in query(text) {
        if fields.len() >= fields_max as usize {
            return Err(malformed("it has too many fields"));
        }
        let pair = pair.map_err(undecodable)?;
        let value = decoded(pair.raw)?;
        if pair.name == CHARSET && !value.eq_ignore_ascii_case("utf-8") {
            return Err(malformed("it asks for another character encoding than UTF-8"));
        }
        fields.push(Field { name: pair.name.into(), raw: pair.raw });
    }
    Ok(fields)
}

/// The object that the fields stand for.
pub(super) fn decode(
    fields: &[Field<'_>],
    schema: &Schema,
    media: &Media,
    limits: &tape::Limits,
) -> Result<Decoded, BodyFault> {
    let shapes = schema.shapes();
    let mut found = Decoded { value: Value::Null, violations: Vec::new() };
    let mut object = Map::new();
    let (deep, flat): (Vec<_>, Vec<_>) =
        fields.iter().partition(|field| deep_parent(&field.name, media).is_some());
    for (name, values) in grouped(flat.into_iter().map(|field| (Arc::clone(&field.name), field.raw))) {
        let encoding = media.encoding.iter().find(|encoding| encoding.property == name);
        let field = Named { name: &name, shapes: shapes.property(&name), encoding, limits };
        let value = field.value(&values, &mut found)?;
        object.insert(name.to_string(), value);
    }
    for field in deep {
        let Some((property, key)) = deep_parent(&field.name, media) else { continue };
        let shapes = shapes.property(property).property(key);
        let value = text::value(&decoded(field.raw)?, shapes.shape());
        let holder = object.entry(property).or_insert_with(|| Value::Object(Map::new()));
        let repeated =
            holder.as_object_mut().is_none_or(|holder| holder.insert(key.to_owned(), value).is_some());
        if repeated {
            found.violations.push(BODY.member(property, "style", "each key once, as `name[key]=value`"));
        }
    }
    found.value = Value::Object(object);
    Ok(found)
}

/// One property with all that is declared of it.
struct Named<'a> {
    name: &'a str,
    shapes: Shapes<'a>,
    encoding: Option<&'a PartEncoding>,
    limits: &'a tape::Limits,
}

impl Named<'_> {
    fn value(&self, values: &[&str], found: &mut Decoded) -> Result<Value, BodyFault> {
        let shape = self.shapes.shape();
        let style = self.encoding.and_then(|encoding| encoding.style).unwrap_or(Style::Form);
        let explode = self.encoding.and_then(|encoding| encoding.explode).unwrap_or(style == Style::Form);
        let styled =
            self.encoding.is_some_and(|encoding| encoding.style.is_some() || encoding.explode.is_some());
        let is_json = self.encoding.is_some_and(|encoding| {
            encoding.content_type.as_deref().is_some_and(|kind| kind.contains("json"))
        });
        let is_array = shape.array && !shape.is_any() && (values.len() > 1 || !shape.string);
        if is_array && explode && !is_json {
            let items = self.shapes.items();
            return values.iter().map(|raw| self.single(raw, &items, is_json, found)).collect();
        }
        let [raw] = values else {
            // Any number of values where nothing is declared; else one.
            if self.shapes.is_empty() || shape.is_any() {
                return values.iter().map(|raw| decoded(raw).map(Value::from)).collect();
            }
            found.violations.push(BODY.member(self.name, "type", "a single value"));
            return Ok(Value::Null);
        };
        let writing = Writing { name: self.name, style, explode, escapes: ESCAPES };
        if is_array && !is_json {
            let item = self.shapes.items().shape();
            let values = |items: Vec<String>| items.iter().map(|text| text::value(text, item)).collect();
            return Ok(self.styled(items(writing, raw).map(values), found));
        }
        if styled && !explode && shape.object && shape.is_container() {
            let property = |(key, text): (String, String)| {
                let value = text::value(&text, self.shapes.property(&key).shape());
                (key, value)
            };
            let object = |members: Vec<_>| Value::Object(members.into_iter().map(property).collect());
            return Ok(self.styled(members(writing, raw).map(object), found));
        }
        self.single(raw, &self.shapes, is_json, found)
    }

    /// One text: JSON where the schema takes objects or arrays only (OpenAPI 3.0 section 4.7.15, `contentType`).
    fn single(
        &self,
        raw: &str,
        shapes: &Shapes<'_>,
        is_json: bool,
        found: &mut Decoded,
    ) -> Result<Value, BodyFault> {
        let text = decoded(raw)?;
        let shape = shapes.shape();
        if !is_json && !shape.is_container() {
            return Ok(text::value(&text, shape));
        }
        match tape::json::parse(text.into(), self.limits) {
            Ok(tape) => Ok(tape.root().to_value()),
            Err(_) => {
                found.violations.push(BODY.member(self.name, "contentType", "a text in JSON"));
                Ok(Value::Null)
            }
        }
    }

    /// What was read by its style, or the violation that it is not written so.
    fn styled(&self, read: Result<Value, Undecodable>, found: &mut Decoded) -> Value {
        read.unwrap_or_else(|fault| {
            found.violations.push(BODY.member(self.name, "style", &fault.to_string()));
            Value::Null
        })
    }
}

/// `filter[name]` where `filter` is declared as a deep object: its two parts.
fn deep_parent<'n>(name: &'n str, media: &Media) -> Option<(&'n str, &'n str)> {
    let (property, rest) = name.split_once('[')?;
    let key = rest.strip_suffix(']').filter(|key| !key.is_empty() && !key.contains(['[', ']']))?;
    let encoding = media.encoding.iter().find(|encoding| &*encoding.property == property)?;
    (encoding.style == Some(Style::DeepObject)).then_some((property, key))
}

fn decoded(raw: &str) -> Result<String, BodyFault> {
    ESCAPES.decode(raw).map_err(undecodable)
}

fn undecodable(fault: Undecodable) -> BodyFault {
    malformed(match fault {
        Undecodable::Utf8 => "it is not UTF-8",
        Undecodable::Nul => "it has a NUL character",
        Undecodable::Semicolon => "it has a semicolon that is not escaped",
        _ => "it has an escape that is not well-formed",
    })
}

#[cfg(test)]
mod tests;
