//! The one function that applies what checks ask to be changed.

#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use model::LimitState;

use crate::check::{Edit, Opened};
use crate::exchange::{Body, Exchange};
use crate::pairs::with_each;

/// Fields that describe the bytes of an answer (RFC 9110 section 8.8, RFC 9530, RFC 1864): they would tell of what was
/// taken out, and are wrong for what is left.
const OF_THE_WHOLE: [&str; 7] =
    ["etag", "last-modified", "accept-ranges", "content-digest", "repr-digest", "digest", "content-md5"];

/// What was asked for so far. The request as received stays in the exchange; this is applied when it is forwarded.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// `None` removes.
    pub(crate) request_headers: Vec<(HeaderName, Option<HeaderValue>)>,
    /// `Some(None)` removes the query.
    pub(crate) query: Option<Option<String>>,
    pub(crate) path: Option<String>,
    pub(crate) response_headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) limits: Vec<LimitState>,
    pub(crate) held: Vec<std::sync::Arc<crate::locks::Held>>,
    pub(crate) renaming: Option<Box<crate::renaming::Renaming>>,
    /// No cache keeps the answer.
    pub(crate) is_private: bool,
}

/// An edit that cannot be made: a fault of the check, not of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditFault {
    #[error("an edit of the body where there is none")]
    NoBody,
    #[error("body edits overlap or lie outside the body")]
    Span,
    #[error("the edited path or query is not well-formed")]
    Target,
    #[error("a request edit came after the request was sent")]
    TooLate,
    #[error("an edit of the response where there is none")]
    NoResponse,
}

/// What the runner records of applied edits.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Whether anything that is forwarded or answered changed.
    pub(crate) changed: bool,
    pub(crate) report: Option<String>,
}

/// Applies the edits of one step, in order. After the first fault nothing more is applied.
pub(crate) fn apply(
    edits: Vec<Edit>,
    exchange: &mut Exchange,
    effects: &mut Effects,
    max_tape: &tape::Limits,
) -> Result<Applied, EditFault> {
    let mut applied = Applied::default();
    for edit in edits {
        if exchange.response.is_some() && edit.is_of_request() {
            return Err(EditFault::TooLate);
        }
        match edit {
            Edit::Report(text) => add_report(&mut applied.report, text),
            Edit::Limit(state) => effects.limits.push(state),
            Edit::Hold(held) => effects.held.push(held),
            Edit::Rename(renaming) => effects.renaming = Some(renaming),
            Edit::Caller(caller) => exchange.caller = Some(caller),
            Edit::Subject(subject) => exchange.subject = Some(subject),
            Edit::Objects(_) | Edit::Decided(_) | Edit::AwaitAnswer | Edit::Inspected(_) => {
                note(edit, exchange)
            }
            edit => applied.changed |= change(edit, exchange, effects, max_tape)?,
        }
    }
    Ok(applied)
}

