//! Parameters that hold several ids in one request, as a description declares them.

use openapi::{Form, Location, Operation, Style};

use crate::shape::Shape;

/// How several values of one parameter are told apart (OpenAPI 3.1 section 4.8.12.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    /// `ids=1&ids=2`
    Repeated,
    /// `ids=1,2`
    Separated(char),
}

/// How a query parameter holds several values; `None` where it holds one.
pub fn several(operation: &Operation, name: &str) -> Option<Several> {
    let is_it = |one: &&openapi::Parameter| one.location == Location::Query && *one.name == *name;
    let Form::Styled { style, explode, schema: Some(schema), .. } =
        &operation.parameters.iter().find(is_it)?.form
    else {
        return None;
    };
    let separator = match style {
        Style::Form => ',',
        Style::SpaceDelimited => ' ',
        Style::PipeDelimited => '|',
        Style::TabDelimited => '\t',
        _ => return None,
    };
    let several = if *explode { Several::Repeated } else { Several::Separated(separator) };
    Shape::of(schema).is_array().then_some(several)
}
