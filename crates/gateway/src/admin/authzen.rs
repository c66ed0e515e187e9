//! AuthZEN Authorization API 1.0 on the administration port: others ask for a decision by an API's policies.
//!
//! Who asks holds the token of the port and answers for the facts in the question; nothing is asked of the API itself.
//! What cannot be decided is denied.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderName};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use net::RequestBody;
use policy::Authorization;
use policy::authzen::{
    self, CONFIGURATION_PATH, EVALUATION_PATH, EVALUATIONS_PATH, Evaluations, MESSAGE_BYTES_MAX,
    QuestionFault,
};
use serde_json::Value;

use super::guard;
use crate::gateway::Gateway;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 128;

pub(super) fn is_here(path: &str) -> bool {
    [EVALUATION_PATH, EVALUATIONS_PATH, CONFIGURATION_PATH].contains(&path)
}

/// The one method of each path.
pub(super) fn method(path: &str) -> Method {
    if path == CONFIGURATION_PATH { Method::GET } else { Method::POST }
}

/// Answers a request that was let in and has the right method.
pub(super) async fn answer(gateway: &Gateway, request: Request<RequestBody>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let request_id = head.headers.get(&REQUEST_ID).filter(|id| id.len() <= REQUEST_ID_BYTES_MAX).cloned();
    let mut response = match head.uri.path() {
        CONFIGURATION_PATH => configuration(&head.headers),
        path => match read(&head.headers, body).await {
            Ok(body) => decided(gateway, path, &body),
            Err((status, why)) => json(status, &Value::from(why)),
        },
    };
    if let Some(id) = request_id {
        response.headers_mut().insert(&REQUEST_ID, id);
    }
    response
}

fn decided(gateway: &Gateway, path: &str, body: &Bytes) -> Response<Bytes> {
    let now_unix_s = gateway.shared.clock.unix_ms() / 1000;
    let find = |name: Option<&str>| find(gateway, name);
    let answer = if path == EVALUATION_PATH {
        authzen::evaluation(body).map(|question| authzen::evaluate(&question, now_unix_s, &find))
    } else {
        authzen::evaluations(body).map(|asked| match asked {
            Evaluations::One(question) => authzen::evaluate(&question, now_unix_s, &find),
            Evaluations::Many(batch) => authzen::evaluate_all(&batch, now_unix_s, &find),
        })
    };
    answer.map_or_else(bad, |answer| json(StatusCode::OK, &answer))
}

fn bad(fault: QuestionFault) -> Response<Bytes> {
    json(StatusCode::BAD_REQUEST, &Value::from(fault.to_string()))
}

/// The API of this name, or the only one with authorization.
fn find(gateway: &Gateway, name: Option<&str>) -> Option<Arc<Authorization>> {
    let snapshot = gateway.snapshot.load();
    let mut apis = snapshot.settings.apis.iter().filter(|api| api.authorization.is_some());
    let found = match name {
        Some(name) => apis.find(|api| &*api.name == name),
        None => apis.next().filter(|_| apis.next().is_none()),
    };
    found?.authorization.clone()
}

async fn read(headers: &HeaderMap, body: RequestBody) -> Result<Bytes, (StatusCode, &'static str)> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err((StatusCode::BAD_REQUEST, "the body is application/json"));
    }
    match Limited::new(body, MESSAGE_BYTES_MAX).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(_) => Err((StatusCode::BAD_REQUEST, "the body is too large or did not come whole")),
    }
}

fn configuration(headers: &HeaderMap) -> Response<Bytes> {
    let host =
        headers.get(HOST).and_then(|host| host.to_str().ok()).and_then(|host| host.parse::<Authority>().ok());
    match host {
        Some(host) => json(StatusCode::OK, &authzen::configuration(&format!("http://{host}"))),
        None => json(StatusCode::BAD_REQUEST, &Value::from("no host")),
    }
}

fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    guard(response)
}
