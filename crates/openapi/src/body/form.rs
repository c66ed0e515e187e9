//! `application/x-www-form-urlencoded` (WHATWG URL section 5.1), decoded by the schema and `encoding`.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::text;
use super::{BODY, BodyFault, Decoded, grouped, malformed};
use crate::content::{Media, PartEncoding};
use crate::parameter::Style;
use crate::schema::{Schema, Shapes};

/// One field; the value is still encoded, because delimiters are told from data before decoding.
pub(super) struct Field<'b> {
    name: Arc<str>,
    raw: &'b [u8],
}

/// Splits a form. Malformed escapes and text that is not UTF-8 are refused.
pub(super) fn parse(bytes: &[u8], fields_max: u32) -> Result<Vec<Field<'_>>, BodyFault> {
    let mut fields = Vec::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if fields.len() >= fields_max as usize {
            return Err(malformed("it has too many fields"));
        }
        let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(split);
        let raw = value.get(1..).unwrap_or_default();
        let name = decoded(name)?;
        decoded(raw)?;
        fields.push(Field { name: name.into(), raw });
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
    fn value(&self, values: &[&[u8]], found: &mut Decoded) -> Result<Value, BodyFault> {
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
                return values.iter().map(|raw| Ok(Value::from(decoded(raw)?.into_owned()))).collect();
            }
            found.violations.push(BODY.member(self.name, "type", "a single value"));
            return Ok(Value::Null);
        };
        if is_array && !is_json {
            let item = self.shapes.items().shape();
            let pieces = pieces(raw, style).into_iter();
            return pieces.map(|piece| Ok(text::value(&decoded(piece)?, item))).collect();
        }
        if styled && !explode && shape.object && shape.is_container() {
            return self.flat_object(raw, style, found);
        }
        self.single(raw, &self.shapes, is_json, found)
    }

    /// One text: JSON where the schema takes objects or arrays only (OpenAPI 3.0 section 4.7.15, `contentType`).
    fn single(
        &self,
        raw: &[u8],
        shapes: &Shapes<'_>,
        is_json: bool,
        found: &mut Decoded,
    ) -> Result<Value, BodyFault> {
        let text = decoded(raw)?;
        let shape = shapes.shape();
        if !is_json && !shape.is_container() {
            return Ok(text::value(&text, shape));
        }
        match tape::json::parse(text.into_owned().into(), self.limits) {
            Ok(tape) => Ok(tape.root().to_value()),
            Err(_) => {
                found.violations.push(BODY.member(self.name, "contentType", "a text in JSON"));
                Ok(Value::Null)
            }
        }
    }

    /// `key,value,key,value`.
    fn flat_object(&self, raw: &[u8], style: Style, found: &mut Decoded) -> Result<Value, BodyFault> {
        let mut object = Map::new();
        for pair in pieces(raw, style).chunks(2) {
            let [key, value] = pair else {
                found.violations.push(BODY.member(self.name, "style", "names and values in turn"));
                break;
            };
            let key = decoded(key)?.into_owned();
            let shape = self.shapes.property(&key).shape();
            object.insert(key, text::value(&decoded(value)?, shape));
        }
        Ok(Value::Object(object))
    }
}

/// `filter[name]` where `filter` is declared as a deep object: its two parts.
fn deep_parent<'n>(name: &'n str, media: &Media) -> Option<(&'n str, &'n str)> {
    let (property, rest) = name.split_once('[')?;
    let key = rest.strip_suffix(']').filter(|key| !key.is_empty() && !key.contains(['[', ']']))?;
    let encoding = media.encoding.iter().find(|encoding| &*encoding.property == property)?;
    (encoding.style == Some(Style::DeepObject)).then_some((property, key))
}

/// Splits a value that is still encoded at the delimiter of its style.
fn pieces(raw: &[u8], style: Style) -> Vec<&[u8]> {
    if raw.is_empty() {
        return Vec::new();
    }
    let (plain, escaped): (&[u8], &[u8]) = match style {
        Style::SpaceDelimited => (b"+", b"%20"),
        Style::PipeDelimited => (b"|", b"%7c"),
        Style::TabDelimited => (b"\t", b"%09"),
        _ => (b",", b""),
    };
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < raw.len() {
        let rest = raw.get(at..).unwrap_or_default();
        let is_escaped = !escaped.is_empty()
            && rest.get(..escaped.len()).is_some_and(|head| head.eq_ignore_ascii_case(escaped));
        let taken = if rest.starts_with(plain) {
            plain.len()
        } else if is_escaped {
            escaped.len()
        } else {
            at += 1;
            continue;
        };
        pieces.push(raw.get(start..at).unwrap_or_default());
        at += taken;
        start = at;
    }
    pieces.push(raw.get(start..).unwrap_or_default());
    pieces
}

/// `+` is a space; every `%` has two hexadecimal digits; the result is UTF-8.
fn decoded(raw: &[u8]) -> Result<Cow<'_, str>, BodyFault> {
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if digits.is_none() {
            return Err(malformed("it has an escape that is not well-formed"));
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    if raw.iter().all(|byte| *byte != b'+' && *byte != b'%') {
        return std::str::from_utf8(raw).map(Cow::Borrowed).map_err(|_| malformed("it is not UTF-8"));
    }
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes: Vec<u8> = percent_decode(&spaced).collect();
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| malformed("it is not UTF-8"))
}

#[cfg(test)]
mod tests;