/// Changes what is forwarded or answered; whether it is another one then.
fn change(
    edit: Edit,
    exchange: &mut Exchange,
    effects: &mut Effects,
    max_tape: &tape::Limits,
) -> Result<bool, EditFault> {
    match edit {
        Edit::SetRequestHeader(name, value) => effects.request_headers.push((name, Some(value))),
        Edit::RemoveRequestHeader(name) => effects.request_headers.push((name, None)),
        Edit::SetQuery(query) => {
            check_target(query.as_deref().unwrap_or_default())?;
            effects.query = Some(query);
        }
        Edit::SetPath(path) => {
            if !path.starts_with('/') || path.contains('?') {
                return Err(EditFault::Target);
            }
            check_target(&path)?;
            effects.path = Some(path);
        }
        Edit::SpliceBody(spans) => {
            let body = exchange.body.as_ref().ok_or(EditFault::NoBody)?;
            exchange.body = Some(Body::new(splice(&body.bytes, spans)?, max_tape.clone()));
        }
        Edit::Opened(opened) => open(*opened, exchange, effects)?,
        Edit::SetResponseHeader(name, value) => effects.response_headers.push((name, value)),
        Edit::RemoveResponseHeader(name) => {
            let response = exchange.response.as_mut().ok_or(EditFault::NoResponse)?;
            return Ok(response.headers.remove(&name).is_some());
        }
        Edit::Private => effects.is_private = true,
        Edit::SpliceResponse(spans) => {
            let response = exchange.response.as_mut().ok_or(EditFault::NoResponse)?;
            let body = response.body.as_ref().ok_or(EditFault::NoBody)?;
            response.body = Some(Body::new(splice(&body.bytes, spans)?, max_tape.clone()));
            say_nothing_of_the_whole(&mut response.headers);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Takes out of an answer's head what describes bytes that the caller does not get.
pub(crate) fn say_nothing_of_the_whole(headers: &mut HeaderMap) {
    for name in OF_THE_WHOLE {
        headers.remove(name);
    }
}

/// Puts the service's own ids into the head, for every check from here on and for the service.
fn open(opened: Opened, exchange: &mut Exchange, effects: &mut Effects) -> Result<(), EditFault> {
    let Opened { ids, path, query, headers } = opened;
    exchange.opened.extend(ids);
    if let Some((path, values)) = path {
        if effects.path.is_some() {
            return Err(EditFault::Target);
        }
        (exchange.route.path, exchange.route.path_values) = (path, values);
    }
    for (name, values) in query {
        let edited = effects.query.as_mut().and_then(Option::as_mut);
        for pairs in exchange.route.query.iter_mut().chain(edited) {
            *pairs = with_each(pairs, &name, |index| values.get(index).cloned());
        }
    }
    for (name, value) in headers {
        exchange.head.headers.insert(name, value);
    }
    Ok(())
}

/// What was found out, which changes nothing by itself.
fn note(edit: Edit, exchange: &mut Exchange) {
    match edit {
        Edit::Objects(objects) => {
            exchange.objects = objects;
            // By the answer, if it was for that to tell.
            exchange.awaits_answer &= exchange.response.is_none();
        }
        Edit::AwaitAnswer => exchange.awaits_answer = true,
        Edit::Inspected(inspection) => exchange.inspection = Some(inspection),
        Edit::Decided(decided) => match &mut exchange.authorization {
            Some(before) => before.add(*decided),
            None => exchange.authorization = Some(decided),
        },
        _ => {}
    }
}

/// The reports and what was found out, nothing else, for a check that is watched.
pub(crate) fn reports(edits: Vec<Edit>, exchange: &mut Exchange, effects: &mut Effects) -> Applied {
    let mut applied = Applied::default();
    for edit in edits {
        match edit {
            Edit::Report(text) => add_report(&mut applied.report, text),
            Edit::Limit(_) | Edit::Caller(_) | Edit::Subject(_) | Edit::Hold(_) | Edit::AwaitAnswer => {}
            Edit::Rename(renaming) => effects.renaming = Some(renaming),
            Edit::Objects(_) | Edit::Decided(_) | Edit::Inspected(_) => note(edit, exchange),
            _ => applied.changed = true,
        }
    }
    applied
}

fn add_report(report: &mut Option<String>, text: String) {
    match report {
        Some(all) => {
            all.push_str("; ");
            all.push_str(&text);
        }
        None => *report = Some(text),
    }
}

impl Edit {
    fn is_of_request(&self) -> bool {
        !matches!(
            self,
            Self::SetResponseHeader(..)
                | Self::RemoveResponseHeader(_)
                | Self::Private
                | Self::SpliceResponse(_)
                | Self::Objects(_)
                | Self::Decided(_)
                | Self::Inspected(_)
                | Self::Report(_)
                | Self::Limit(_)
        )
    }
}

/// Refuses what would change the meaning of the request line: spaces, controls, a fragment, non-ASCII.
fn check_target(text: &str) -> Result<(), EditFault> {
    let plain = text.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'#');
    if plain { Ok(()) } else { Err(EditFault::Target) }
}

/// Replaces byte ranges, in any order, that do not overlap.
pub(crate) fn splice(bytes: &Bytes, mut spans: Vec<(Range<usize>, Bytes)>) -> Result<Bytes, EditFault> {
    spans.sort_by_key(|(range, _)| range.start);
    let grown: usize = spans.iter().map(|(_, with)| with.len()).sum();
    let mut result = BytesMut::with_capacity(bytes.len() + grown);
    let mut position = 0;
    for (range, with) in spans {
        if range.start > range.end {
            return Err(EditFault::Span);
        }
        let kept = bytes.get(position..range.start).ok_or(EditFault::Span)?;
        result.extend_from_slice(kept);
        result.extend_from_slice(&with);
        position = range.end;
    }
    result.extend_from_slice(bytes.get(position..).ok_or(EditFault::Span)?);
    Ok(result.freeze())
}
