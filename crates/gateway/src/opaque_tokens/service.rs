//! What a service is asked about the token that it is sent, and what its answer says of whoever holds it.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request};
use model::Secret;
use serde_json::Value;

use super::Members;
use crate::fetches::FetchFault;

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

/// The token stands where the caller sent it, after the same word.
pub(super) fn request(
    endpoint: &str,
    scheme: &str,
    token: &Secret<String>,
) -> Result<Request<Bytes>, FetchFault> {
    let unusable = || FetchFault::unusable("the token cannot be sent on");
    let mut value = HeaderValue::from_str(&format!("{scheme} {}", token.expose())).map_err(|_| unusable())?;
    value.set_sensitive(true);
    let request = Request::get(endpoint).header(AUTHORIZATION, value).header(ACCEPT, "application/json");
    request.body(Bytes::new()).map_err(|_| unusable())
}

/// What the service says of the holder, in the shape of an introspection answer.
pub(super) fn read(status: u16, body: Bytes) -> Result<Members, FetchFault> {
    let inactive = || Members::from_iter([("active".to_owned(), Value::Bool(false))]);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_service_says_of_the_holder_says_nothing_of_the_token() {
        let read = |status, body: &str| read(status, Bytes::from(body.to_owned()));
        let said =
            read(200, r#"{"user":{"id":7},"scope":"admin","exp":1,"iss":"x","client_id":"y"}"#).unwrap();
        assert_eq!(Value::Object(said), serde_json::json!({ "user": { "id": 7 }, "active": true }));
        let said = read(200, r#"{"acr":"gold","amr":["otp"],"auth_time":1,"azp":"y"}"#).unwrap();
        assert_eq!(Value::Object(said), serde_json::json!({ "active": true }));
        for (status, body) in
            [(401, ""), (403, "{}"), (200, r#"{"id":7,"active":false}"#), (200, r#"{"id":7,"active":"no"}"#)]
        {
            assert_eq!(read(status, body).unwrap().get("active"), Some(&Value::Bool(false)), "{body}");
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
            assert!(read(status, body).is_err(), "{status} {body}");
        }
    }
}
