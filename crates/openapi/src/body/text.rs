//! Text as a value: read as a number or a boolean only where the schema takes no string.

use serde_json::Value;

use super::Decoded;
use crate::schema::Shape;

/// The value that a text stands for, given the kinds the schema takes.
pub(super) fn value(text: &str, shape: Shape) -> Value {
    let number = || if is_number(text) { text.parse().ok().map(Value::Number) } else { None };
    match text {
        _ if shape.string => Value::from(text),
        "true" if shape.boolean => Value::Bool(true),
        "false" if shape.boolean => Value::Bool(false),
        "" if shape.null => Value::Null,
        _ if shape.number => number().unwrap_or_else(|| Value::from(text)),
        _ => Value::from(text),
    }
}

pub(super) fn coerce(text: &str, shape: Shape) -> Decoded {
    Decoded::from(value(text, shape))
}

/// The grammar of RFC 8259 section 6, which is stricter than most parsers of numbers.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
