//! From what the validator says to what a caller may read: place, pointer, keyword, and what the description asks for.

use std::borrow::Cow;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use model::Violation;
use serde_json::Value;

use super::keywords;

/// Violations that are told at once.
pub(crate) const VIOLATIONS_MAX: usize = 20;
/// Characters of `expected`.
const EXPECTED_CHARS_MAX: usize = 120;
/// Characters of a name that is declared.
const NAME_CHARS_MAX: usize = 64;
/// Characters of a whole pointer.
const POINTER_CHARS_MAX: usize = 512;
/// How deep the branches of `oneOf` and `anyOf` are followed.
const DEPTH_MAX: u32 = 4;

/// What the violations of one value have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    /// `body`, `query`, ...
    pub(crate) place: &'a str,
    /// Stands before each pointer: a parameter's name, a property's pointer, or nothing.
    pub(crate) pointer: &'a str,
}

impl Site<'_> {
    /// A violation at a place below the value.
    pub(crate) fn violation(&self, below: &str, rule: &str, expected: &str) -> Violation {
        let pointer = format!("{}{}", self.pointer, safe_pointer(below));
        Violation {
            place: self.place.to_owned(),
            pointer: bounded(&pointer, POINTER_CHARS_MAX),
            rule: rule.to_owned(),
            expected: bounded(expected, EXPECTED_CHARS_MAX),
        }
    }

    /// A violation at a member of the value, by its name.
    pub(crate) fn member(&self, name: &str, rule: &str, expected: &str) -> Violation {
        self.violation(&format!("/{}", escaped(name)), rule, expected)
    }
}

/// Turns errors into violations: at most [`VIOLATIONS_MAX`], each once, in the order of the validator.
pub(crate) fn violations<'e>(
    errors: impl Iterator<Item = ValidationError<'e>>,
    site: Site<'_>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for error in errors {
        tell(&error, site, 0, &mut found);
        if found.len() >= VIOLATIONS_MAX {
            break;
        }
    }
    // What a branch declares counts only where the branch holds, so beside another violation these may be untrue.
    let is_left_over = |violation: &Violation| violation.rule.starts_with("unevaluated");
    if !found.iter().all(is_left_over) {
        found.retain(|violation| !is_left_over(violation));
    }
    found
}

fn tell(error: &ValidationError<'_>, site: Site<'_>, depth: u32, found: &mut Vec<Violation>) {
    let path = &declared_or_plain(error);
    let mut push = |violation: Violation| {
        if !found.contains(&violation) && found.len() < VIOLATIONS_MAX {
            found.push(violation);
        }
    };
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            match best(context, error.instance_path().as_str()).filter(|_| depth < DEPTH_MAX) {
                Some(branch) => {
                    for error in branch {
                        tell(error, site, depth + 1, found);
                    }
                }
                None => push(site.violation(path, error.kind().keyword(), "one of the alternatives")),
            }
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let below = format!("{path}/{}", escaped(&model::shown_name(name)));
                push(site.violation(&below, error.kind().keyword(), "only declared properties"));
            }
        }
        kind => push(site.violation(path, rule(kind), &expected(kind))),
    }
}

