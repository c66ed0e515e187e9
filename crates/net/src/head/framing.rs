//! How long a body is (RFC 9112 section 6): stated once and in one way, or refused.

use http::{HeaderMap, Method, StatusCode, Version, header};

use super::{HeadFault, Telling};
use crate::chunked::Decoder;

/// The body of a request.
pub(crate) fn request_body(headers: &HeaderMap, version: Version) -> Result<Decoder, HeadFault> {
    stated(headers, version).map(|body| body.unwrap_or(Decoder::Done))
}

/// The body of a response to `method`. Without a statement it goes on until the connection ends.
pub(crate) fn response_body(
    headers: &HeaderMap,
    telling: Telling,
    version: Version,
    status: StatusCode,
    method: &Method,
) -> Result<Decoder, HeadFault> {
    let stated = if telling.framing { stated(headers, version)? } else { None };
    let bodiless =
        *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    Ok(if bodiless { Decoder::Done } else { stated.unwrap_or(Decoder::Close) })
}

/// The one `Content-Length`, if there is any.
pub(crate) fn length_of(headers: &HeaderMap) -> Result<Option<u64>, HeadFault> {
    let mut values = headers.get_all(header::CONTENT_LENGTH).into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(HeadFault::LengthRepeated);
    }
    let digits = value.as_bytes();
    // 18 digits leave room in u64 and in every sum.
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(HeadFault::LengthInvalid);
    }
    Ok(Some(digits.iter().fold(0, |length, digit| length * 10 + u64::from(digit - b'0'))))
}

fn stated(headers: &HeaderMap, version: Version) -> Result<Option<Decoder>, HeadFault> {
    let mut encodings = headers.get_all(header::TRANSFER_ENCODING).into_iter();
    let Some(encoding) = encodings.next() else {
        return length_of(headers).map(|length| length.map(Decoder::length));
    };
    if headers.contains_key(header::CONTENT_LENGTH) {
        return Err(HeadFault::LengthWithTransferEncoding);
    }
    let chunked = encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !chunked || encodings.next().is_some() || version == Version::HTTP_10 {
        return Err(HeadFault::TransferEncoding);
    }
    Ok(Some(Decoder::CHUNKED))
}
