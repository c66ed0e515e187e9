//! The service's answer as those who filter it have to read it: JSON, whole, and in no coding, or not at all.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use model::{Code, Refusal};
use openapi::{ContentType, MediaKind};
use policy::decide::Subject;
use tape::Tape;

use super::media_type;
use crate::check::{Edit, Step};
use crate::exchange::{Exchange, Response};

/// An answer that shows something and can be read.
pub(super) fn read(exchange: &Exchange) -> Result<Option<&Tape>, Step> {
    let Some(response) = &exchange.response else { return Ok(None) };
    if !response.status.is_success() {
        return Ok(None);
    }
    let body = response.body.as_ref().filter(|body| !body.bytes.is_empty());
    let Some(body) = body else { return Ok(None) };
    if response.status == StatusCode::PARTIAL_CONTENT {
        return Err(unfilterable("the answer is a part of one"));
    }
    if !is_json(&response.headers) {
        return Err(unfilterable("the answer's media type, charset or coding cannot be filtered"));
    }
    body.json().map(Some).map_err(|_| unfilterable("the answer is not well-formed JSON"))
}

/// An answer that shows something, and to whom; else the step that ends the check.
pub(super) fn shown(exchange: &Exchange) -> Result<(&Tape, &Arc<Subject>), Step> {
    let tape = read(exchange)?.ok_or_else(Step::pass)?;
    let subject = exchange.subject.as_ref();
    Ok((tape, subject.ok_or_else(|| Step::Fail("nobody to show it to".to_owned()))?))
}

/// Whether an answer of these headers is one JSON document in UTF-8. Several fields of a kind are understood by each in
/// their own way, and so are none.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = media_type::content_type(headers).ok().flatten();
    !media_type::is_encoded(headers)
        && content_type
            .and_then(ContentType::parse)
            .is_some_and(|sent| sent.kind() == MediaKind::Json && sent.is_utf8())
}

/// Refuses the answer; why is for the record only.
pub(super) fn unfilterable(why: &str) -> Step {
    Step::RefuseWith(vec![Edit::Report(why.to_owned())], Box::new(Refusal::new(Code::ResponseUnfilterable)))
}

/// The status alone, in place of an error that cannot be read.
pub(super) fn status_alone(response: &Response, length: usize) -> Step {
    let status = response.status;
    let title = status.canonical_reason().unwrap_or("Error");
    let body = serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16() });
    let problem = HeaderValue::from_static("application/problem+json");
    Step::Continue(vec![
        Edit::SpliceResponse(vec![(0..length, Bytes::from(body.to_string()))]),
        Edit::RemoveResponseHeader(CONTENT_ENCODING),
        Edit::SetResponseHeader(CONTENT_TYPE, problem),
        Edit::Report("an error that cannot be read was replaced".to_owned()),
    ])
}
