//! Asks a decision point of others about an object (AuthZEN Authorization API 1.0), with the gateway's own credential.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use model::Secret;
use net::fetch::Fetcher;
use policy::authzen::{Answer as Told, MESSAGE_BYTES_MAX, answer};

use crate::evidence::Digest;
use crate::keys::fetch::may_fetch;
use crate::question::{Answer, NoAnswer};

/// Where one API's questions go.
pub struct DecisionPoint {
    /// The whole URL of the evaluation.
    pub endpoint: String,
    pub token: Option<Secret<Vec<u8>>>,
}

impl fmt::Debug for DecisionPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionPoint")
            .field("endpoint", &self.endpoint)
            .field("has_token", &self.token.is_some())
            .finish()
    }
}

/// One question: about one object, by one request.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub(crate) point: Arc<DecisionPoint>,
    pub(crate) body: Bytes,
    pub(crate) timeout: Duration,
}

impl Evaluation {
    /// Equal for equal questions to one point.
    pub(crate) fn key(&self) -> [u8; 32] {
        let mut digest = Digest::default();
        digest.text("evaluation").text(&self.point.endpoint).bytes(&self.body);
        digest.finish()
    }
}

pub(crate) async fn evaluate(fetcher: &Fetcher, evaluation: &Evaluation) -> Answer {
    match ask(fetcher, evaluation).await {
        Some(told) => Answer::Evaluated(Arc::new(told)),
        None => Answer::None(NoAnswer::Failed),
    }
}

async fn ask(fetcher: &Fetcher, evaluation: &Evaluation) -> Option<Told> {
    let point = &evaluation.point;
    if !may_fetch(&point.endpoint) {
        return None;
    }
    let mut request = Request::new(evaluation.body.clone());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = point.endpoint.parse().ok()?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(token) = &point.token {
        let mut bearer = b"Bearer ".to_vec();
        bearer.extend_from_slice(token.expose());
        let mut value = HeaderValue::from_bytes(&bearer).ok()?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let fetched = fetcher.send(request, MESSAGE_BYTES_MAX, evaluation.timeout).await.ok()?;
    answer(fetched.status.as_u16(), fetched.body).ok()
}
