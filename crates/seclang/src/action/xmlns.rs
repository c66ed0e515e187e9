//! `xmlns`: binds a prefix for XPath. Paths here compare local names, so that the binding decides nothing; its form is
//! judged.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "xmlns",
    takes: Takes::Argument,
    apply: |_, text| match text.as_str().split_once('=') {
        Some((prefix, uri)) if !prefix.is_empty() && !uri.is_empty() => Ok(()),
        _ => Err("`xmlns` needs PREFIX=URI".to_owned().into()),
    },
};
