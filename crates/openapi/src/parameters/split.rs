//! Takes the texts of styles apart: at delimiters that are not escaped.

use super::Undecodable;
use super::text::{Plus, decode};
use crate::parameter::Style;

/// How the parts of a text are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    Percent(Plus),
    /// The text is as it is: headers, and cookies of style `cookie`.
    None,
}

impl Escapes {
    pub(crate) fn decode(self, raw: &str) -> Result<String, Undecodable> {
        match self {
            Self::Percent(plus) => decode(raw, plus),
            Self::None => Ok(raw.to_owned()),
        }
    }
}

/// What stands between the items of a list.
pub(super) struct Delimiter {
    /// The forms it has in the text; it is data where it is escaped, unless its escape is one of them.
    forms: &'static [&'static str],
    character: char,
}

const COMMA: Delimiter = Delimiter { forms: &[","], character: ',' };
const SEMICOLON: Delimiter = Delimiter { forms: &[";"], character: ';' };
const DOT: Delimiter = Delimiter { forms: &["."], character: '.' };
const SPACE: Delimiter = Delimiter { forms: &["%20", "+", " "], character: ' ' };
const PIPE: Delimiter = Delimiter { forms: &["|", "%7C", "%7c"], character: '|' };
const TAB: Delimiter = Delimiter { forms: &["%09", "\t"], character: '\t' };

impl Delimiter {
    /// Of a style's list (OpenAPI 3.1 section 4.8.12.4, RFC 6570 section 2.4.2).
    pub(super) fn of(style: Style, explode: bool) -> &'static Self {
        match style {
            Style::SpaceDelimited => &SPACE,
            Style::PipeDelimited => &PIPE,
            Style::TabDelimited => &TAB,
            Style::Label if explode => &DOT,
            Style::Matrix if explode => &SEMICOLON,
            _ => &COMMA,
        }
    }

    /// The items, still escaped.
    pub(super) fn split<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut items = Vec::new();
        let (mut start, mut at) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match self.forms.iter().find(|form| rest.starts_with(**form)) {
                Some(form) => {
                    items.push(text.get(start..at).unwrap_or_default());
                    at += form.len();
                    start = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        items.push(text.get(start..).unwrap_or_default());
        items
    }

    /// Decodes an item. One that holds its delimiter is refused: many servers decode first and split then, and would
    /// see two.
    pub(super) fn item(&self, raw: &str, escapes: Escapes) -> Result<String, Undecodable> {
        let item = escapes.decode(raw)?;
        if item.contains(self.character) {
            return Err(Undecodable::EscapedDelimiter);
        }
        Ok(item)
    }
}

/// One `name=value` of a query, its name decoded.
#[derive(Debug)]
pub(crate) struct Pair<'q> {
    pub(crate) name: String,
    /// Still escaped.
    pub(crate) raw: &'q str,
}

/// The pairs of a query or of a form, empty ones left out. A fault for a name that cannot be decoded, and for a
/// semicolon, at which some servers split as well.
pub(crate) fn query(query: &str) -> impl Iterator<Item = Result<Pair<'_>, Undecodable>> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| {
        if part.contains(';') {
            return Err(Undecodable::Semicolon);
        }
        let (name, raw) = part.split_once('=').unwrap_or((part, ""));
        Ok(Pair { name: decode(name, Plus::Space)?, raw })
    })
}

/// The pairs of a `Cookie` header (RFC 6265 section 4.2.1), values as they are. A part without `=` has an empty name,
/// as browsers have it (RFC 6265bis section 5.7.3).
pub(crate) fn cookies(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or(("", part));
        (name.trim_end_matches([' ', '\t']), value.trim_start_matches([' ', '\t']))
    })
}
