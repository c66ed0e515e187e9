//! What an authorization server is sent about a token, and what its answer says (RFC 7662 section 2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use model::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Members;
use crate::fetches::FetchFault;

/// What stands for itself in `application/x-www-form-urlencoded`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// `client_secret_basic`: both parts form-encoded, then Base64 (RFC 6749 section 2.3.1).
pub(super) fn authorization(client_id: &str, client_secret: &Secret<String>) -> Secret<String> {
    let id = utf8_percent_encode(client_id, FORM);
    let secret = utf8_percent_encode(client_secret.expose(), FORM);
    let pair = Secret::new(format!("{id}:{secret}"));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

/// The request's body (RFC 7662 section 2.1).
pub(super) fn form(token: &Secret<String>) -> Bytes {
    let token = utf8_percent_encode(token.expose(), FORM);
    Bytes::from(format!("token={token}&token_type_hint=access_token"))
}

pub(super) fn read(status: u16, body: Bytes) -> Result<Members, FetchFault> {
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
        let header = authorization("gate way", &Secret::new("p:ss/w%rd".to_owned()));
        let decoded = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(decoded, b"gate%20way:p%3Ass%2Fw%25rd");
        let form = form(&Secret::new("a&b=c+d".to_owned()));
        assert_eq!(form, "token=a%26b%3Dc%2Bd&token_type_hint=access_token");
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
