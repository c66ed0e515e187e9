//! The keywords that we check ourselves: exact limits and `multipleOf`, bounded `pattern`, number formats, and what translation adds.

use std::cmp::Ordering;

use fancy_regex::RegexBuilder;
use jsonschema::json::Node;
use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value};

use super::decimal::{Decimal, small_integer};
use super::instance::{Instance, Instances};

/// Steps of backtracking that one match may take; beyond that the value is refused.
pub(crate) const BACKTRACKS_MAX: usize = 10_000;
/// Reads that one backtracking match costs, so that many short strings cannot each take the bound above.
const BACKTRACKING_READS: u64 = 500;
/// Bytes of text that a linear match goes over for one read.
const BYTES_A_READ: u64 = 32;
/// Memory that one compiled pattern may take.
pub(crate) const PATTERN_BYTES_MAX: usize = 4 << 20;

/// What translation writes for `format` on numbers.
pub(crate) const NUMBER_FORMAT: &str = "numberFormat";
/// What translation writes below the property that tells the branches of `oneOf` and `anyOf` apart.
pub(crate) const DISCRIMINATOR: &str = "discriminator";
/// What translation writes for a property that may not be sent in this direction.
pub(crate) const READ_ONLY: &str = "readOnly";
pub(crate) const WRITE_ONLY: &str = "writeOnly";

type Made<'a> = Result<Box<dyn for<'i> Keyword<'i, Instances>>, ValidationError<'a>>;

/// A keyword as a predicate. What was expected is told from the schema, by the violation's maker.
struct Predicate<F> {
    holds: F,
    /// For the violation; made of the schema alone.
    message: String,
}

impl<'i, F: Fn(Instance<'_>) -> bool + Send + Sync> Keyword<'i, Instances> for Predicate<F> {
    fn validate(&self, instance: Instance<'i>) -> Result<(), ValidationError<'i>> {
        if (self.holds)(instance) { Ok(()) } else { Err(ValidationError::custom(self.message.clone())) }
    }

    fn is_valid(&self, instance: Instance<'i>) -> bool {
        (self.holds)(instance)
    }
}

fn predicate<'a>(holds: impl Fn(Instance<'_>) -> bool + Send + Sync + 'static) -> Made<'a> {
    Ok(Box::new(Predicate { holds, message: String::new() }))
}

/// `multipleOf`, without rounding.
pub(crate) fn multiple_of<'a>(_: &'a Map<String, Value>, value: &'a Value, _: Location) -> Made<'a> {
    let Value::Number(number) = value else { return Err(ValidationError::custom("is not a number")) };
    let text = number.to_string();
    if Decimal::parse("0").is_multiple_of(&Decimal::parse(&text)).is_none() {
        return Err(ValidationError::custom("is not a number that can be divided by"));
    }
    predicate(move |instance| {
        let divisor = Decimal::parse(&text);
        instance.as_number().is_none_or(|number| number.decimal().is_multiple_of(&divisor).unwrap_or(false))
    })
}

/// The keywords that [`limit`] makes, and how each is told before its limit.
pub(crate) const LIMITS: &[(&str, &str)] = &[
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("exclusiveMinimum", "more than"),
    ("exclusiveMaximum", "less than"),
];

/// One of [`LIMITS`], without rounding: a float would take `5.00000000000000000001` for `5`.
pub(crate) fn limit<'a>(keyword: &'static str, value: &'a Value) -> Made<'a> {
    let Value::Number(number) = value else { return Err(ValidationError::custom("is not a number")) };
    let holds: fn(Ordering) -> bool = match keyword {
        "minimum" => Ordering::is_ge,
        "maximum" => Ordering::is_le,
        "exclusiveMinimum" => Ordering::is_gt,
        _ => Ordering::is_lt,
    };
    let text = number.to_string();
    let message = text.clone();
    let small_limit = small_integer(&text);
    let within = move |instance: Instance<'_>| {
        instance.as_number().is_none_or(|number| {
            holds(match small_integer(number.text()).zip(small_limit) {
                Some((number, limit)) => number.cmp(&limit),
                None => number.decimal().compare(&Decimal::parse(&text)),
            })
        })
    };
    Ok(Box::new(Predicate { holds: within, message }))
}

