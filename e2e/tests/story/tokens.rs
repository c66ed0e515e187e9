//! Tokens at the door: what is let through, what is refused, and how the refusal is said.

use crate::Stage;

#[test]
fn a_token_of_the_issuer_opens_and_others_do_not() {
    let stage = Stage::set("tokens", "");
    let client = stage.gateway.client_with(&stage.token());
    assert_eq!(client.get("/orders/1").status, 200);
    let nobody = stage.gateway.client().get("/orders/1");
    assert_eq!((nobody.status, nobody.code().as_str()), (401, "credential_missing"));
    let challenge = nobody.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer") && !challenge.contains("error="), "{challenge}");

    let mut claims = stage.issuer.claims("alice", "orders-api", "orders.read");
    claims.insert("exp".into(), (e2e::now_s() - 120).into());
    let rows = [
        (stage.issuer.sign("at+jwt", &claims), "token_expired"),
        (stage.issuer.token("alice", "payroll", "orders.read"), "token_audience"),
        (
            stage.issuer.sign("logout+jwt", &stage.issuer.claims("a", "orders-api", "orders.read")),
            "token_type",
        ),
        ("not.a.token".to_owned(), "token_malformed"),
        (format!("{}A", stage.token()), "token_signature"),
    ];
    for (token, code) in rows {
        let answer = stage.gateway.client_with(&token).get("/orders/1");
        assert_eq!((answer.status, answer.code().as_str()), (401, code));
        assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
    }
    assert_eq!(stage.upstream.count(), 1, "only the honest request reached the service");
}

#[test]
fn a_scope_that_is_missing_is_named() {
    let stage = Stage::set("scopes", "");
    let client = stage.gateway.client_with(&stage.issuer.token("alice", "orders-api", "orders.read"));
    let answer =
        client.send("PUT", "/orders/1", &[("Content-Type", "application/json")], br#"{"quantity":1}"#);
    assert_eq!((answer.status, answer.code().as_str()), (403, "scope_missing"));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("orders.write"), "{challenge}");
}

#[test]
fn a_credential_in_the_query_or_twice_is_refused() {
    let stage = Stage::set("misplaced", "");
    let token = stage.token();
    let answer = stage.gateway.client().get(&format!("/orders/1?access_token={token}"));
    assert_eq!((answer.status, answer.code().as_str()), (400, "credential_misplaced"));
    assert!(!answer.text().contains(&token));
    let twice =
        stage.gateway.client_with(&token).send("GET", "/orders/1", &[("Authorization", "Bearer x")], b"");
    assert_eq!((twice.status, twice.code().as_str()), (400, "credential_ambiguous"));
    assert_eq!(stage.upstream.count(), 0);
}

#[test]
fn failed_authentications_of_an_address_are_limited() {
    let stage = Stage::set("failed", "failed_authentications: 5/min\n");
    let client = stage.gateway.client_with("not.a.token");
    let codes: Vec<String> = (0..8).map(|_| client.get("/orders/1").code()).collect();
    assert_eq!(codes.first().map(String::as_str), Some("token_malformed"));
    assert_eq!(codes.last().map(String::as_str), Some("authentication_limited"));
}

#[test]
fn a_token_that_lives_too_long_is_refused() {
    let file = "    token_lifetime_max: 5min\n";
    let stage = Stage::set("lifetime", file);
    let answer = stage.gateway.client_with(&stage.token()).get("/orders/1");
    assert_eq!((answer.status, answer.code().as_str()), (401, "token_lifetime"));
}
