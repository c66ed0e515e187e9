//! Numbers by their text, exact; those of few digits without going over them twice.

use std::cmp::Ordering;

use serde_json::Value;

use crate::schema::decimal::Decimal;

/// Digits whose number, with as many zeros again, fits 128 bits.
const DIGITS_MAX: usize = 18;

#[allow(clippy::indexing_slicing, reason = "made when the program is compiled")]
const POWERS_OF_TEN: [i64; DIGITS_MAX + 1] = {
    let mut powers = [1; DIGITS_MAX + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

#[derive(Default)]
pub(super) struct NumberRule {
    integer: bool,
    limits: Vec<Limit>,
    multiple_of: Option<Text>,
    range: Option<Range>,
}

struct Limit {
    holds: fn(Ordering) -> bool,
    limit: Text,
}

/// A number of the schema.
struct Text {
    text: String,
    small: Option<Small>,
}

/// What `format` says of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Integers(i128, i128),
    Float,
    /// Which every number of a tape is within.
    Double,
}

/// `digits / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Small {
    digits: i64,
    scale: u32,
}

impl NumberRule {
    /// Adds a keyword; `None` when it is none of numbers, or not what it should be.
    pub(super) fn add(&mut self, keyword: &str, value: &Value) -> Option<()> {
        if keyword == crate::schema::keywords::NUMBER_FORMAT {
            self.range = Some(range(value.as_str()?)?);
            return Some(());
        }
        let Value::Number(number) = value else { return None };
        let text = number.to_string();
        let number = Text { small: small(&text), text };
        let holds: fn(Ordering) -> bool = match keyword {
            "minimum" => Ordering::is_ge,
            "maximum" => Ordering::is_le,
            "exclusiveMinimum" => Ordering::is_gt,
            "exclusiveMaximum" => Ordering::is_lt,
            "multipleOf" => {
                self.multiple_of = Some(number);
                return Some(());
            }
            _ => return None,
        };
        self.limits.push(Limit { holds, limit: number });
        Some(())
    }

    pub(super) fn only_integers(&mut self) {
        self.integer = true;
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        let number = small(text);
        (!self.integer || is_integer(text, number))
            && self.limits.iter().all(|limit| (limit.holds)(compare(text, number, &limit.limit)))
            && self.multiple_of.as_ref().is_none_or(|divisor| is_multiple(text, number, divisor))
            && self.range.is_none_or(|range| within(text, number, range))
    }
}

fn range(format: &str) -> Option<Range> {
    Some(match format {
        "int8" => Range::Integers(i8::MIN.into(), i8::MAX.into()),
        "uint8" => Range::Integers(0, u8::MAX.into()),
        "int16" => Range::Integers(i16::MIN.into(), i16::MAX.into()),
        "uint16" => Range::Integers(0, u16::MAX.into()),
        "int32" => Range::Integers(i32::MIN.into(), i32::MAX.into()),
        "uint32" => Range::Integers(0, u32::MAX.into()),
        "int64" => Range::Integers(i64::MIN.into(), i64::MAX.into()),
        "uint64" => Range::Integers(0, u64::MAX.into()),
        "float" => Range::Float,
        "double" => Range::Double,
        _ => return None,
    })
}

fn within(text: &str, number: Option<Small>, range: Range) -> bool {
    match range {
        Range::Integers(low, high) => {
            let value = match number {
                Some(Small { digits, scale: 0 }) => Some(digits.into()),
                _ => Decimal::parse(text).to_i128(),
            };
            value.is_some_and(|value| (low..=high).contains(&value))
        }
        Range::Float => text.parse().is_ok_and(|value: f32| value.is_finite()),
        Range::Double => true,
    }
}

/// JSON Schema's integers: `1.0` is one.
fn is_integer(text: &str, number: Option<Small>) -> bool {
    number.is_some_and(|number| number.scale == 0) || Decimal::parse(text).is_integer()
}

fn compare(text: &str, number: Option<Small>, limit: &Text) -> Ordering {
    match number.zip(limit.small) {
        Some((number, limit)) if number.scale == limit.scale => number.digits.cmp(&limit.digits),
        Some((number, limit)) => scaled(number, limit.scale).cmp(&scaled(limit, number.scale)),
        None => Decimal::parse(text).compare(&Decimal::parse(&limit.text)),
    }
}

fn is_multiple(text: &str, number: Option<Small>, divisor: &Text) -> bool {
    if let Some((number, divisor)) = number.zip(divisor.small)
        && divisor.digits != 0
    {
        return scaled(number, divisor.scale) % scaled(divisor, number.scale) == 0;
    }
    Decimal::parse(text).is_multiple_of(&Decimal::parse(&divisor.text)).unwrap_or(false)
}

fn scaled(number: Small, scale: u32) -> i128 {
    let power = POWERS_OF_TEN.get(scale as usize).copied().unwrap_or_default();
    i128::from(number.digits) * i128::from(power)
}

/// A number of few digits, with or without a point.
fn small(text: &str) -> Option<Small> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if digits.is_empty() || digits.len() > DIGITS_MAX {
        return None;
    }
    let (mut sum, mut scale, mut point) = (0_i64, 0, false);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                sum = sum * 10 + i64::from(byte - b'0');
                scale += u32::from(point);
            }
            b'.' => point = true,
            _ => return None,
        }
    }
    Some(Small { digits: if negative { -sum } else { sum }, scale })
}

#[cfg(test)]
mod tests;
