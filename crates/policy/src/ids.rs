//! Where a request may name objects: parameters and properties that look like ids.

use std::collections::HashSet;

use model::Place;
use openapi::{Form, Location, Operation, Parameter};

use crate::Path;
use crate::bindings::IdPlace;
use crate::compile::place_of;
use crate::path::Step;
use crate::shape::Shape;

/// Objects within objects that are looked through.
const DEPTH_MAX: usize = 6;
/// Properties of one body that are looked at.
const PROPERTIES_MAX: usize = 1_000;

/// A place of a request that looks as if it named an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdLike {
    pub(crate) place: IdPlace,
    /// The parameter's or property's own name.
    pub(crate) name: String,
    /// In the description.
    pub(crate) at: Place,
}

pub(crate) fn id_like(operation: &Operation) -> Vec<IdLike> {
    let mut found: Vec<IdLike> = operation.parameters.iter().filter_map(parameter).collect();
    // A name of the template that nobody declared takes any segment.
    for name in template_names(&operation.template) {
        let place = IdPlace::Path(name.into());
        if !operation.parameters.iter().any(|one| one.location == Location::Path && *one.name == *name) {
            found.push(IdLike { place, name: name.to_owned(), at: operation.place.clone() });
        }
    }
    if let Some(shape) = Shape::request(operation) {
        let mut walk = Walk { found: &mut found, open: HashSet::new(), left: PROPERTIES_MAX };
        walk.object(&shape, "$", 0);
    }
    found
}

pub(crate) fn template_names(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}

fn parameter(parameter: &Parameter) -> Option<IdLike> {
    let shape = match &parameter.form {
        Form::Styled { schema, .. } => schema.as_ref().map(Shape::of),
        Form::Content(media) => media.schema.as_ref().map(Shape::of),
    };
    let is_id = match parameter.location {
        // Every segment that varies picks something out, unless its values are counted off.
        Location::Path => shape.as_ref().is_none_or(|shape| !is_enumerated(shape) && !is_date(shape)),
        Location::Header if is_correlation(&parameter.name) => false,
        _ => looks_like_id(&parameter.name, shape.as_ref()),
    };
    let place = place_of(parameter.location, &parameter.name).filter(|_| is_id)?;
    Some(IdLike { place, name: parameter.name.to_string(), at: parameter.place.clone() })
}

struct Walk<'a> {
    found: &'a mut Vec<IdLike>,
    /// Schemas around the one at hand, against those that hold themselves.
    open: HashSet<openapi::NodeId>,
    left: usize,
}

impl Walk<'_> {
    fn object(&mut self, shape: &Shape<'_>, at: &str, depth: usize) {
        if depth > DEPTH_MAX || shape.ids().any(|id| self.open.contains(&id)) {
            return;
        }
        let ids: Vec<_> = shape.ids().collect();
        self.open.extend(&ids);
        if let Some(items) = shape.items() {
            self.object(&items, &format!("{at}[*]"), depth + 1);
        }
        for (name, property) in shape.properties() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            // Requests that hold it are refused.
            if property.value("readOnly").and_then(openapi::Node::as_bool) == Some(true) {
                continue;
            }
            let inner = format!("{at}{}", member(name));
            if looks_like_id(name, Some(&property))
                && !is_enumerated(&property)
                && property.properties().is_empty()
            {
                let each = if property.is_array() { format!("{inner}[*]") } else { inner };
                let at = property.node().map(openapi::Node::key_place);
                if let Some((path, at)) = Path::parse(&each).ok().zip(at) {
                    self.found.push(IdLike { place: IdPlace::Body(path), name: name.to_owned(), at });
                }
                continue;
            }
            self.object(&property, &inner, depth + 1);
        }
        ids.iter().for_each(|id| {
            self.open.remove(id);
        });
    }
}

/// A step of a path, quoted where it has to be.
pub(crate) fn member(name: &str) -> String {
    if name.contains(['.', '[', ']']) || name.is_empty() { format!("['{name}']") } else { format!(".{name}") }
}

/// By its name, or by a format that says so.
pub(crate) fn looks_like_id(name: &str, shape: Option<&Shape<'_>>) -> bool {
    const WHOLE: [&str; 8] = ["id", "ids", "uuid", "guid", "slug", "username", "user_name", "login"];
    const ENDS: [&str; 6] = ["_id", "_ids", "_uuid", "_uuids", "_guid", "_slug"];
    let snake = snake(name);
    let by_name = WHOLE.contains(&snake.as_str()) || ENDS.iter().any(|end| snake.ends_with(end));
    let is_uuid = |shape: &Shape<'_>| matches!(shape.word("format"), Some("uuid" | "guid" | "ulid"));
    let by_format =
        shape.is_some_and(|shape| is_uuid(shape) || shape.items().is_some_and(|items| is_uuid(&items)));
    let is_flag = shape.is_some_and(|shape| shape.is("boolean"));
    (by_name || by_format) && !is_flag
}

/// `orderId`, `order-id` and `order_ID` as `order_id`.
pub(crate) fn snake(name: &str) -> String {
    let mut made = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for c in name.chars() {
        if c == '-' || c == '.' || c == ' ' {
            made.push('_');
        } else {
            if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
                made.push('_');
            }
            made.extend(c.to_lowercase());
        }
        before = c;
    }
    made
}

fn is_enumerated(shape: &Shape<'_>) -> bool {
    shape.has("enum") || shape.has("const") || shape.is("boolean")
}

fn is_date(shape: &Shape<'_>) -> bool {
    matches!(shape.word("format"), Some("date" | "date-time" | "time"))
}

/// Fields that name requests and not objects.
fn is_correlation(name: &str) -> bool {
    let name = snake(name);
    ["request_id", "correlation_id", "trace_id", "span_id", "transaction_id", "session_id"]
        .iter()
        .any(|known| name.strip_prefix("x_").unwrap_or(&name) == *known)
}

/// Whether what is said of `whole` covers `part`: the same place, or one that it lies in.
pub(crate) fn covers(whole: &IdPlace, part: &IdPlace) -> bool {
    match (whole, part) {
        (IdPlace::Body(whole), IdPlace::Body(part)) => starts_with(part.steps(), whole.steps()),
        _ => whole == part,
    }
}

/// `$.ids` covers `$.ids[*]`.
pub(crate) fn starts_with(path: &[Step], prefix: &[Step]) -> bool {
    path.len() >= prefix.len() && path.iter().zip(prefix).all(|(a, b)| a == b)
}
