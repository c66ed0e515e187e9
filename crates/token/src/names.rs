//! Claims that name somebody or something, read in one way only: whoever passes a name on passes on exactly what was
//! compared here.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::Fault;

/// A claim such as `sub` or `client_id`; `None` when it is absent. It must be a string that [`is_name`].
pub fn name<'c>(claims: &'c Map<String, Value>, claim: &'static str) -> Result<Option<&'c str>, Fault> {
    match claims.get(claim) {
        None => Ok(None),
        Some(Value::String(text)) if is_name(text) => Ok(Some(text)),
        Some(_) => Err(Fault::Name(claim)),
    }
}

/// Whether a text means the same to everybody who reads it as a header field: printable ASCII (RFC 9110 section 5.5
/// advises against anything else), and no space at either end, which every reader of HTTP/1 removes.
pub fn is_name(text: &str) -> bool {
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    is_printable && !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ')
}

/// The value of `scope` or `scp`: a string with spaces (RFC 6749 section 3.3, RFC 9068 section 2.2.3) or an array of
/// strings, each scope once. An element of an array is one scope and never several.
pub fn scopes(value: Option<&Value>) -> Result<Vec<String>, Fault> {
    let names: Vec<&str> = match value {
        None => Vec::new(),
        Some(Value::String(text)) => text.split(' ').filter(|name| !name.is_empty()).collect(),
        Some(Value::Array(names)) => names
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .ok_or(Fault::Claim("a scope is not a string"))?,
        Some(_) => return Err(Fault::Claim("the scopes are neither a string nor an array of strings")),
    };
    let mut scopes: Vec<String> = Vec::new();
    for name in names {
        if !is_scope(name) {
            return Err(Fault::Claim("a scope is empty or holds a character that no scope has"));
        }
        if !scopes.iter().any(|known| known == name) {
            scopes.push(name.to_owned());
        }
    }
    Ok(scopes)
}

/// A `scope-token` (RFC 6749 section 3.3).
pub fn is_scope(text: &str) -> bool {
    let is_allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_allowed)
}
