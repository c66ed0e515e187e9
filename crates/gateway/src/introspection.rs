//! Asks an authorization server about a token (RFC 7662 section 2), with the gateway's own client credentials; or the
//! service itself, with the token, who holds it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request};
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
    if let Some(word) = &settings.whoami {
        return whoami(fetcher, &settings.endpoint, word, token, timeout).await;
    }
    let authorization = authorization(settings);
    let form = Bytes::copy_from_slice(form(token).expose().as_bytes());
    let fetched = fetcher
        .post_form(&settings.endpoint, Some(authorization.expose()), form, ANSWER_BYTES_MAX, timeout)
        .await?;
    read(fetched.status.as_u16(), fetched.body)
}

/// Members that would speak of the token. Where a service says who holds it, they are of the person, and mean other things.
const OF_TOKENS: &[&str] = &[
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "token_type",
    "client_id",
    "azp",
    "scope",
    "scp",
    "acr",
    "amr",
    "auth_time",
];

/// What the service says of the holder, in the shape of an introspection answer.
async fn whoami(
    fetcher: &Fetcher,
    endpoint: &str,
    word: &str,
    token: &Secret<String>,
    timeout: Duration,
) -> Result<Map<String, Value>, FetchFault> {
    let unusable = || FetchFault::unusable("the token cannot be sent on");
    let mut value = HeaderValue::from_str(&format!("{word} {}", token.expose())).map_err(|_| unusable())?;
    value.set_sensitive(true);
    let request = Request::get(endpoint)
        .header(AUTHORIZATION, value)
        .header(ACCEPT, "application/json")
        .body(Bytes::new())
        .map_err(|_| unusable())?;
    let fetched = fetcher.send(request, ANSWER_BYTES_MAX, timeout).await?;
    holder(fetched.status.as_u16(), fetched.body)
}

fn holder(status: u16, body: Bytes) -> Result<Map<String, Value>, FetchFault> {
    let inactive = || Map::from_iter([("active".to_owned(), Value::Bool(false))]);
    if matches!(status, 401 | 403) {
        return Ok(inactive());
    }
    if status != 200 {
        return Err(FetchFault::status(status));
    }
    let unusable = || FetchFault::unusable("the answer of who holds the token is not a strict JSON object");
    let answer = tape::json::parse(body, &tape::Limits::default()).map_err(|_| unusable())?;
    let Value::Object(mut members) = answer.root().to_value() else { return Err(unusable()) };
    // Accounts that are switched off say so by the same word.
    if members.get("active").is_some_and(|active| *active != Value::Bool(true)) {
        return Ok(inactive());
    }
    // A token that is bound to a key (RFC 7800) is none for whoever brings it.
    if members.contains_key("cnf") {
        return Err(FetchFault::unusable("the token is bound to a key, which is not checked here"));
    }
    for name in OF_TOKENS {
        members.remove(*name);
    }
    members.insert("active".to_owned(), Value::Bool(true));
    Ok(members)
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
            whoami: None,
        };
        let header = authorization(&settings);
        let decoded = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(decoded, b"gate%20way:p%3Ass%2Fw%25rd");
        let form = form(&Secret::new("a&b=c+d".to_owned()));
        assert_eq!(form.expose(), "token=a%26b%3Dc%2Bd&token_type_hint=access_token");
    }

    #[test]
    fn what_a_service_says_of_the_holder_says_nothing_of_the_token() {
        let holder = |status, body: &str| holder(status, Bytes::from(body.to_owned()));
        let said =
            holder(200, r#"{"user":{"id":7},"scope":"admin","exp":1,"iss":"x","client_id":"y"}"#).unwrap();
        assert_eq!(Value::Object(said), serde_json::json!({ "user": { "id": 7 }, "active": true }));
        let said = holder(200, r#"{"acr":"gold","amr":["otp"],"auth_time":1,"azp":"y"}"#).unwrap();
        assert_eq!(Value::Object(said), serde_json::json!({ "active": true }));
        for (status, body) in
            [(401, ""), (403, "{}"), (200, r#"{"id":7,"active":false}"#), (200, r#"{"id":7,"active":"no"}"#)]
        {
            assert_eq!(holder(status, body).unwrap().get("active"), Some(&Value::Bool(false)), "{body}");
        }
        for (status, body) in [
            (500, "{}"),
            (302, "{}"),
            (404, ""),
            (200, "[7]"),
            (200, ""),
            (200, r#"{"id":1,"id":2}"#),
            (200, r#"{"id":1,"cnf":{}}"#),
        ] {
            assert!(holder(status, body).is_err(), "{status} {body}");
        }
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
