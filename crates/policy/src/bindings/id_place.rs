//! Places of ids as the file writes them: `path.order_id`, `body.$.ids[*]`.

use std::fmt;

use super::IdPlace;
use crate::Path;

impl IdPlace {
    /// # Errors
    /// A fragment of a sentence that says what is expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "it begins with `path.`, `query.`, `header.`, `cookie.` or `body.`, and a name follows";
        if text.trim() == "principal" {
            return Ok(Self::Principal);
        }
        let (place, name) = text.trim().split_once('.').ok_or(EXPECTED)?;
        if name.is_empty() {
            return Err(EXPECTED);
        }
        match place {
            "path" => Ok(Self::Path(name.into())),
            "query" => Ok(Self::Query(name.into())),
            // Field names have no case (RFC 9110 section 5.1).
            "header" => Ok(Self::Header(name.to_ascii_lowercase().into())),
            "cookie" => Ok(Self::Cookie(name.into())),
            "body" => Path::parse(name)
                .map(Self::Body)
                .map_err(|_| "after `body.` a path such as `$.order.id` follows"),
            _ => Err(EXPECTED),
        }
    }
}

impl fmt::Display for IdPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(name) => write!(f, "path.{name}"),
            Self::Query(name) => write!(f, "query.{name}"),
            Self::Header(name) => write!(f, "header.{name}"),
            Self::Cookie(name) => write!(f, "cookie.{name}"),
            Self::Body(path) => write!(f, "body.{path}"),
            Self::Principal => f.write_str("principal"),
        }
    }
}
