//! URLs in answers: where they lead to an operation of the API, the ids in them are sealed.

use openapi::{Location, Match, NormalPath, Operation};
use percent_encoding::percent_decode_str;
use policy::bindings::IdPlace;
use policy::sealing::Stands;

use super::Seals;
use crate::exchange::OpenedId;
use crate::pairs::{decoded, encoded, pairs};

/// What becomes of a URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Url {
    Same,
    Sealed(String),
    /// It shows an id that callers are not to see, and nobody knows where it leads.
    Leaks,
}

/// What a URL is read with.
pub(crate) struct Reading<'a> {
    /// The path that a relative URL begins at: that of the request, as it was forwarded.
    pub(crate) base: &'a str,
    pub(crate) opened: &'a [OpenedId],
    /// The text in place of an id of a type; `None` where it is not to be sealed.
    pub(crate) seal: &'a dyn Fn(&str, &str) -> Option<String>,
    /// Whether it is one at all: what only may be one shows nothing where it leads nowhere, nor in what is no id.
    pub(crate) is_sure: bool,
}

/// A URL in its parts (RFC 3986 section 3), the delimiters with the part that they begin.
struct Parts<'u> {
    /// Scheme and authority; empty for a path.
    origin: &'u str,
    path: &'u str,
    query: Option<&'u str>,
    fragment: &'u str,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Self {
        let (rest, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let after = rest
            .find("//")
            .filter(|at| rest.get(..*at).is_some_and(|scheme| scheme.is_empty() || scheme.ends_with(':')))
            .map_or(0, |at| {
                let authority = at + 2;
                rest.get(authority..)
                    .and_then(|text| text.find('/'))
                    .map_or(rest.len(), |slash| authority + slash)
            });
        let (origin, path) = rest.split_at(after);
        Self { origin, path, query, fragment }
    }
}

impl Seals {
    pub(crate) fn url(&self, url: &str, reading: &Reading<'_>) -> Url {
        let base = reading.base;
        let parts = Parts::of(url);
        let is_query = parts.path.is_empty() && parts.origin.is_empty();
        if is_query && parts.query.is_none() {
            return Url::Same;
        }
        let joined;
        let path = if parts.origin.is_empty() && !parts.path.starts_with('/') {
            // `#part` and `?page=2` are of the document itself; `mailto:` leads to no operation.
            joined = if is_query {
                base.to_owned()
            } else {
                let below = base.rsplit_once('/').map_or("", |(below, _)| below);
                format!("{below}/{}", parts.path.trim_start_matches("./"))
            };
            &joined
        } else {
            parts.path
        };
        let Some((prefix, normal, operation)) = self.leads_to(path) else {
            let opened = if reading.is_sure { reading.opened } else { &[] };
            return elsewhere(path, parts.query, opened);
        };
        let Some(plan) = self.authorization.plan(&operation.id) else { return Url::Same };
        let mut sealed_path = normal.as_str().to_owned();
        let mut sealed_query = parts.query.map(str::to_owned);
        for opening in &plan.sealed.opens {
            let seal = |location: Location, name: &str, id: &str| match (reading.seal)(&opening.kind, id) {
                None if !reading.is_sure && !may_be_id(operation, location, name, id) => Some(None),
                sealed => sealed.map(Some),
            };
            let done = match &opening.stands {
                // Without a path it is the request's own, which is not in the text.
                Stands::At(IdPlace::Path(name)) if !is_query => {
                    let seal = |id: &str| seal(Location::Path, name, id);
                    let path = segment(&operation.template, &sealed_path, name, &seal);
                    path.map(|path| sealed_path = path)
                }
                Stands::At(IdPlace::Query(name)) => {
                    let seal = |id: &str| seal(Location::Query, name, id);
                    let query = sealed_pairs(sealed_query.as_deref().unwrap_or_default(), name, &seal);
                    query.map(|query| sealed_query = query.or(sealed_query.take()))
                }
                _ => Some(()),
            };
            if done.is_none() {
                return Url::Leaks;
            }
        }
        if sealed_path == normal.as_str() && sealed_query.as_deref() == parts.query {
            return Url::Same;
        }
        let mut text =
            if is_query { String::new() } else { format!("{}{prefix}{sealed_path}", parts.origin) };
        if let Some(query) = sealed_query {
            text.push('?');
            text.push_str(&query);
        }
        text.push_str(parts.fragment);
        Url::Sealed(text)
    }

