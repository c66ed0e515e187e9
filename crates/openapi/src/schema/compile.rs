//! From a translated bundle to a validator: which keywords, formats and engines are in force.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use super::instance::Instances;
use super::keywords;

/// Compiles a bundle that [`super::bundle`] made.
///
/// # Errors
/// What the compiler says of the schema, and where in the bundle; made of the schema alone.
pub(crate) fn compile(bundle: &Value) -> Result<Validator<Instances>, String> {
    let options = jsonschema::options_for::<Instances>();
    let options = keywords::LIMITS.iter().fold(options, |options, (keyword, _)| {
        options.with_keyword(*keyword, |_, value, _| keywords::limit(keyword, value))
    });
    options
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(keywords::PATTERN_BYTES_MAX))
        .with_keyword("multipleOf", keywords::multiple_of)
        .with_keyword("pattern", keywords::pattern)
        .with_keyword(keywords::NUMBER_FORMAT, keywords::number_format)
        .with_keyword(keywords::DISCRIMINATOR, keywords::discriminator)
        .with_keyword(keywords::READ_ONLY, keywords::never)
        .with_keyword(keywords::WRITE_ONLY, keywords::never)
        .with_format("byte", keywords::is_base64)
        .with_format("int32", |text: &str| text.parse::<i32>().is_ok())
        .with_format("int64", |text: &str| text.parse::<i64>().is_ok())
        .with_format("float", |text: &str| text.parse::<f32>().is_ok_and(f32::is_finite))
        .with_format("double", |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite))
        .build(bundle)
        .map_err(|error| {
            let mut sentence = format!("{error} at {}", error.schema_path());
            sentence.truncate(sentence.floor_char_boundary(300));
            sentence
        })
}

/// The formats of strings that are checked; any other name is an annotation.
pub(crate) const STRING_FORMATS: &[&str] = &[
    "byte",
    "date",
    "date-time",
    "double",
    "duration",
    "email",
    "float",
    "hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];
