//! Heads of answers: held to the same rules as requests, with room for what services send.

use std::time::Duration;

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version, header};

use super::UpstreamError;
use crate::chunked::Decoder;
use crate::head::{self, Scan, Telling};
use crate::{Limits, hop};

/// Limits of an answer's head. The times are unused here.
const LIMITS: Limits = Limits {
    head_bytes_max: 64 << 10,
    headers_max: 200,
    target_bytes_max: 1 << 10,
    connections_max: 1,
    connections_per_address_max: 1,
    head: Duration::ZERO,
    idle: Duration::ZERO,
    body: Duration::ZERO,
    body_rate_min: 0,
    answer_rate_min: 0,
};
/// Interim answers before the final one.
const INTERIM_MAX: u32 = 8;

/// Reads the head of an answer as it arrives.
#[derive(Default)]
pub(super) struct Answer {
    scan: Scan,
    interim: u32,
    /// A switch of protocols was offered, so that a 101 is an answer.
    pub(super) may_switch: bool,
}

/// A head that may be passed on.
pub(super) struct Head {
    pub response: Response<()>,
    pub body: Decoder,
    /// The service will keep the connection.
    pub keep_alive: bool,
}

impl Answer {
    /// The final head, when the buffer holds it; interim ones are passed over.
    pub(super) fn advance(
        &mut self,
        buffer: &mut BytesMut,
        method: &Method,
    ) -> Result<Option<Head>, UpstreamError> {
        loop {
            let end = self.scan.advance(buffer, &LIMITS).map_err(|fault| match fault {
                crate::HeadFault::Syntax => UpstreamError::invalid("the answer's head is not well-formed"),
                _ => UpstreamError::invalid("the answer's head is too large"),
            })?;
            let Some(end) = end else { return Ok(None) };
            let lines = std::mem::take(&mut self.scan).lines;
            let head = parse(buffer.split_to(end), lines, method)?;
            let has_switched = self.may_switch && head.response.status() == StatusCode::SWITCHING_PROTOCOLS;
            if has_switched || !head.response.status().is_informational() {
                return Ok(Some(head));
            }
            self.interim += 1;
            if head.response.status() == StatusCode::SWITCHING_PROTOCOLS || self.interim > INTERIM_MAX {
                return Err(UpstreamError::invalid(
                    "the service sent interim answers that were not asked for",
                ));
            }
        }
    }
}

fn parse(raw: BytesMut, lines: usize, method: &Method) -> Result<Head, UpstreamError> {
    let malformed = || UpstreamError::invalid("the answer's head is not well-formed");
    let raw = raw.freeze();
    let mut fields = vec![httparse::EMPTY_HEADER; lines];
    let mut parsed = httparse::Response::new(&mut fields);
    match parsed.parse(&raw) {
        Ok(httparse::Status::Complete(length)) if length == raw.len() => {}
        _ => return Err(malformed()),
    }
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or_else(malformed)?;
    if status.as_u16() > 599 {
        return Err(malformed());
    }
    let version = if parsed.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    let mut telling = Telling::default();
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| malformed())?;
        if name == header::CONNECTION && field.value.eq_ignore_ascii_case(b"keep-alive") {
            // What HTTP/1.1 does anyway, said by most services: it is of this hop, and asks for nothing.
            continue;
        }
        telling.note(&name);
        let bytes = if field.value.is_empty() { bytes::Bytes::new() } else { raw.slice_ref(field.value) };
        let value = HeaderValue::from_maybe_shared(bytes).map_err(|_| malformed())?;
        headers.try_append(name, value).map_err(|_| malformed())?;
    }
    let body = head::response_body(&headers, telling, version, status, method)
        .map_err(|_| UpstreamError::invalid("the answer's length is not stated once and in one way"))?;
    let closes = telling.connection && hop::has_option(&headers, "close");
    let keep_alive = version == Version::HTTP_11 && !closes && body != Decoder::Close;
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    Ok(Head { response, body, keep_alive })
}
