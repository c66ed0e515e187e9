//! Parameters by name: of ids, of pages, of calls that gather evidence.

use std::sync::Arc;

use openapi::{Location, Operation};

use super::Compiler;
use crate::Path;
use crate::bindings::{IdPlace, Page, shown};
use crate::codes;
use crate::shape::{Found, Shape};

impl Compiler<'_> {
    /// Whether a request of the operation has such a place; otherwise it is reported.
    pub(super) fn place(&mut self, operation: &Operation, place: &IdPlace, at: &str) -> bool {
        if let IdPlace::Body(path) = place {
            return self.body_path(operation, path, at);
        }
        let Some((location, name)) = located(place) else {
            let sentence = format!("`{place}` is no place of a request of {}", shown(&operation.id));
            self.error(codes::PARAMETER_UNKNOWN, sentence, at, "only objects are named so");
            return false;
        };
        if has(operation, location, name) {
            return true;
        }
        let sentence =
            format!("{} has no {} parameter `{}`", shown(&operation.id), location.name(), shown(name));
        let known = operation.parameters.iter().filter(|parameter| parameter.location == location);
        self.unknown(codes::PARAMETER_UNKNOWN, sentence, at, name, known.map(|parameter| &*parameter.name));
        false
    }

    fn body_path(&mut self, operation: &Operation, path: &Path, at: &str) -> bool {
        if operation.body.is_none() {
            let sentence = format!("{} takes no body", shown(&operation.id));
            self.error(codes::BODY_UNKNOWN, sentence, at, "said to stand in it");
            return false;
        }
        match Shape::request(operation).map(|shape| shape.find(path)) {
            Some(Found::Here(_)) => true,
            Some(Found::Absent { name, known }) => {
                let sentence = format!("the body of {} has no `{}`", shown(&operation.id), shown(&name));
                self.unknown(codes::BODY_UNKNOWN, sentence, at, &name, known.into_iter());
                false
            }
            Some(Found::Unknowable) | None => {
                let sentence =
                    format!("whether the body of {} has `{path}` cannot be known", shown(&operation.id));
                self.warning(codes::BODY_UNKNOWABLE, sentence, at, "the schema says nothing of it");
                true
            }
        }
    }

    /// A path into the answer. Descriptions can be wrong about what they show, so that nothing here is an error.
    pub(super) fn answers(&mut self, operation: &Operation, path: &Path, at: &str) {
        let Some(Found::Absent { name, .. }) = Shape::answer(operation).map(|shape| shape.find(path)) else {
            return;
        };
        let sentence =
            format!("the described answer of {} has no `{}` of `{path}`", shown(&operation.id), shown(&name));
        self.warning(codes::ANSWER_UNKNOWN, sentence, at, "looked for here");
    }

    /// An operation that evidence may be asked of: a GET that has no effect.
    pub(super) fn asked(&mut self, name: &str, at: &str) -> Option<Arc<Operation>> {
        let place = self.at(at);
        let operation = self.operation(name, place)?;
        let bindings = self.bindings;
        let bound = bindings.operations.get(&operation.id).or_else(|| bindings.operations.get(name));
        let why = if operation.method != "GET" {
            Some(format!("its method is {}", operation.method))
        } else if bound.is_some_and(|bound| bound.deny) {
            Some("it is denied".to_owned())
        } else if bound.is_some_and(|bound| bound.safe == Some(false)) {
            Some("it is declared to have an effect".to_owned())
        } else {
            let action = bound.and_then(|bound| bound.action);
            let reads = action.is_none_or(|action| super::is_safe("GET", action));
            let said = bound.is_some_and(|bound| bound.safe == Some(true));
            (!reads && !said).then(|| "its action says that it has an effect".to_owned())
        };
        match why {
            None => Some(operation),
            Some(why) => {
                let sentence = format!("{} cannot be asked for evidence: {why}", shown(name));
                self.error(codes::SOURCE_OPERATION, sentence, at, "a GET without effects belongs here");
                None
            }
        }
    }

    /// Where each parameter that the call needs comes from: the same place of the request at hand. `own` are filled by
    /// whoever calls. `None` when something is missing, which is reported where an operation is at hand (`request`)
    /// or where nothing could ever supply it.
    pub(super) fn call_parameters(
        &mut self,
        called: &Operation,
        own: &[IdPlace],
        request: Option<&Operation>,
        parent: Option<&IdPlace>,
        at: &str,
    ) -> Option<Vec<(IdPlace, IdPlace)>> {
        let mut filled = Vec::new();
        let needed = called.parameters.iter().filter(|parameter| parameter.required);
        let mut open = Vec::new();
        for parameter in needed {
            let Some(place) = place_of(parameter.location, &parameter.name) else { continue };
            if own.contains(&place) {
                continue;
            }
            match request {
                Some(request) if has(request, parameter.location, &parameter.name) => {
                    filled.push((place.clone(), place));
                }
                _ => open.push(place),
            }
        }
        // The one that is left is the parent's, whatever it is called there.
        if let ([one], Some(parent)) = (open.as_slice(), parent) {
            filled.push((one.clone(), parent.clone()));
            return Some(filled);
        }
        let Some(first) = open.first() else { return Some(filled) };
        let sentence = format!("{} needs `{first}`, which nothing supplies", shown(&called.id));
        self.error(codes::SOURCE_OPERATION, sentence, at, "asked here");
        None
    }

    pub(super) fn page(&mut self, operation: &Operation, page: &Page, at: &str) {
        let limit = match page {
            Page::Offset { offset, limit, .. } => [Some(offset), limit.as_ref()],
            Page::Number { number, limit, .. } => [Some(number), limit.as_ref()],
            Page::Cursor { cursor, next } => {
                self.answers(operation, next, &format!("{at}/next"));
                [Some(cursor), None]
            }
            Page::Link => [None, None],
            Page::Url { next } => {
                self.answers(operation, next, &format!("{at}/url"));
                [None, None]
            }
        };
        for name in limit.into_iter().flatten() {
            self.place(operation, &IdPlace::Query(name.clone()), at);
        }
    }
}

fn located(place: &IdPlace) -> Option<(Location, &str)> {
    Some(match place {
        IdPlace::Path(name) => (Location::Path, name),
        IdPlace::Query(name) => (Location::Query, name),
        IdPlace::Header(name) => (Location::Header, name),
        IdPlace::Cookie(name) => (Location::Cookie, name),
        IdPlace::Body(path) => (Location::Querystring, path.as_str()),
        IdPlace::Principal => return None,
    })
}

pub(crate) fn place_of(location: Location, name: &str) -> Option<IdPlace> {
    Some(match location {
        Location::Path => IdPlace::Path(name.into()),
        Location::Query => IdPlace::Query(name.into()),
        Location::Header => IdPlace::Header(name.to_ascii_lowercase().into()),
        Location::Cookie => IdPlace::Cookie(name.into()),
        Location::Querystring => return None,
    })
}

fn has(operation: &Operation, location: Location, name: &str) -> bool {
    let in_template = location == Location::Path && operation.template.contains(&format!("{{{name}}}"));
    in_template
        || operation.parameters.iter().any(|parameter| {
            parameter.location == location
                && (*parameter.name == *name
                    || (location == Location::Header && parameter.name.eq_ignore_ascii_case(name)))
        })
}
