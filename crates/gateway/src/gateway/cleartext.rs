//! What is answered before anything is routed, where a listener has no TLS: validations of names, and the way to TLS.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use model::{Code, Outcome, Phase};
use net::{Connection, RequestBody, ResponseBody};

use super::{Gateway, flow, relay};
use crate::observe::Flight;
use crate::origin::Entrance;
use crate::pipeline::Stop;
use crate::reply;
use crate::transport::{self, Instead, Ours};

/// Stands in records for the path of a validation, whose end is a token.
const VALIDATION: &str = "/.well-known/acme-challenge/{token}";

impl Gateway {
    /// Answers, or gives the request back to be served.
    pub(super) async fn turn_away(
        &self,
        entrance: &Entrance,
        connection: &Connection,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, Request<RequestBody>> {
        if connection.tls {
            return Err(request);
        }
        let certificates = &self.shared.certificates;
        let token = transport::validation(request.method(), request.uri());
        let answer = token.and_then(|token| certificates.challenges.http(&token));
        let snapshot = self.snapshot.load_full();
        let ours = Ours { snapshot: &snapshot, certificates };
        let host = flow::host_of(request.headers(), request.uri());
        let instead = entrance.manners.instead(&host, request.uri(), &ours);
        if answer.is_none() && instead.is_none() {
            return Err(request);
        }
        let (parts, body) = request.into_parts();
        let mut flight = self.open(&snapshot, entrance, connection, parts, &body).flight;
        flight.plan = Arc::clone(&snapshot.nowhere);
        flight.template = answer.is_some().then(|| Arc::from(VALIDATION));
        let plan = Arc::clone(&flight.plan);
        let (connect, _) = plan.split(Phase::Connect);
        if let Err(stop) = self.runner(&snapshot).request(connect, &mut flight.run).await {
            return Ok(relay::refuse(flight, stop, None));
        }
        Ok(match (answer, instead) {
            (Some(authorization), _) => validate(flight, authorization),
            (None, Some(Instead::Redirect(place))) => redirect(flight, place),
            (None, Some(Instead::UnknownHost)) => relay::refuse(flight, Code::HostUnknown.into(), None),
            (None, _) => relay::refuse(flight, Code::TlsRequired.into(), None),
        })
    }
}

/// RFC 8555 section 8.3: the key authorization and nothing else.
fn validate(mut flight: Box<Flight>, authorization: String) -> Response<ResponseBody> {
    let to_head = flight.run.exchange.head.method == Method::HEAD;
    let body = if to_head { Bytes::new() } else { Bytes::from(authorization) };
    flight.response_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let mut response = Response::new(ResponseBody::whole(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    identify(&flight, &mut response);
    flight.answering(StatusCode::OK.as_u16());
    flight.ended(Outcome::Allowed);
    response
}

/// 308 keeps method and body (RFC 9110 section 15.4.9). In the record it is a refusal: nothing was served.
fn redirect(mut flight: Box<Flight>, place: HeaderValue) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(LOCATION, place);
    identify(&flight, &mut response);
    flight.stopped(&Stop::from(Code::TlsRequired));
    flight.answering(StatusCode::PERMANENT_REDIRECT.as_u16());
    response
}

fn identify(flight: &Flight, response: &mut Response<ResponseBody>) {
    if let Ok(id) = HeaderValue::from_str(&flight.run.exchange.request_id) {
        response.headers_mut().insert(reply::X_REQUEST_ID, id);
    }
}
