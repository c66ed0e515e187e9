//! The ids of objects, from wherever a request has them. What a service might read in another way names nothing.

use std::sync::Arc;

use http::HeaderMap;
use http::header::COOKIE;
use openapi::{ContentType, MediaKind};
use policy::bindings::IdPlace;
use policy::plan::{Bound, Source};
use policy::{Declared, Path, Several, Step, alike, form_alike, text_of};
use tape::{Kind, Node};

use super::super::media_type;
use crate::exchange::Exchange;
use crate::objects::ObjectName;
use crate::pairs::{decoded, pairs};

/// Bytes of an id; longer ones are nobody's.
const ID_BYTES_MAX: usize = 512;

/// An object that the request names.
pub(super) struct Named<'a> {
    pub(super) bound: &'a Bound,
    pub(super) id: Arc<str>,
    /// The parent's id, where the object has to belong to one.
    pub(super) parent: Option<Arc<str>>,
}

impl Named<'_> {
    pub(super) fn name(&self) -> ObjectName<'_> {
        ObjectName { kind: &self.bound.resource.name, id: &self.id }
    }
}

/// Why a request names no object where it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) enum Fault {
    Missing,
    Several,
    NotScalar,
    Unreadable,
    Odd,
}

impl Fault {
    pub(in crate::checks) fn words(self) -> &'static str {
        match self {
            Self::Missing => "the id is missing",
            Self::Several => "the id is there more than once",
            Self::NotScalar => "the id is no text and no whole number",
            Self::Unreadable => "the body cannot be read for the id",
            Self::Odd => "the id is empty, too long, or has characters that no id has",
        }
    }
}

/// Every object that the request names.
pub(super) fn named<'a>(bounds: &'a [Bound], exchange: &Exchange) -> Result<Vec<Named<'a>>, Fault> {
    let mut all = Vec::new();
    for bound in bounds {
        let ids = match values(&bound.id, exchange) {
            Err(Fault::Missing) if bound.optional => continue,
            ids => ids?,
        };
        let parent = match &bound.parent {
            Some(parent) => Some(own(parent, one(&parent.id, exchange)?, exchange)?),
            None => None,
        };
        for id in ids {
            let id = own(bound, id, exchange)?;
            all.push(Named { bound, id, parent: parent.clone() });
        }
    }
    Ok(all)
}

/// Whether the request itself named the object: what is named was there before, whatever the answer says.
pub(super) fn was_there(bounds: &[Bound], exchange: &Exchange, object: ObjectName<'_>) -> bool {
    let ObjectName { kind, id } = object;
    exchange.objects.iter().any(|known| *known.resource == *kind && *known.id == *id)
        || exchange.opened.iter().any(|opened| *opened.kind == *kind && *opened.id == *id)
        || bounds.iter().any(|bound| names(bound, exchange, object))
}

/// Whether an id stands at the place of an object, or of one that it rests on. What cannot be read may be any.
fn names(bound: &Bound, exchange: &Exchange, object: ObjectName<'_>) -> bool {
    let is_here = *bound.resource.name == *object.kind
        && match values(&bound.id, exchange) {
            Ok(ids) => ids.iter().any(|one| **one == *object.id),
            Err(fault) => fault != Fault::Missing,
        };
    let rests_on =
        |source: &Source| matches!(source, Source::Related(other) if names(other, exchange, object));
    is_here
        || bound.parent.as_deref().is_some_and(|parent| names(parent, exchange, object))
        || bound.sources.iter().any(rests_on)
}

/// The id that is meant: callers may name their own object by a word.
pub(in crate::checks) fn own(bound: &Bound, id: Arc<str>, exchange: &Exchange) -> Result<Arc<str>, Fault> {
    if bound.resource.me.contains(&id) { one(&IdPlace::Principal, exchange) } else { Ok(id) }
}

/// The one value at a place.
pub(in crate::checks) fn one(place: &IdPlace, exchange: &Exchange) -> Result<Arc<str>, Fault> {
    let mut values = values(place, exchange)?.into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(Fault::Missing),
        (Some(_), Some(_)) => Err(Fault::Several),
    }
}

/// The values at a place; several only where its path or the description says so.
pub(in crate::checks) fn values(place: &IdPlace, exchange: &Exchange) -> Result<Vec<Arc<str>>, Fault> {
    let found = match place {
        IdPlace::Path(name) => {
            let value = exchange.route.path_values.iter().find(|(known, _)| known == name);
            vec![Arc::from(value.ok_or(Fault::Missing)?.1.as_str())]
        }
        IdPlace::Query(name) => {
            let query = exchange.route.query.as_deref().unwrap_or_default();
            let operation = exchange.route.operation.as_ref();
            match operation.and_then(|operation| policy::several(operation, name)) {
                Some(several) => each(query, name, several)?,
                None => vec![pair(query, name)?],
            }
        }
        IdPlace::Header(name) => vec![header(&exchange.head.headers, name)?],
        IdPlace::Cookie(name) => vec![cookie(&exchange.head.headers, name)?],
        IdPlace::Body(path) => in_body(path, exchange)?,
        IdPlace::Principal => {
            let subject = exchange.subject.as_ref().map(|subject| Arc::clone(&subject.subject));
            vec![subject.filter(|subject| !subject.is_empty()).ok_or(Fault::Missing)?]
        }
    };
    if found.is_empty() {
        return Err(Fault::Missing);
    }
    let is_odd = |id: &Arc<str>| id.is_empty() || id.len() > ID_BYTES_MAX || id.chars().any(char::is_control);
    if found.iter().any(is_odd) { Err(Fault::Odd) } else { Ok(found) }
}

