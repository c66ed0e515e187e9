//! An operation's parameters, made ready for requests.

use std::collections::BTreeSet;

use model::Finding;

use super::Headers;
use super::content::Content;
use super::standard::is_standard;
use crate::parameter::{Form, Location, Parameter, Style};
use crate::parameters::{Escapes, Kinds, Plus, RULES, keeps_encoding};
use crate::reference::SchemaRef;
use crate::schema::Schema;

/// Declared header parameters of these names are ignored (OpenAPI 3.1 section 4.8.12.1): other parts of the
/// description speak of them.
const IGNORED_HEADERS: &[&str] = &["accept", "authorization", "content-type"];

pub(super) struct Plan {
    pub(super) parameters: Vec<Planned>,
    /// A parameter takes the whole query.
    pub(super) whole_query: bool,
    /// Names of query parameters.
    pub(super) query_names: BTreeSet<Box<str>>,
    /// In lower case.
    header_names: BTreeSet<Box<str>>,
    cookie_names: BTreeSet<Box<str>>,
}

pub(super) struct Planned {
    /// In the operation's list.
    pub(super) index: usize,
    pub(super) name_lower: Box<str>,
    pub(super) way: Way,
    /// None: any value.
    pub(super) schema: Option<Schema>,
    /// Of a path parameter, as the router gives it.
    pub(super) path_escapes: Escapes,
}

/// How a parameter's text becomes a value.
pub(super) enum Way {
    Styled { style: Style, explode: bool, allow_reserved: bool, allow_empty: bool, kinds: Kinds },
    Content(Content),
}

impl Plan {
    pub(super) fn new(parameters: &[Parameter]) -> Self {
        let planned: Vec<Planned> = parameters
            .iter()
            .enumerate()
            .filter(|(_, parameter)| !is_ignored(parameter))
            .map(|(index, parameter)| Planned::new(index, parameter))
            .collect();
        let names = |location: Location| {
            let of = parameters.iter().filter(move |parameter| parameter.location == location);
            of.map(|parameter| Box::from(&*parameter.name))
        };
        let mut cookie_names: BTreeSet<Box<str>> = names(Location::Cookie).collect();
        for planned in &planned {
            if parameters.get(planned.index).is_some_and(|p| p.location == Location::Cookie) {
                cookie_names.extend(planned.exploded_names().map(Box::from));
            }
        }
        Self {
            whole_query: parameters.iter().any(|parameter| parameter.location == Location::Querystring),
            query_names: names(Location::Query).collect(),
            header_names: names(Location::Header)
                .map(|name: Box<str>| name.to_ascii_lowercase().into())
                .collect(),
            cookie_names,
            parameters: planned,
        }
    }

    pub(super) fn undeclared_headers(&self, headers: &dyn Headers) -> Vec<String> {
        let mut names: Vec<String> = headers
            .names()
            .into_iter()
            // Nearly all are, in lower case as they came: seen before they are copied.
            .filter(|name| !is_standard(name))
            .map(str::to_ascii_lowercase)
            .filter(|name| !is_standard(name) && !self.header_names.contains(name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn undeclared_cookies(&self, cookies: &[(String, String)]) -> Vec<String> {
        let names = cookies.iter().map(|(name, _)| name);
        let undeclared: BTreeSet<&String> =
            names.filter(|name| !self.cookie_names.contains(name.as_str())).collect();
        undeclared.into_iter().cloned().collect()
    }
}

fn is_ignored(parameter: &Parameter) -> bool {
    parameter.location == Location::Header
        && IGNORED_HEADERS.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
}

/// Without a schema, any value of any kind.
fn compile(source: Option<&SchemaRef>) -> (Option<Schema>, Kinds) {
    let Some(source) = source else { return (None, Kinds::any()) };
    let schema = Schema::compile(source, RULES);
    let kinds = Kinds::of(&schema);
    (Some(schema), kinds)
}

impl Planned {
    fn new(index: usize, parameter: &Parameter) -> Self {
        let (way, schema) = match &parameter.form {
            Form::Styled { style, explode, allow_reserved, allow_empty, schema } => {
                let (schema, kinds) = compile(schema.as_ref());
                let (style, explode) = (*style, *explode);
                let (allow_reserved, allow_empty) = (*allow_reserved, *allow_empty);
                (Way::Styled { style, explode, allow_reserved, allow_empty, kinds }, schema)
            }
            Form::Content(media) => {
                let (schema, kinds) = compile(media.schema.as_ref());
                (Way::Content(Content::of(&media.range, kinds)), schema)
            }
        };
        Self {
            index,
            name_lower: parameter.name.to_ascii_lowercase().into(),
            way,
            schema,
            path_escapes: if keeps_encoding(parameter) {
                Escapes::Percent(Plus::Literal)
            } else {
                Escapes::None
            },
        }
    }

    pub(super) fn findings(&self) -> &[Finding] {
        self.schema.as_ref().map_or(&[], Schema::findings)
    }

    /// Whether several lines of a header are one value.
    pub(super) fn is_list(&self) -> bool {
        match &self.way {
            Way::Styled { kinds, .. } => kinds.may_be_array() || kinds.may_be_object(),
            Way::Content(_) => false,
        }
    }

    /// The kinds of an object whose properties stand in the query or in cookies under their own names.
    pub(super) fn exploded(&self) -> Option<&Kinds> {
        match &self.way {
            Way::Styled { style: Style::Form | Style::Cookie, explode: true, kinds, .. } => {
                Some(kinds).filter(|kinds| kinds.may_be_object())
            }
            _ => None,
        }
    }

    /// The names of such properties.
    pub(super) fn exploded_names(&self) -> impl Iterator<Item = &str> {
        self.exploded().into_iter().flat_map(|kinds| kinds.properties.keys().map(|name| &**name))
    }
}
