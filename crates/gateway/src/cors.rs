//! Cross-origin requests (the Fetch standard's CORS protocol), answered from the configuration alone.

#[cfg(test)]
mod tests;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method};

use crate::settings::Cors;

/// The method that a preflight asks about; `None` when the request is no preflight.
pub(crate) fn preflight_method<'a>(method: &Method, headers: &'a HeaderMap) -> Option<&'a str> {
    if method != Method::OPTIONS || !headers.contains_key(ORIGIN) {
        return None;
    }
    headers.get(ACCESS_CONTROL_REQUEST_METHOD)?.to_str().ok()
}

/// The headers of a preflight's 204, `method` being declared. Without the permission headers the browser refuses, so
/// an origin that is not listed, or a header that is not, gets an answer that permits nothing.
pub(crate) fn preflight(cors: &Cors, method: &str, request: &HeaderMap) -> HeaderMap {
    let mut answer = HeaderMap::new();
    answer.insert(
        VARY,
        HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    );
    let Some(origin) = allowed_origin(cors, request) else { return answer };
    if !headers_allowed(cors, request) {
        return answer;
    }
    grant(cors, origin, &mut answer);
    if let Ok(value) = HeaderValue::from_str(method) {
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, value);
    }
    if let (false, Ok(value)) = (cors.headers.is_empty(), HeaderValue::try_from(cors.headers.join(", "))) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, value);
    }
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(cors.max_age.as_secs()));
    answer
}

/// Replaces whatever the upstream said about CORS: the configuration decides.
pub(crate) fn response(cors: &Cors, request: &HeaderMap, answer: &mut HeaderMap) {
    for name in [
        ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_MAX_AGE,
    ] {
        answer.remove(name);
    }
    answer.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = allowed_origin(cors, request) else { return };
    grant(cors, origin, answer);
    if let (false, Ok(value)) = (cors.expose.is_empty(), HeaderValue::try_from(cors.expose.join(", "))) {
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, value);
    }
}

fn grant(cors: &Cors, origin: HeaderValue, answer: &mut HeaderMap) {
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if cors.credentials {
        answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// Origins are compared byte by byte (RFC 6454 section 6.2 serialises them canonically); `null` only when listed.
fn allowed_origin(cors: &Cors, request: &HeaderMap) -> Option<HeaderValue> {
    let mut all = request.get_all(ORIGIN).iter();
    let (Some(origin), None) = (all.next(), all.next()) else { return None };
    if cors.origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()) {
        return Some(origin.clone());
    }
    let any = cors.origins.iter().any(|listed| listed == "*") && !cors.credentials;
    any.then(|| HeaderValue::from_static("*"))
}

fn headers_allowed(cors: &Cors, request: &HeaderMap) -> bool {
    request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter().all(|line| {
        line.to_str().is_ok_and(|line| {
            line.split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .all(|name| cors.headers.iter().any(|allowed| allowed.eq_ignore_ascii_case(name)))
        })
    })
}