/// The one value of a name in `application/x-www-form-urlencoded` pairs.
pub(in crate::checks) fn pair(pairs: &str, name: &str) -> Result<Arc<str>, Fault> {
    match written(pairs, name)?.as_slice() {
        [] => Err(Fault::Missing),
        [one] => decoded(one).map(Arc::from).ok_or(Fault::Unreadable),
        _ => Err(Fault::Several),
    }
}

/// Every id of a parameter that holds several. One that holds what parts them, escaped, is several to others.
fn each(pairs: &str, name: &str, several: Several) -> Result<Vec<Arc<str>>, Fault> {
    let whole = written(pairs, name)?;
    let parts: Option<Vec<String>> = match (several, whole.as_slice()) {
        (_, []) => return Err(Fault::Missing),
        (Several::Repeated, all) => all.iter().map(|one| decoded(one)).collect(),
        (Several::Separated(','), [one]) => one.split(',').map(decoded).collect(),
        (Several::Separated(by), [one]) => decoded(one).map(|one| one.split(by).map(str::to_owned).collect()),
        (Several::Separated(_), _) => return Err(Fault::Several),
    };
    let parts = parts.ok_or(Fault::Unreadable)?;
    if parts.iter().any(|part| part.contains(',')) {
        return Err(Fault::Odd);
    }
    Ok(parts.into_iter().map(Arc::from).collect())
}

/// The values of a name as they are written. Frameworks take `ID`, `id[]` and `id[0]` for `id`.
fn written<'q>(text: &'q str, name: &str) -> Result<Vec<&'q str>, Fault> {
    let mut found = Vec::new();
    for pair in pairs(text) {
        let written = pair.name().ok_or(Fault::Unreadable)?;
        if written == name {
            found.push(pair.value);
        } else if form_alike(&written, name) {
            return Err(Fault::Several);
        }
    }
    Ok(found)
}

fn header(headers: &HeaderMap, name: &str) -> Result<Arc<str>, Fault> {
    let mut values = headers.get_all(name).into_iter();
    let value = values.next().ok_or(Fault::Missing)?;
    if values.next().is_some() {
        return Err(Fault::Several);
    }
    let text = value.to_str().map_err(|_| Fault::Odd)?.trim();
    // A list of values is one field to some, and several to others (RFC 9110 section 5.3).
    if text.contains(',') { Err(Fault::Several) } else { Ok(text.into()) }
}

fn cookie(headers: &HeaderMap, name: &str) -> Result<Arc<str>, Fault> {
    let mut found = None;
    for line in headers.get_all(COOKIE) {
        let line = line.to_str().map_err(|_| Fault::Odd)?;
        for pair in line.split(';') {
            let Some((known, value)) = pair.trim().split_once('=') else { continue };
            if alike(known.trim(), name) {
                if found.is_some() || known.trim() != name {
                    return Err(Fault::Several);
                }
                found = Some(Arc::from(value.trim().trim_matches('"')));
            }
        }
    }
    found.ok_or(Fault::Missing)
}

fn in_body(path: &Path, exchange: &Exchange) -> Result<Vec<Arc<str>>, Fault> {
    let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
        return Err(Fault::Missing);
    };
    let content_type = media_type::content_type(&exchange.head.headers).ok().flatten();
    let sent = content_type.and_then(ContentType::parse).ok_or(Fault::Unreadable)?;
    if media_type::is_encoded(&exchange.head.headers) {
        return Err(Fault::Unreadable);
    }
    match (sent.kind(), path.steps()) {
        (MediaKind::Json, steps) => {
            let tape = body.json().map_err(|_| Fault::Unreadable)?;
            let mut found = Vec::new();
            let declared = Declared::new(exchange.route.operation.as_deref(), &[]);
            walk(tape.root(), (steps, 0), &declared, &mut found)?;
            Ok(found)
        }
        (MediaKind::Form, [Step::Member(name)]) => {
            let pairs = std::str::from_utf8(&body.bytes).map_err(|_| Fault::Unreadable)?;
            Ok(vec![pair(pairs, name)?])
        }
        _ => Err(Fault::Unreadable),
    }
}

/// Unlike [`Path::each`], what is not there is a fault: an item without an id would be nobody's business.
fn walk(
    node: Node<'_>,
    (steps, index): (&[Step], usize),
    declared: &Declared<'_>,
    found: &mut Vec<Arc<str>>,
) -> Result<(), Fault> {
    let Some((above, [first, ..])) = steps.split_at_checked(index) else {
        // A truth is the first of all numbers to some.
        let id = text_of(node).filter(|_| node.kind() != Kind::Bool);
        found.push(id.ok_or(Fault::NotScalar)?);
        return Ok(());
    };
    let rest = (steps, index + 1);
    match first {
        Step::Member(name) => {
            if node.kind() != Kind::Object {
                return Err(Fault::NotScalar);
            }
            // Some service would find another one.
            if declared.disguise(node, above, name).is_some() {
                return Err(Fault::Several);
            }
            let value = node.get(name).filter(|value| !value.is_null()).ok_or(Fault::Missing)?;
            walk(value, rest, declared, found)
        }
        Step::Each if node.kind() == Kind::Array => {
            node.items().try_for_each(|item| walk(item, rest, declared, found))
        }
        Step::Each => Err(Fault::NotScalar),
    }
}
