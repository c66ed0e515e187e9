//! What answers show and bodies hold: the object within an envelope, the items of a list, and properties by the names they
//! may have.

use openapi::Operation;

use super::names;
use crate::ids::{member, snake};
use crate::shape::Shape;

/// A representation within an answer.
pub(super) struct Shown<'d> {
    pub(super) at: String,
    pub(super) shape: Shape<'d>,
}

/// The object that an answer shows.
pub(super) fn object<'d>(operation: &'d Operation, kind: &str) -> Option<Shown<'d>> {
    within(Shape::answer(operation)?, kind)
}

/// The object that a body is, or holds alone.
pub(super) fn taken<'d>(operation: &'d Operation, kind: &str) -> Option<Shown<'d>> {
    let shape = Shape::request(operation)?;
    if shape.properties().len() > 1 {
        return Some(Shown { at: "$".to_owned(), shape });
    }
    within(shape, kind)
}

fn within<'d>(shape: Shape<'d>, kind: &str) -> Option<Shown<'d>> {
    if shape.is_array() {
        return None;
    }
    let properties = shape.properties();
    let id_here = properties.keys().any(|name| snake(name) == "id");
    let envelope = properties.iter().find(|(name, inner)| {
        let is_named = names::ENVELOPES.contains(&snake(name).as_str()) || names::type_name(name) == kind;
        is_named && inner.is_listed() && !inner.is_array()
    });
    match envelope.filter(|_| !id_here) {
        Some((name, inner)) => Some(Shown { at: format!("${}", member(name)), shape: inner.clone() }),
        None => Some(Shown { at: "$".to_owned(), shape }),
    }
}

/// The items of a list, where an answer is one.
pub(super) fn items<'d>(operation: &'d Operation) -> Option<Shown<'d>> {
    let shape = Shape::answer(operation)?;
    if let Some(items) = shape.items() {
        return Some(Shown { at: "$[*]".to_owned(), shape: items });
    }
    let mut arrays: Vec<_> = shape
        .properties()
        .into_iter()
        .filter_map(|(name, inner)| Some((name, inner.items().filter(Shape::is_listed)?)))
        .collect();
    let wanted = names::listed(&operation.template);
    let rank = |name: &str| {
        let is_type = Some(names::type_name(name)) == wanted;
        let known = names::LISTS.iter().position(|list| *list == snake(name));
        (!is_type, known.unwrap_or(names::LISTS.len()))
    };
    arrays.sort_by_key(|(name, _)| rank(name));
    let alone = arrays.len() == 1;
    let (name, items) = arrays.into_iter().next()?;
    // One array among many other things is a part of an object, unless it is called like a list.
    let is_list = rank(name) != (true, names::LISTS.len()) || (alone && shape.properties().len() <= 4);
    is_list.then(|| Shown { at: format!("${}[*]", member(name)), shape: items })
}

/// The first of the names that the shape has, as a path from `$`.
pub(super) fn first<'n>(
    shape: &Shape<'_>,
    names: impl Iterator<Item = &'n str>,
) -> Option<(&'n str, String)> {
    for name in names {
        let mut path = "$".to_owned();
        let mut at = Some(shape.clone());
        for part in name.split('.') {
            let properties = at.map(|shape| shape.properties()).unwrap_or_default();
            let found = properties.into_iter().find(|(known, _)| snake(known) == part);
            at = found.map(|(known, inner)| {
                path.push_str(&member(known));
                inner
            });
        }
        // An object is no value that could be compared.
        if at.is_some_and(|end| !end.is_listed() && !end.is_array()) {
            return Some((name, path));
        }
    }
    None
}

/// How further pages are asked for, by the names of parameters.
pub(super) fn page(operation: &Operation) -> Option<String> {
    let query = |names: &[&str]| {
        names.iter().find_map(|name| {
            let is = |one: &&openapi::Parameter| {
                one.location == openapi::Location::Query && snake(&one.name) == **name
            };
            operation.parameters.iter().find(is)
        })
    };
    let limit = query(&names::LIMITS);
    let limited = limit.map_or_else(String::new, |limit| {
        let size = match &limit.form {
            openapi::Form::Styled { schema: Some(schema), .. } => {
                Shape::of(schema).value("maximum").and_then(openapi::Node::as_u64)
            }
            _ => None,
        };
        let size = size.filter(|size| (1..=1_000).contains(size));
        let size = size.map_or_else(String::new, |size| format!(", size: {size}"));
        format!(", limit: {}{size}", super::text::quoted(&limit.name))
    });
    if let Some(offset) = query(&names::OFFSETS) {
        return Some(format!("{{ offset: {}{limited} }}", super::text::quoted(&offset.name)));
    }
    let shape = Shape::answer(operation);
    let next = shape.as_ref().and_then(|shape| first(shape, names::NEXTS.into_iter()));
    if let Some((cursor, (_, next))) = query(&names::CURSORS).zip(next) {
        let next = super::text::quoted(&next);
        return Some(format!("{{ cursor: {}, next: {next} }}", super::text::quoted(&cursor.name)));
    }
    query(&names::NUMBERS)
        .map(|number| format!("{{ number: {}{limited} }}", super::text::quoted(&number.name)))
}
