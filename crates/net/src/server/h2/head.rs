//! Heads of HTTP/2, held to the rules for heads of HTTP/1, and answers in the form of HTTP/2.

use http::uri::Uri;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;

use crate::upstream::Scheme;
use crate::{HeadFault, Limits, ResponseBody, head, hop};

/// What a head says beside the request.
pub(super) struct Told {
    /// `None` also where there is no `:authority`: h2 passes the one on with the other.
    pub scheme: Option<Scheme>,
    /// Of the body.
    pub length: Option<u64>,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// Brings a head into the form that HTTP/1 has: origin form and exactly one `Host`.
pub(super) fn normalise<B>(request: &mut Request<B>, limits: &Limits) -> Result<Told, HeadFault> {
    if *request.method() == Method::CONNECT {
        return Err(HeadFault::Connect);
    }
    if request.headers().len() > limits.headers_max {
        return Err(HeadFault::HeadersTooMany);
    }
    trim(request);
    let host = host(request)?;
    let length = head::length_of(request.headers())?;
    let expects_continue = head::read_expectation(request.headers())?;
    let scheme = match request.uri().scheme_str() {
        None => None,
        Some(word) => Some(head::scheme(word).ok_or(HeadFault::Target)?),
    };
    let may_be_all = *request.method() == Method::OPTIONS;
    let is_one =
        |target: &str| (target.starts_with('/') && target.is_ascii()) || (target == "*" && may_be_all);
    let target = request.uri().path_and_query().filter(|target| is_one(target.as_str()));
    let target = target.ok_or(HeadFault::Target)?.clone();
    if target.as_str().len() > limits.target_bytes_max {
        return Err(HeadFault::TargetTooLong);
    }
    *request.uri_mut() = Uri::from(target);
    request.headers_mut().insert(header::HOST, host);
    join_cookies(request);
    Ok(Told { scheme, length, expects_continue })
}

/// `:authority`, or `Host` where there is none; where there are both they must agree (RFC 9113 section 8.3.1).
fn host<B>(request: &Request<B>) -> Result<HeaderValue, HeadFault> {
    let mut values = request.headers().get_all(header::HOST).into_iter();
    let host = values.next();
    if values.next().is_some() {
        return Err(HeadFault::HostRepeated);
    }
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let (text, value) = match (authority, host) {
        (None, None) => return Err(HeadFault::HostMissing),
        (Some(authority), None) => {
            (authority.as_bytes(), HeaderValue::from_str(authority).map_err(|_| HeadFault::HostInvalid)?)
        }
        (authority, Some(host)) => {
            let text = host.as_bytes();
            if authority.is_some_and(|authority| !head::agrees(authority.as_bytes(), text)) {
                return Err(HeadFault::HostMismatch);
            }
            (text, host.clone())
        }
    };
    if head::is_well_formed(text) { Ok(value) } else { Err(HeadFault::HostInvalid) }
}

/// White space around a value is no part of it: services would not find it in HTTP/1 either, and so no check may
/// (RFC 9110 section 5.5; RFC 9113 section 8.2.1 calls such fields malformed).
fn trim<B>(request: &mut Request<B>) {
    for value in request.headers_mut().values_mut() {
        let bytes = value.as_bytes();
        let trimmed = head::trim(bytes);
        if trimmed.len() < bytes.len()
            && let Ok(whole) = HeaderValue::from_bytes(trimmed)
        {
            let is_sensitive = value.is_sensitive();
            *value = whole;
            value.set_sensitive(is_sensitive);
        }
    }
}

/// HTTP/2 may cut a Cookie field into crumbs; beyond here there is one field (RFC 9113 section 8.2.3).
fn join_cookies<B>(request: &mut Request<B>) {
    let crumbs: Vec<&[u8]> =
        request.headers().get_all(header::COOKIE).into_iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1
        && let Ok(cookie) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        request.headers_mut().insert(header::COOKIE, cookie);
    }
}

/// Says the length anew, and sends no body where none may be.
pub(super) fn reframe(response: &mut Response<ResponseBody>, to_head: bool) {
    let fields = response.body_mut().take_fields();
    if !fields.is_empty() {
        let mut all = fields.into_table();
        let own = std::mem::take(response.headers_mut());
        for name in own.keys() {
            all.remove(name);
        }
        all.extend(own);
        *response.headers_mut() = all;
    }
    hop::strip_hop_by_hop(response.headers_mut());
    if response.status().is_informational() {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        *response.body_mut() = ResponseBody::empty();
    }
    let status = response.status();
    let exact = response.body().size_hint().exact();
    let told = head::length_of(response.headers()).ok().flatten();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    let length = match exact {
        _ if status == StatusCode::NO_CONTENT => None,
        _ if status == StatusCode::NOT_MODIFIED => told,
        Some(exact) if to_head => told.or(Some(exact).filter(|length| *length > 0)),
        None if to_head => told,
        exact => exact,
    };
    if to_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        *response.body_mut() = ResponseBody::empty();
    }
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !response.headers().contains_key(header::DATE)
        && let Ok(date) = HeaderValue::from_bytes(&crate::date::now())
    {
        response.headers_mut().insert(header::DATE, date);
    }
}
