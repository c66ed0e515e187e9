//! Asks an authorization server about a token (RFC 7662 section 2), with the gateway's own client credentials.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use model::Secret;
use net::fetch::Fetcher;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::fetches::FetchFault;
use crate::keys::fetch::may_fetch;
use crate::settings::Introspection;

const ANSWER_BYTES_MAX: usize = 256 << 10;

/// What stands for itself in `application/x-www-form-urlencoded`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// Answers [`crate::question::Question::Introspect`]: the members of the answer, `active` among them. The error is for
/// the operator and holds nothing of the token or the answer.
pub async fn introspect(
    fetcher: &Fetcher,
    settings: &Introspection,
    token: &Secret<String>,
    timeout: Duration,
) -> Result<Map<String, Value>, FetchFault> {
    if !may_fetch(&settings.endpoint) {
        return Err(FetchFault::forbidden("the introspection endpoint is neither https nor on this machine"));
    }
    let authorization = authorization(settings);
    let form = Bytes::copy_from_slice(form(token).expose().as_bytes());
    let fetched = fetcher
        .post_form(&settings.endpoint, Some(authorization.expose()), form, ANSWER_BYTES_MAX, timeout)
        .await?;
    read(fetched.status.as_u16(), fetched.body)
}

/// `client_secret_basic`: both parts form-encoded, then Base64 (RFC 6749 section 2.3.1).
fn authorization(settings: &Introspection) -> Secret<String> {
    let id = utf8_percent_encode(&settings.client_id, FORM);
    let secret = utf8_percent_encode(settings.client_secret.expose(), FORM);
    let pair = Secret::new(format!("{id}:{secret}"));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

fn form(token: &Secret<String>) -> Secret<String> {
    Secret::new(format!("token={}&token_type_hint=access_token", utf8_percent_encode(token.expose(), FORM)))
}

fn read(status: u16, body: Bytes) -> Result<Map<String, Value>, FetchFault> {
    if status != 200 {
        return Err(FetchFault::status(status));
    }
    let answer = tape::json::parse(body, &tape::Limits::default())
        .map_err(|_| FetchFault::unusable("the introspection answer is not strict JSON"))?;
    match answer.root().to_value() {
        // Without `active` the answer says nothing (RFC 7662 section 2.2).
        Value::Object(members) if members.get("active").is_some_and(Value::is_boolean) => Ok(members),
        _ => Err(FetchFault::unusable("the introspection answer is not an object with `active`")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_client_authenticates_with_encoded_parts() {
        let settings = Introspection {
            endpoint: "https://login.example/introspect".to_owned(),
            client_id: "gate way".to_owned(),
            client_secret: Secret::new("p:ss/w%rd".to_owned()),
            issuer: None,
            audiences: Vec::new(),
            cache: Duration::ZERO,
            token_lifetime_max: None,
            subject_claim: None,
        };
        let header = authorization(&settings);
        let decoded = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(decoded, b"gate%20way:p%3Ass%2Fw%25rd");
        let form = form(&Secret::new("a&b=c+d".to_owned()));
        assert_eq!(form.expose(), "token=a%26b%3Dc%2Bd&token_type_hint=access_token");
    }

    #[test]
    fn only_a_strict_answer_with_active_counts() {
        let answer = |status, body: &'static str| read(status, Bytes::from_static(body.as_bytes()));
        assert_eq!(answer(200, r#"{"active":true,"sub":"x"}"#).unwrap().len(), 2);
        assert!(answer(200, r#"{"active":false}"#).is_ok());
        for (status, body) in [
            (401, r#"{"active":true}"#),
            (200, r#"{"active":false,"active":true}"#),
            (200, r#"{"active":"true"}"#),
            (200, r#"{"sub":"x"}"#),
            (200, "[true]"),
            (200, "active"),
        ] {
            assert!(answer(status, body).is_err(), "{status} {body}");
        }
    }
}
