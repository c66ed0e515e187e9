//! Header fields of answers: where something was made (`Location`), where it stands (`Content-Location`), what comes
//! next (`Link`), and fields that are declared to hold an id.

use http::header::{CONTENT_LOCATION, HeaderName, LINK, LOCATION};
use http::{HeaderMap, HeaderValue};
use policy::decide::Subject;

use super::SealedIds;
use super::known::Known;
use crate::check::{Edit, Step};
use crate::exchange::{Exchange, Response};
use crate::seals::urls::{Reading, Url};

/// What becomes of a field.
enum Field {
    Same,
    Sealed(String),
    Gone,
}

impl SealedIds {
    /// Services write what callers sent them into such fields too: an id in a URL is sealed only if the caller is shown it
    /// anyway, or the operation is declared to show ids of the type there, as lists do where they link to their pages.
    pub(super) fn fields(&self, exchange: &Exchange, response: &Response, subject: &Subject) -> Step {
        let known = Known::of(self, exchange, subject);
        let sealed = self.seals.plan().map(|plan| &plan.sealed);
        let declared = sealed.map(|sealed| sealed.headers.as_slice()).unwrap_or_default();
        let shown = sealed.map(|sealed| sealed.shows.as_slice()).unwrap_or_default();
        let mut edits = Vec::new();
        for name in [LOCATION, CONTENT_LOCATION, LINK] {
            let is_shown = |kind: &str| {
                declared.iter().any(|(field, of)| **field == *name.as_str() && **of == *kind)
                    || (name == LINK && shown.iter().any(|showing| *showing.kind == *kind))
            };
            let seal = |kind: &str, id: &str| {
                let may = is_shown(kind) || known.has(kind, id);
                may.then(|| self.seals.seal(kind, id, subject).ok()).flatten()
            };
            let (base, opened) = (exchange.route.path.as_str(), exchange.opened.as_slice());
            let reading = Reading { base, opened, seal: &seal, is_sure: true };
            let url = |url: &str| match self.seals.url(url, &reading) {
                Url::Same => Field::Same,
                Url::Sealed(url) => Field::Sealed(url),
                Url::Leaks => Field::Gone,
            };
            let is_link = name == LINK;
            edit(&response.headers, name.clone(), &mut edits, |value| {
                if is_link { links(value, &url) } else { url(value) }
            });
        }
        for (name, kind) in declared {
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
            if [LOCATION, CONTENT_LOCATION, LINK].contains(&name) {
                continue;
            }
            edit(&response.headers, name, &mut edits, |value| {
                match self.seals.seal(kind, value.trim(), subject) {
                    Ok(text) => Field::Sealed(text),
                    Err(_) => Field::Gone,
                }
            });
        }
        if edits.is_empty() {
            return Step::pass();
        }
        edits.push(Edit::Report(format!("header fields with sealed ids: {}", edits.len())));
        Step::Continue(edits)
    }
}

/// Several fields of a name become one (RFC 9110 section 5.3); one that cannot be read goes.
fn edit(headers: &HeaderMap, name: HeaderName, edits: &mut Vec<Edit>, of: impl Fn(&str) -> Field) {
    let mut values = Vec::new();
    let mut is_changed = false;
    for value in headers.get_all(&name) {
        match value.to_str().map_or(Field::Gone, &of) {
            Field::Same => values.push(value.to_str().unwrap_or_default().to_owned()),
            Field::Sealed(text) => {
                is_changed = true;
                values.push(text);
            }
            Field::Gone => is_changed = true,
        }
    }
    if !is_changed {
        return;
    }
    match HeaderValue::from_str(&values.join(", ")) {
        Ok(value) if !values.is_empty() => edits.push(Edit::SetResponseHeader(name, value)),
        _ => edits.push(Edit::RemoveResponseHeader(name)),
    }
}

/// RFC 8288 section 3: every target between `<` and `>`, and every context (`anchor`) among its parameters.
fn links(value: &str, url: &impl Fn(&str) -> Field) -> Field {
    let Some(bare) = unquoted(value) else { return Field::Gone };
    let mut made = String::with_capacity(value.len());
    let mut from = 0;
    let mut is_changed = false;
    while let Some((start, end)) = reference(&bare, from) {
        let (before, target) = (value.get(from..start), end.and_then(|end| value.get(start..end)));
        let (Some(before), Some(target)) = (before, target) else { return Field::Gone };
        made.push_str(before);
        match url(target) {
            Field::Same => made.push_str(target),
            Field::Sealed(text) => {
                is_changed = true;
                made.push_str(&text);
            }
            Field::Gone => return Field::Gone,
        }
        from = start + target.len();
    }
    made.push_str(value.get(from..).unwrap_or_default());
    if is_changed { Field::Sealed(made) } else { Field::Same }
}

/// As long as the value, with blanks for what stands in quotes (RFC 9110 section 5.6.4); `None` where one does not end.
fn unquoted(value: &str) -> Option<String> {
    let mut bare = String::with_capacity(value.len());
    let (mut within, mut is_escaped) = (None, false);
    for c in value.chars() {
        let is_end = within == Some(c) && !is_escaped;
        is_escaped = within == Some('"') && c == '\\' && !is_escaped;
        match within {
            Some('"') if !is_end => bare.extend(std::iter::repeat_n(' ', c.len_utf8())),
            _ => bare.push(c),
        }
        within = match (within, c) {
            (None, '<') => Some('>'),
            (None, '"') => Some('"'),
            _ if is_end => None,
            _ => within,
        };
    }
    (within != Some('"')).then_some(bare)
}

/// Where the next URL begins after `from`, and where it ends: `None` where it does not.
fn reference(bare: &str, from: usize) -> Option<(usize, Option<usize>)> {
    let text = bare.get(from..)?;
    let target = text.find('<').map(|at| (at + 1, '>'));
    let anchor = anchor(text).map(|at| match text.get(at..) {
        Some(quoted) if quoted.starts_with('"') => (at + 1, '"'),
        _ => (at, ';'),
    });
    let (start, end) = [target, anchor].into_iter().flatten().min()?;
    let found = text.get(start..)?.find(end).map(|at| from + start + at);
    // A bare value may be the last thing.
    Some((from + start, found.or((end == ';').then_some(bare.len()))))
}

/// Where the value of the next `anchor` parameter begins.
fn anchor(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("anchor").find_map(|(at, name)| {
        let is_name = lower.get(..at)?.trim_end().ends_with(';');
        let after = lower.get(at + name.len()..)?;
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        is_name.then(|| lower.len() - value.len())
    })
}
