//! Refuses a body whose media type or encoding is not declared, a body where none is declared, and a missing one.

#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{MediaFault, MediaRef, Operation};

use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

/// Declared media types that a refusal lists.
const DECLARED_MAX: usize = 10;

pub struct MediaType {
    operation: Arc<Operation>,
}

impl Build for MediaType {
    const ABOUT: About = About {
        name: "media_type",
        phase: Phase::Validate,
        owasp: &[Owasp::Api8],
        summary: "Refuses a body of an undeclared media type or encoding, an undeclared body and a missing one.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(preparation.operation.map(|operation| Self { operation: Arc::clone(operation) }))
    }
}

impl Check for MediaType {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        match judge(&self.operation, exchange) {
            Ok(_) => Step::pass(),
            Err(refusal) => Step::Refuse(refusal),
        }
    }
}

/// The declared media type of a request's body that can be read, or why the request is refused.
pub(super) fn judge(operation: &Operation, exchange: &Exchange) -> Result<Option<MediaRef>, Box<Refusal>> {
    let refusal = match declared(operation, exchange) {
        Ok(Some(_)) if is_encoded(&exchange.head.headers) => {
            let detail = "a body is accepted without `Content-Encoding` only";
            Refusal::new(Code::EncodingUnsupported).detail(detail)
        }
        Ok(media) => return Ok(media),
        Err(MediaFault::Missing) => Refusal::new(Code::BodyMissing),
        Err(MediaFault::Undeclared) => Refusal::new(Code::BodyUndeclared),
        Err(MediaFault::Unsupported { mut declared }) => {
            declared.truncate(DECLARED_MAX);
            let declared = MediaFault::Unsupported { declared };
            Refusal::new(Code::MediaTypeUnsupported).detail(declared.to_string())
        }
        Err(fault @ (MediaFault::Unread | MediaFault::Charset | MediaFault::Malformed)) => {
            Refusal::new(Code::MediaTypeUnsupported).detail(fault.to_string())
        }
    };
    Err(Box::new(refusal))
}

/// The declared media type of a request's body.
pub(super) fn declared(operation: &Operation, exchange: &Exchange) -> Result<Option<MediaRef>, MediaFault> {
    let content_type = content_type(&exchange.head.headers)?;
    // A body that was announced may turn out to be empty.
    let is_empty = exchange.body.as_ref().is_some_and(|body| body.bytes.is_empty());
    operation.media(content_type, exchange.head.has_body && !is_empty)
}

/// The one `Content-Type`, if there is one.
pub(super) fn content_type(headers: &HeaderMap) -> Result<Option<&str>, MediaFault> {
    let mut lines = headers.get_all(CONTENT_TYPE).into_iter();
    let first = lines.next().map(|value| value.to_str().map_err(|_| MediaFault::Malformed)).transpose()?;
    if lines.next().is_some() { Err(MediaFault::Malformed) } else { Ok(first) }
}

/// Whether a coding other than `identity` is named (RFC 9110 section 8.4).
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(CONTENT_ENCODING).into_iter();
    lines.any(|value| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}
