//! Parameters: what each one declares, made complete.

use std::sync::Arc;

use super::{Loading, Unusable, media, root};
use crate::document::{Node, NodeId};
use crate::{Dialect, Form, Location, Parameter, Style, codes};

/// Header parameters that have no meaning as such (OpenAPI 3.1 section 4.8.12.2.1).
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// Reads a list of parameters. Every fault is found before the list is given up.
pub(super) fn list(loading: &mut Loading, list: Node<'_>) -> Result<Vec<Parameter>, Unusable> {
    if !list.is_array() {
        let sentence = "`parameters` is not a list";
        return Err(loading.error(codes::WRONG_KIND, sentence, list.id(), "a list is expected"));
    }
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut sound = Ok(());
    for entry in list.items() {
        match parameter(loading, entry.id()) {
            Ok(None) => {}
            Ok(Some(found)) if parameters.iter().any(|known| same(known, &found)) => {
                let sentence =
                    format!("the {} parameter `{}` is declared twice", found.location.name(), found.name);
                sound = Err(loading.error(codes::PARAMETER_DUPLICATE, sentence, entry.id(), "again here"));
            }
            Ok(Some(found)) => parameters.push(found),
            Err(unusable) => sound = Err(unusable),
        }
    }
    sound.map(|()| parameters)
}

/// The operation's own parameters, and those of the path item that it does not override.
pub(super) fn merge(own: Vec<Parameter>, inherited: Vec<Parameter>) -> Vec<Parameter> {
    let kept: Vec<Parameter> =
        inherited.into_iter().filter(|above| !own.iter().any(|own| same(own, above))).collect();
    kept.into_iter().chain(own).collect()
}

/// `querystring` takes the whole query, so nothing else can (OpenAPI 3.2 section 4.12.1).
pub(super) fn one_reader_of_the_query(
    loading: &mut Loading,
    parameters: &[Parameter],
    operation: Node<'_>,
) -> Result<(), Unusable> {
    let count = |location| parameters.iter().filter(|parameter| parameter.location == location).count();
    match (count(Location::Querystring), count(Location::Query)) {
        (0, _) | (1, 0) => Ok(()),
        _ => {
            let sentence = "a `querystring` parameter stands beside another that reads the query";
            Err(loading.error(codes::PARAMETER_INVALID, sentence, operation.id(), "only one can read it"))
        }
    }
}

/// Parameters are the same with the same name (for headers: without case) and location.
fn same(one: &Parameter, other: &Parameter) -> bool {
    one.location == other.location
        && match one.location {
            Location::Header => one.name.eq_ignore_ascii_case(&other.name),
            _ => one.name == other.name,
        }
}

/// `None` for a header parameter that has no meaning.
fn parameter(loading: &mut Loading, entry: NodeId) -> Result<Option<Parameter>, Unusable> {
    let documents = Arc::clone(&loading.documents);
    let id = loading.object(entry, "the parameter")?;
    let node = documents.node(id);
    let Some(name) = node.get("name").and_then(Node::as_str).filter(|name| !name.is_empty()) else {
        return Err(loading.error(
            codes::PARAMETER_INVALID,
            "a parameter has no name",
            id,
            "`name` is missing",
        ));
    };
    // Swagger 2.0: converted to the request body.
    let written = node.get("in").and_then(Node::as_str);
    if loading.dialect == Dialect::V2 && matches!(written, Some("body" | "formData")) {
        return Ok(None);
    }
    let location = location(loading, node, name)?;
    if location == Location::Header && IGNORED_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Ok(None);
    }
    let required = match node.get("required").map(|flag| (flag, flag.as_bool())) {
        None => location == Location::Path,
        Some((_, Some(required))) => required || location == Location::Path,
        Some((flag, None)) => {
            let sentence = format!("`required` of the parameter `{name}` is neither true nor false");
            return Err(loading.error(codes::WRONG_KIND, sentence, flag.id(), "a boolean is expected"));
        }
    };
    let form = form(loading, node, name, location)?;
    let deprecated = root::flag(loading, id, "deprecated");
    let place = documents.node(entry).get("name").or_else(|| node.get("name")).unwrap_or(node).value_place();
    Ok(Some(Parameter { name: Arc::from(name), location, required, deprecated, place, form }))
}

fn location(loading: &mut Loading, node: Node<'_>, name: &str) -> Result<Location, Unusable> {
    let written = node.get("in");
    let known = written.and_then(Node::as_str).and_then(Location::parse);
    match known.filter(|known| *known != Location::Querystring || loading.dialect >= Dialect::V3_2) {
        Some(location) => Ok(location),
        None => {
            let sentence = format!("the parameter `{name}` does not say where it stands");
            let at = written.unwrap_or(node).id();
            Err(loading.error(
                codes::PARAMETER_INVALID,
                sentence,
                at,
                "expected `path`, `query`, `header` or `cookie`",
            ))
        }
    }
}

fn form(loading: &mut Loading, node: Node<'_>, name: &str, location: Location) -> Result<Form, Unusable> {
    match (node.get("schema"), node.get("content")) {
        (None, Some(content)) => {
            let mut content = media::content(loading, content)?;
            match content.pop() {
                Some(only) if content.is_empty() => Ok(Form::Content(Box::new(only))),
                _ => {
                    let sentence =
                        format!("`content` of the parameter `{name}` has not exactly one media type");
                    Err(loading.error(
                        codes::PARAMETER_INVALID,
                        sentence,
                        node.id(),
                        "exactly one is expected",
                    ))
                }
            }
        }
        (Some(schema), None) if location != Location::Querystring => {
            styled(loading, node, schema, name, location)
        }
        _ => {
            let sentence = format!("the parameter `{name}` has not exactly one of `schema` and `content`");
            Err(loading.error(codes::PARAMETER_INVALID, sentence, node.id(), "its value cannot be checked"))
        }
    }
}

fn styled(
    loading: &mut Loading,
    node: Node<'_>,
    schema: Node<'_>,
    name: &str,
    location: Location,
) -> Result<Form, Unusable> {
    let style = match node.get("style") {
        None => Style::default_for(location),
        Some(written) => match written.as_str().and_then(Style::parse) {
            Some(style) if style.fits(location, loading.dialect) => style,
            style => {
                let why = if style.is_some() { "does not fit its location" } else { "is unknown" };
                let sentence = format!("the style of the {} parameter `{name}` {why}", location.name());
                return Err(loading.error(codes::STYLE, sentence, written.id(), "its value cannot be read"));
            }
        },
    };
    let explode = match node.get("explode") {
        Some(_) if style != Style::DeepObject => root::flag(loading, node.id(), "explode"),
        _ => style.explodes_by_default(),
    };
    Ok(Form::Styled {
        style,
        explode,
        allow_reserved: root::flag(loading, node.id(), "allowReserved"),
        allow_empty: location == Location::Query && root::flag(loading, node.id(), "allowEmptyValue"),
        schema: Some(media::schema(loading, schema)?),
    })
}
