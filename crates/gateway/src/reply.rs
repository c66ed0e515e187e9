//! The only place that turns a refusal into bytes: RFC 9457 problem details, with safe text only.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use model::{Challenge, LimitState, LimitUnit, Refusal, Violation};
use serde::Serialize;

pub(crate) const REQUEST_ID: &str = "x-request-id";
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static(REQUEST_ID);
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Room for a usual `RateLimit`.
const FIELD_BYTES: usize = 64;

/// RFC 9457 section 3, with our extension members.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    violations: &'a [Violation],
}

/// The whole answer to a refused request. To HEAD it has the same head and no body.
pub(crate) fn refusal(
    refusal: &Refusal,
    request_id: &str,
    limits: &[LimitState],
    head: bool,
) -> Response<Bytes> {
    let code = refusal.code;
    let mut response = problem(
        &Problem {
            r#type: format!("urn:bartizan:refusal:{}", code.slug()),
            title: code.title(),
            status: code.status(),
            detail: &refusal.detail,
            code: Some(code.slug()),
            request_id,
            violations: &refusal.violations,
        },
        head,
    );
    let headers = response.headers_mut();
    if code.status() == 405
        && let Ok(value) = HeaderValue::try_from(refusal.allow.join(", "))
    {
        headers.insert(ALLOW, value);
    }
    if let Some(seconds) = refusal.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    for challenge in &refusal.challenges {
        if let Ok(value) = HeaderValue::try_from(challenge_text(challenge)) {
            headers.append(WWW_AUTHENTICATE, value);
        }
    }
    rate_limit_headers(limits, headers);
    response
}

/// What replaces the body of an upstream's 5xx: its status and our words, because stack traces and names leak there.
pub(crate) fn upstream_failure(status: StatusCode, request_id: &str, head: bool) -> Response<Bytes> {
    problem(
        &Problem {
            r#type: "urn:bartizan:upstream-failure".to_owned(),
            title: "The service failed",
            status: status.as_u16(),
            detail: "",
            code: None,
            request_id,
            violations: &[],
        },
        head,
    )
}

fn problem(problem: &Problem<'_>, head: bool) -> Response<Bytes> {
    // Serialising strings and numbers cannot fail; were it to, an empty body with the right status is safe.
    let text = serde_json::to_vec(problem).unwrap_or_default();
    let length = text.len();
    let mut response = Response::new(if head { Bytes::new() } else { Bytes::from(text) });
    *response.status_mut() =
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    if head {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(problem.request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    response
}

/// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651).
pub(crate) fn rate_limit_headers(limits: &[LimitState], headers: &mut HeaderMap) {
    if limits.is_empty() {
        return;
    }
    let (mut policy, mut state) = (String::with_capacity(FIELD_BYTES), String::with_capacity(FIELD_BYTES));
    for limit in limits {
        if !policy.is_empty() {
            policy.push_str(", ");
            state.push_str(", ");
        }
        let name = quoted(&limit.name);
        put(&mut policy, &name, ["q", "w"], [limit.quota, limit.window_s]);
        match limit.unit {
            LimitUnit::Requests => {}
            LimitUnit::Cost => policy.push_str(";qu=\"cost\""),
            LimitUnit::Bytes => policy.push_str(";qu=\"content-bytes\""),
        }
        put(&mut state, &name, ["r", "t"], [limit.remaining, limit.reset_s]);
    }
    if let (Ok(policy), Ok(state)) = (HeaderValue::try_from(policy), HeaderValue::try_from(state)) {
        headers.insert(RATE_LIMIT_POLICY, policy);
        headers.insert(RATE_LIMIT, state);
    }
}

/// A name with two parameters: what each answer with limits has twice, and `write!` takes longer for.
fn put(field: &mut String, name: &str, parameters: [&str; 2], values: [u64; 2]) {
    field.push_str(name);
    for (parameter, value) in parameters.into_iter().zip(values) {
        for piece in [";", parameter, "=", itoa::Buffer::new().format(value)] {
            field.push_str(piece);
        }
    }
}

fn challenge_text(challenge: &Challenge) -> String {
    let mut text = challenge.scheme.to_owned();
    for (index, (name, value)) in challenge.parameters.iter().enumerate() {
        let separator = if index == 0 { " " } else { ", " };
        let _ = write!(text, "{separator}{name}={}", quoted(value));
    }
    text
}

/// A quoted-string (RFC 9110 section 5.6.4), which for printable ASCII is also a structured-field string.
fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for character in value.chars().filter(|character| (' '..='~').contains(character)) {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    text
}
