//! Heads of answers: held to the same rules as requests, with room for what services send.

use std::time::Duration;

use bytes::BytesMut;
use http::{Method, StatusCode, Version};

use super::UpstreamError;
use crate::chunked::Decoder;
use crate::fields::{Kind, Reading};
use crate::head::{self, Lines, Scan};
use crate::{Fields, Limits, hop};

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
    pub status: StatusCode,
    pub version: Version,
    pub fields: Fields,
    pub body: Decoder,
    pub afterwards: Afterwards,
}

/// What becomes of the connection when the answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afterwards {
    Closed,
    /// The next request may follow at once.
    Kept,
    /// The next request may follow when nothing has come for a while. The answer has no body, but its head speaks of one,
    /// as it should (RFC 9110 section 8.6): a service that is wrong about it sends that body too, perhaps in a packet of
    /// its own, and it would be read as the next request's answer.
    Watched,
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
            let has_switched = self.may_switch && head.status == StatusCode::SWITCHING_PROTOCOLS;
            if has_switched || !head.status.is_informational() {
                return Ok(Some(head));
            }
            self.interim += 1;
            if head.status == StatusCode::SWITCHING_PROTOCOLS || self.interim > INTERIM_MAX {
                return Err(UpstreamError::invalid(
                    "the service sent interim answers that were not asked for",
                ));
            }
        }
    }
}

fn parse(raw: BytesMut, lines: usize, method: &Method) -> Result<Head, UpstreamError> {
    let malformed = || UpstreamError::invalid("the answer's head is not well-formed");
    let mut rest = Lines::of(&raw);
    let (status, version) = rest.next().and_then(status_line).ok_or_else(malformed)?;
    // One of the lines is the status.
    let mut reading = Reading::new(lines.saturating_sub(1));
    for line in rest.by_ref() {
        reading.add(&raw, line).ok_or_else(malformed)?;
    }
    if !rest.is_over() {
        return Err(malformed());
    }
    let states_length = reading.has_framing();
    let fields = reading.finish(raw);
    let content = head::response_body(&fields, states_length, version, status, method)
        .map_err(|_| UpstreamError::invalid("the answer's length is not stated once and in one way"))?;
    let closes = !fields.are_plain() && hop::is_option(fields.values(Kind::Connection), "close");
    let afterwards = match () {
        () if version != Version::HTTP_11 || closes || content.body == Decoder::Close => Afterwards::Closed,
        // It may not even speak of one (RFC 9110 section 8.6, RFC 9112 section 6.1).
        () if content.is_only_stated && status == StatusCode::NO_CONTENT => Afterwards::Closed,
        // What a service would have sent until it closes need not be stated at all.
        () if content.is_only_stated || *method == Method::HEAD => Afterwards::Watched,
        () => Afterwards::Kept,
    };
    Ok(Head { status, version, fields, body: content.body, afterwards })
}

/// `HTTP/1.1 200 OK`, where the words of the reason may be missing (RFC 9112 section 4).
fn status_line(line: &[u8]) -> Option<(StatusCode, Version)> {
    let (version, rest) = line.split_first_chunk::<9>()?;
    let version = match version {
        b"HTTP/1.1 " => Version::HTTP_11,
        b"HTTP/1.0 " => Version::HTTP_10,
        _ => return None,
    };
    let (code, reason) = rest.split_first_chunk::<3>()?;
    let is_fine = reason.first().is_none_or(|byte| *byte == b' ') && head::is_value(reason);
    let status = StatusCode::from_bytes(code).ok().filter(|status| status.as_u16() <= 599)?;
    is_fine.then_some((status, version))
}

#[cfg(test)]
mod tests;
