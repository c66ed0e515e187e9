//! From the text of parameters to values that a schema can judge: styles, escapes, and the kinds a schema asks for.

mod decode;
mod kinds;
mod split;
mod text;

use crate::parameter::{Form, Style};
use crate::{Location, Parameter};

pub(crate) use decode::{Pieces, Undecodable, Writing, decode, items, members};
pub(crate) use kinds::{Kinds, RULES};
pub(crate) use split::{Escapes, Pair, cookies, query};
pub(crate) use text::Plus;

/// Whether a path parameter's value stays escaped until its style has been taken apart.
pub(crate) fn keeps_encoding(parameter: &Parameter) -> bool {
    match &parameter.form {
        Form::Styled { style: Style::Simple, schema, .. } => {
            schema.as_ref().is_some_and(kinds::is_structured)
        }
        Form::Styled { .. } => parameter.location == Location::Path,
        Form::Content(_) => false,
    }
}

/// Decodes a part of a path in normal form.
pub(crate) fn decode_path(raw: &str) -> String {
    if !raw.as_bytes().contains(&b'%') {
        return raw.to_owned();
    }
    // In normal form every escape is well-formed, and every segment is UTF-8.
    text::decode(raw, Plus::Literal).unwrap_or_default()
}

#[cfg(test)]
mod tests;
