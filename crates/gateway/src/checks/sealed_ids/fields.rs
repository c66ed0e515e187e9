//! Header fields of answers: where something was made (`Location`), where it stands (`Content-Location`), what comes
//! next (`Link`), and fields that are declared to hold an id.

use http::header::{CONTENT_LOCATION, HeaderName, LINK, LOCATION};
use http::{HeaderMap, HeaderValue};
use policy::decide::Subject;

use super::SealedIds;
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
    pub(super) fn fields(&self, exchange: &Exchange, response: &Response, subject: &Subject) -> Step {
        // The service's own words, in which ids are sealed that the request did not name.
        let seal = |kind: &str, id: &str| self.seals.seal(kind, id, subject).ok();
        let reading = Reading { base: exchange.route.path.as_str(), opened: &exchange.opened, seal: &seal };
        let url = |url: &str| match self.seals.url(url, &reading) {
            Url::Same => Field::Same,
            Url::Sealed(url) => Field::Sealed(url),
            Url::Leaks => Field::Gone,
        };
        let mut edits = Vec::new();
        for name in [LOCATION, CONTENT_LOCATION] {
            edit(&response.headers, name, &mut edits, |value| url(value));
        }
        edit(&response.headers, LINK, &mut edits, |value| links(value, &url));
        let declared = self.seals.plan().map(|plan| plan.sealed.headers.as_slice()).unwrap_or_default();
        for (name, kind) in declared {
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
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

/// RFC 8288: every target between `<` and `>`.
fn links(value: &str, url: &impl Fn(&str) -> Field) -> Field {
    let mut made = String::with_capacity(value.len());
    let mut rest = value;
    let mut is_changed = false;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { return Field::Gone };
        made.push_str(before);
        made.push('<');
        match url(target) {
            Field::Same => made.push_str(target),
            Field::Sealed(text) => {
                is_changed = true;
                made.push_str(&text);
            }
            Field::Gone => return Field::Gone,
        }
        made.push('>');
        rest = after;
    }
    made.push_str(rest);
    if is_changed { Field::Sealed(made) } else { Field::Same }
}