/// `pattern`: in linear time where it can be, else with a bound on backtracking beyond which the value is refused.
pub(crate) fn pattern<'a>(_: &'a Map<String, Value>, value: &'a Value, _: Location) -> Made<'a> {
    let engine =
        value.as_str().and_then(Engine::new).ok_or_else(|| ValidationError::custom("is not a pattern"))?;
    predicate(move |instance| {
        instance.as_string().is_none_or(|text| instance.spend(engine.reads(&text)) && engine.is_match(&text))
    })
}

/// A compiled pattern (ECMA-262, as far as it can be translated).
pub(crate) enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl Engine {
    /// `None` when neither engine takes it.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
        let linear = regex::RegexBuilder::new(&translated).size_limit(PATTERN_BYTES_MAX).build();
        if let Ok(linear) = linear {
            return Some(Self::Linear(linear));
        }
        let mut builder = RegexBuilder::new(&translated);
        builder.backtrack_limit(BACKTRACKS_MAX).delegate_size_limit(PATTERN_BYTES_MAX);
        builder.build().ok().map(|engine| Self::Backtracking(Box::new(engine)))
    }

    pub(crate) fn is_linear(&self) -> bool {
        matches!(self, Self::Linear(_))
    }

    /// What one match costs.
    pub(crate) fn reads(&self, text: &str) -> u64 {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX) / BYTES_A_READ;
        length + if self.is_linear() { 1 } else { BACKTRACKING_READS }
    }

    /// `false` also when the bound is reached.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Linear(engine) => engine.is_match(text),
            Self::Backtracking(engine) => engine.is_match(text).unwrap_or(false),
        }
    }
}

/// `int32`, `int64`, `float`, `double` on numbers (the OpenAPI format registry).
pub(crate) fn number_format<'a>(_: &'a Map<String, Value>, value: &'a Value, _: Location) -> Made<'a> {
    let range: fn(&super::instance::Number<'_>) -> bool = match value.as_str() {
        Some("int8") => |number| within(number, i8::MIN.into(), i8::MAX.into()),
        Some("uint8") => |number| within(number, 0, u8::MAX.into()),
        Some("int16") => |number| within(number, i16::MIN.into(), i16::MAX.into()),
        Some("uint16") => |number| within(number, 0, u16::MAX.into()),
        Some("int32") => |number| within(number, i32::MIN.into(), i32::MAX.into()),
        Some("uint32") => |number| within(number, 0, u32::MAX.into()),
        Some("int64") => |number| within(number, i64::MIN.into(), i64::MAX.into()),
        Some("uint64") => |number| within(number, 0, u64::MAX.into()),
        Some("float") => |number| number.text().parse().is_ok_and(|value: f32| value.is_finite()),
        Some("double") => |number| number.text().parse().is_ok_and(|value: f64| value.is_finite()),
        _ => return Err(ValidationError::custom("is not a format of numbers")),
    };
    predicate(move |instance| instance.as_number().is_none_or(|number| range(&number)))
}

/// The formats that [`number_format`] knows.
pub(crate) const NUMBER_FORMATS: &[&str] =
    &["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float", "double"];

fn within(number: &super::instance::Number<'_>, low: i128, high: i128) -> bool {
    number.decimal().to_i128().is_some_and(|value| (low..=high).contains(&value))
}

/// The names that a discriminator may have, in the order of the branches.
pub(crate) fn discriminator<'a>(_: &'a Map<String, Value>, value: &'a Value, _: Location) -> Made<'a> {
    let names: Vec<String> =
        value.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    predicate(move |instance| instance.as_string().is_some_and(|text| names.iter().any(|name| *name == text)))
}

/// A value that may not be there at all.
pub(crate) fn never<'a>(_: &'a Map<String, Value>, _: &'a Value, _: Location) -> Made<'a> {
    predicate(|_| false)
}

/// `byte`: base64 with padding (RFC 4648 section 4).
pub(crate) fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
