//! Operations whose body says what is to be done, so that to the gateway they are one and to the service many.

use model::Owasp;
use openapi::Operation;

use super::Search;
use crate::bindings::{Class, shown};
use crate::codes;
use crate::shape::Shape;

pub(super) fn search(search: &mut Search<'_>) {
    for bound in search.open() {
        let is_for_those_who_may_all = bound.binding.class > Class::User && !bound.binding.roles.is_empty();
        let Some(what) = bundle(bound.operation).filter(|_| !is_for_those_who_may_all) else { continue };
        let sentence = format!("{} takes {what}, which may be many operations", shown(&bound.operation.id));
        let place = bound.binding.place.clone();
        search.warn(codes::MANY_IN_ONE, sentence, place, "nobody asks what is in it", Owasp::Api5);
    }
}

/// What an operation takes, by its path, its media types, or the properties of its body.
fn bundle(operation: &Operation) -> Option<&'static str> {
    let content = || operation.body.iter().flat_map(|body| &body.content);
    let shape = Shape::request(operation);
    let has = |names: &[&str]| {
        let item = shape.as_ref().map(|shape| shape.items().unwrap_or_else(|| shape.clone()));
        item.is_some_and(|item| names.iter().all(|name| item.property(name).is_some()))
    };
    let last = operation.template.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let last = last.to_ascii_lowercase();
    if last == "graphql"
        || content().any(|media| media.range.to_ascii_lowercase().starts_with("application/graphql"))
        || has(&["query", "variables"])
        || has(&["query", "operationName"])
    {
        return Some("GraphQL");
    }
    if has(&["jsonrpc", "method"]) {
        return Some("JSON-RPC");
    }
    let is_batch = matches!(last.as_str(), "batch" | "$batch" | "_batch" | "_bulk" | "multi")
        && (content().any(|media| media.range.to_ascii_lowercase().starts_with("multipart/mixed"))
            || has(&["method", "path"])
            || has(&["method", "url"])
            || has(&["requests"]));
    is_batch.then_some("a batch of requests")
}

#[cfg(test)]
mod tests;