    /// What of the path stands before the description's own, the rest, and the operation.
    fn leads_to(&self, path: &str) -> Option<(String, NormalPath, &Operation)> {
        let normal = NormalPath::new(path).ok()?;
        let bases = self.base_paths.iter().map(|base| base.trim_end_matches('/'));
        bases.chain([""]).find_map(|base| {
            let rest = if base.is_empty() { normal.clone() } else { normal.strip_base(base)? };
            let operation = self.found(&rest)?;
            Some((base.to_owned(), rest, operation))
        })
    }

    /// The operation there: the one that reads, else any.
    fn found(&self, path: &NormalPath) -> Option<&Operation> {
        let router = self.description.router();
        let allow = match router.find("GET", path) {
            Match::Operation { operation, .. } => return Some(operation),
            Match::Method { allow, .. } => allow,
            Match::None => return None,
        };
        match router.find(allow.first()?, path) {
            Match::Operation { operation, .. } => Some(operation),
            Match::Method { .. } | Match::None => None,
        }
    }
}

/// Whether a text may be the id that a parameter takes, also where it writes it in another way: `0018`, or a UUID without
/// hyphens.
fn may_be_id(operation: &Operation, location: Location, name: &str, text: &str) -> bool {
    let whole = text.trim_start_matches('0');
    let mut uuid = text.to_owned();
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        [20, 16, 12, 8].into_iter().for_each(|at| uuid.insert(at, '-'));
    }
    [text, whole, &uuid].into_iter().any(|text| operation.takes(location, name, text))
}

/// The path with the segment of one parameter as `seal` has it: sealed, or `Some(None)` as it is.
fn segment(
    template: &str,
    path: &str,
    name: &str,
    seal: &impl Fn(&str) -> Option<Option<String>>,
) -> Option<String> {
    let wanted = format!("{{{name}}}");
    let mut sealed = String::with_capacity(path.len() + 64);
    for (part, segment) in template.split('/').skip(1).zip(path.split('/').skip(1)) {
        sealed.push('/');
        let text =
            if part == wanted { seal(&percent_decode_str(segment).decode_utf8().ok()?)? } else { None };
        sealed.push_str(text.as_deref().unwrap_or(segment));
    }
    Some(sealed)
}

/// The query with the values of one parameter sealed; `Some(None)` where there is nothing to seal.
fn sealed_pairs(
    query: &str,
    name: &str,
    seal: &impl Fn(&str) -> Option<Option<String>>,
) -> Option<Option<String>> {
    let mut spans = Vec::new();
    for pair in pairs(query) {
        if pair.name()? == name
            && !pair.value.is_empty()
            && let Some(at) = pair.at
            && let Some(text) = seal(&decoded(pair.value)?)?
        {
            spans.push((at, encoded(&text)));
        }
    }
    if spans.is_empty() {
        return Some(None);
    }
    let mut made = query.to_owned();
    spans.into_iter().rev().for_each(|(at, text)| made.replace_range(at, &text));
    Some(Some(made))
}

/// A URL that leads to no operation: it may pass unless it shows an id of this request.
fn elsewhere(path: &str, query: Option<&str>, opened: &[OpenedId]) -> Url {
    let values = query.into_iter().flat_map(|query| query.split(['&', ';', '='])).chain(path.split('/'));
    let mut values = values.filter_map(decoded);
    let leaks = values.any(|value| opened.iter().any(|opened| *opened.id == *value));
    if leaks { Url::Leaks } else { Url::Same }
}
