//! What a scalar is by the core schema (YAML 1.2.2 section 10.3.2).

use std::borrow::Cow;

use granit_parser::Tag;

use crate::FaultKind;
use crate::json::finite;

/// A scalar as JSON knows it.
#[derive(Debug, PartialEq)]
pub(super) enum Resolved<'v> {
    Null,
    Bool(bool),
    /// In the grammar of JSON.
    Number(Cow<'v, str>),
    String(Cow<'v, str>),
    /// A member's name.
    Name(Cow<'v, str>),
}

/// Plain scalars are resolved by their form, others are strings, unless a tag says what they are.
pub(super) fn resolve<'v>(value: &'v str, plain: bool, tag: Option<&Tag>) -> Result<Resolved<'v>, FaultKind> {
    let string = Ok(Resolved::String(Cow::Borrowed(value)));
    let Some(tag) = tag else {
        return if plain { by_form(value) } else { string };
    };
    let resolved = match tag.core_suffix() {
        Some("null" | "bool" | "int" | "float") => by_form(value)?,
        _ => return string,
    };
    match (tag.core_suffix(), &resolved) {
        (Some("null"), Resolved::Null) | (Some("bool"), Resolved::Bool(_)) => Ok(resolved),
        (Some("float"), Resolved::Number(_)) => Ok(resolved),
        (Some("int"), Resolved::Number(number)) if !number.contains(['.', 'e', 'E']) => Ok(resolved),
        _ => Err(FaultKind::Tag),
    }
}

fn by_form(value: &str) -> Result<Resolved<'_>, FaultKind> {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Resolved::Null),
        "true" | "True" | "TRUE" => return Ok(Resolved::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Resolved::Bool(false)),
        _ => {}
    }
    match number(value) {
        Some(number) if finite(&number) => Ok(Resolved::Number(number)),
        Some(_) => Err(FaultKind::Number),
        None => Ok(Resolved::String(Cow::Borrowed(value))),
    }
}

/// The JSON form of a number of the core schema; none when it is not one. Infinities and NaN are none.
fn number(value: &str) -> Option<Cow<'_, str>> {
    let first = value.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = value.strip_prefix(prefix) {
            let all = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
            // Too long for 128 bits is still a number, and not a representable one.
            let decimal =
                u128::from_str_radix(digits, radix).map_or_else(|_| "1e999".to_owned(), |n| n.to_string());
            return all.then_some(Cow::Owned(decimal));
        }
    }
    let (sign, rest) = match first {
        b'-' => ("-", value.get(1..)?),
        b'+' => ("", value.get(1..)?),
        _ => ("", value),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, rest.get(at..)?),
        None => (rest, ""),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction.unwrap_or_default()) {
        return None;
    }
    if whole.is_empty() && fraction.unwrap_or_default().is_empty() {
        return None;
    }
    if !exponent.is_empty() {
        let power = exponent.get(1..)?;
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        if power.is_empty() || !digits(power) {
            return None;
        }
    }
    let trimmed = whole.trim_start_matches('0');
    let whole_json = if trimmed.is_empty() { "0" } else { trimmed };
    let json = match fraction {
        None => format!("{sign}{whole_json}{exponent}"),
        Some("") => format!("{sign}{whole_json}.0{exponent}"),
        Some(fraction) => format!("{sign}{whole_json}.{fraction}{exponent}"),
    };
    Some(if json == value { Cow::Borrowed(value) } else { Cow::Owned(json) })
}
