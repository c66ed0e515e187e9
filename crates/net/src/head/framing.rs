//! How long a body is (RFC 9112 section 6): stated once and in one way, or refused.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};

use super::HeadFault;
use crate::Fields;
use crate::chunked::Decoder;
use crate::fields::Kind;

/// The body of a request.
pub(crate) fn request_body(headers: &HeaderMap, version: Version) -> Result<Decoder, HeadFault> {
    let encodings = values(headers, &header::TRANSFER_ENCODING);
    let stated = stated(encodings, values(headers, &header::CONTENT_LENGTH), version);
    stated.map(|body| body.unwrap_or(Decoder::Done))
}

/// What follows the head of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResponseContent {
    pub body: Decoder,
    /// A body is stated that such a response does not have.
    pub is_only_stated: bool,
}

/// The body of a response to `method`. Without a statement it goes on until the connection ends.
pub(crate) fn response_body(
    fields: &Fields,
    states: bool,
    version: Version,
    status: StatusCode,
    method: &Method,
) -> Result<ResponseContent, HeadFault> {
    let (encodings, lengths) = (fields.values(Kind::Encoding), fields.values(Kind::Length));
    let stated = if states { stated(encodings, lengths, version)? } else { None };
    let bodiless =
        *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    Ok(if bodiless {
        ResponseContent { body: Decoder::Done, is_only_stated: stated.is_some_and(|body| !body.is_done()) }
    } else {
        ResponseContent { body: stated.unwrap_or(Decoder::Close), is_only_stated: false }
    })
}

/// The one `Content-Length`, if there is any.
pub(crate) fn length_of(headers: &HeaderMap) -> Result<Option<u64>, HeadFault> {
    length_of_values(values(headers, &header::CONTENT_LENGTH))
}

/// Of the values of every `Content-Length`.
pub(crate) fn length_of_values<'v>(
    mut values: impl Iterator<Item = &'v [u8]>,
) -> Result<Option<u64>, HeadFault> {
    let Some(digits) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(HeadFault::LengthRepeated);
    }
    // 18 digits leave room in u64 and in every sum.
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(HeadFault::LengthInvalid);
    }
    Ok(Some(digits.iter().fold(0, |length, digit| length * 10 + u64::from(digit - b'0'))))
}

fn values<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
    headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
}

fn stated<'v>(
    mut encodings: impl Iterator<Item = &'v [u8]>,
    mut lengths: impl Iterator<Item = &'v [u8]>,
    version: Version,
) -> Result<Option<Decoder>, HeadFault> {
    let Some(encoding) = encodings.next() else {
        return length_of_values(lengths).map(|length| length.map(Decoder::length));
    };
    if lengths.next().is_some() {
        return Err(HeadFault::LengthWithTransferEncoding);
    }
    let chunked = encoding.eq_ignore_ascii_case(b"chunked");
    if !chunked || encodings.next().is_some() || version == Version::HTTP_10 {
        return Err(HeadFault::TransferEncoding);
    }
    Ok(Some(Decoder::CHUNKED))
}