/// The place in the value. A name in it is told when the schema declares it, which shows in how the validator came
/// there, and otherwise as [`model::shown_name`] has it.
fn declared_or_plain(error: &ValidationError<'_>) -> String {
    let way = error.evaluation_path().as_str();
    let is_declared = |token: &str| {
        way.match_indices("/properties/").any(|(at, before)| {
            let rest = way.get(at + before.len()..).unwrap_or_default();
            rest.strip_prefix(token).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let tokens = error.instance_path().as_str().split('/').map(|token| match token {
        token if model::is_index(token) || is_declared(token) => Cow::Borrowed(token),
        token => model::shown_name(token),
    });
    tokens.collect::<Vec<_>>().join("/")
}

/// The one branch that was meant: the only one whose type is the value's. None when the explanation ended early, which
/// leaves branches without a reason.
fn best<'c, 'e>(context: &'c [Vec<ValidationError<'e>>], path: &str) -> Option<&'c Vec<ValidationError<'e>>> {
    let other_kind = |error: &ValidationError<'_>| {
        error.instance_path().as_str() == path && matches!(error.kind(), ValidationErrorKind::Type { .. })
    };
    if context.iter().any(Vec::is_empty) {
        return None;
    }
    let mut meant = context.iter().filter(|branch| !branch.iter().any(other_kind));
    let first = meant.next()?;
    meant.next().is_none().then_some(first)
}

fn rule(kind: &ValidationErrorKind) -> &str {
    match kind {
        ValidationErrorKind::Custom { keyword, .. } if keyword == keywords::NUMBER_FORMAT => "format",
        ValidationErrorKind::FalseSchema => "not",
        kind => kind.keyword(),
    }
}

/// Made from the schema alone.
fn expected(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::AdditionalItems { limit } => format!("at most {limit} items"),
        Kind::Constant { expected_value } => format!("exactly {expected_value}"),
        Kind::Contains => "an item that matches `contains`".to_owned(),
        Kind::Custom { keyword, message } => custom(keyword, message),
        Kind::Enum { options } => list("one of ", options),
        Kind::FalseSchema => "no value".to_owned(),
        Kind::Format { format } => format!("format {format}"),
        Kind::MaxItems { limit } => format!("at most {limit} items"),
        Kind::MaxLength { limit } => format!("at most {limit} characters"),
        Kind::MaxProperties { limit } => format!("at most {limit} properties"),
        Kind::MinItems { limit } => format!("at least {limit} items"),
        Kind::MinLength { limit } => format!("at least {limit} characters"),
        Kind::MinProperties { limit } => format!("at least {limit} properties"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::Not { .. } => "a value that does not match `not`".to_owned(),
        Kind::OneOfMultipleValid { .. } => "exactly one of the alternatives".to_owned(),
        Kind::Pattern { pattern } => format!("pattern {pattern}"),
        Kind::PropertyNames { error } => format!("property names: {}", expected(error.kind())),
        Kind::Required { property } => format!("property {property}"),
        Kind::Type { kind: TypeKind::Single(kind) } => format!("type {}", name(*kind)),
        Kind::Type { kind: TypeKind::Multiple(kinds) } => {
            let names: Vec<&str> = kinds.iter().map(name).collect();
            format!("type {}", names.join(" or "))
        }
        Kind::UnevaluatedItems { .. } => "only declared items".to_owned(),
        Kind::UniqueItems => "items that all differ".to_owned(),
        _ => "a value that matches".to_owned(),
    }
}

fn custom(keyword: &str, message: &str) -> String {
    if let Some((_, words)) = keywords::LIMITS.iter().find(|(limit, _)| *limit == keyword) {
        return format!("{words} {message}");
    }
    match keyword {
        keywords::READ_ONLY => "not to be sent, because it is read-only",
        keywords::WRITE_ONLY => "not to be sent, because it is write-only",
        keywords::DISCRIMINATOR => "the name of one of the alternatives",
        keywords::NUMBER_FORMAT => "a number within the format's range",
        "pattern" => "a text that matches the pattern",
        "multipleOf" => "a multiple",
        _ => "a value that matches",
    }
    .to_owned()
}

fn list(prefix: &str, options: &Value) -> String {
    let mut text = prefix.to_owned();
    for (at, option) in options.as_array().into_iter().flatten().enumerate() {
        if text.chars().count() > EXPECTED_CHARS_MAX {
            break;
        }
        text.push_str(if at == 0 { "" } else { ", " });
        text.push_str(&option.to_string());
    }
    text
}

fn name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "array",
        JsonType::Boolean => "boolean",
        JsonType::Integer => "integer",
        JsonType::Null => "null",
        JsonType::Number => "number",
        JsonType::Object => "object",
        JsonType::String => "string",
    }
}

/// A pointer whose names may be the caller's: each bounded, control characters written out.
fn safe_pointer(pointer: &str) -> String {
    let mut safe = String::with_capacity(pointer.len());
    for (at, token) in pointer.split('/').enumerate() {
        if at > 0 {
            safe.push('/');
        }
        let printable: String = token.chars().flat_map(printable).collect();
        safe.push_str(&bounded(&printable, NAME_CHARS_MAX));
    }
    safe
}

/// A character, or `\u{..}` for one that has no place in a log line: controls, and what turns text round.
fn printable(character: char) -> Vec<char> {
    if model::is_hidden(character) { character.escape_unicode().collect() } else { vec![character] }
}

/// RFC 6901 section 3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn bounded(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect(),
    }
}
