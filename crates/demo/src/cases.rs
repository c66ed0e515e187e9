//! The labelled requests: what each is, the bytes it sends, and what must come of it.

use std::net::SocketAddr;

use crate::issuer::Issuer;
use crate::{Row, raw};

/// One request with its label.
#[derive(Clone)]
pub(crate) struct Case {
    pub honest: bool,
    pub about: &'static str,
    pub bytes: Vec<u8>,
    /// How often it is sent; the last answer counts.
    pub times: usize,
    pub status: u16,
    /// The refusal's code; empty: let through.
    pub code: &'static str,
}

impl Case {
    pub(crate) fn expected(&self) -> String {
        format!("{} {}", self.status, self.code).trim().to_owned()
    }
}

/// Tokens of people and of forgers.
pub(crate) struct Tokens {
    pub alice: String,
    admin: String,
    expired: String,
    other_audience: String,
    other_key: String,
    unsigned: String,
    id_token: String,
}

impl Tokens {
    pub(crate) fn mint(issuer: &Issuer) -> Result<Self, String> {
        let alice = issuer.token("alice", "orders.read orders.write", "orders-api", 600)?;
        Ok(Self {
            admin: issuer.token("ada", "orders.read orders.write orders.admin", "orders-api", 600)?,
            expired: issuer.token("alice", "orders.read", "orders-api", -600)?,
            other_audience: issuer.token("alice", "orders.read", "payroll", 600)?,
            other_key: issuer.forged("alice", "orders.read orders.admin", "orders-api")?,
            unsigned: unsigned(&alice)?,
            id_token: issuer.typed("logout+jwt", "alice", "orders.read", "orders-api", 600)?,
            alice,
        })
    }
}

/// The token with `alg: none` and no signature.
fn unsigned(token: &str) -> Result<String, String> {
    let claims = token.split('.').nth(1).ok_or("a token has three parts")?;
    // {"alg":"none","typ":"at+jwt"}
    Ok(format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}."))
}

const ORDER: &str =
    r#"{"customer":"Ada","email":"ada@example.com","items":[{"sku":"ABC-0001","quantity":2}]}"#;
/// The bearer of a request that needs none.
const NOBODY: &str = "";

/// Every request of the demo, in the order in which it is sent.
pub(crate) fn all(tokens: &Tokens) -> Vec<Case> {
    let mut cases = honest(tokens);
    cases.extend(authentication(tokens));
    cases.extend(contract(tokens));
    cases.extend(wire(tokens));
    cases.push(Case {
        times: 60,
        ..hostile("a burst of 60 quotes", get("/quotes", &tokens.alice), 429, "rate_limited")
    });
    cases
}

fn honest(tokens: &Tokens) -> Vec<Case> {
    let alice = tokens.alice.as_str();
    vec![
        allowed("public status, no token", get("/status", NOBODY), 200),
        allowed("list orders", get("/orders?limit=10&state=open", alice), 200),
        allowed("create an order", post("/orders", alice, "application/json", ORDER), 201),
        allowed("read an order", get("/orders/1001", alice), 200),
        allowed(
            "an administrator deletes an order",
            request("DELETE", "/orders/1002", &tokens.admin, "", ""),
            204,
        ),
        allowed(
            "a partner with key and token",
            get_with("/partners/stock", alice, "X-Partner-Key: demo-partner-key\r\n"),
            200,
        ),
        allowed("a path in an equivalent spelling", get("/%6Frders/1001", alice), 200),
        allowed(
            "a forged identity header, stripped",
            get_with("/orders/1001", alice, "X-User-Id: root\r\nBartizan-Subject: root\r\n"),
            200,
        ),
    ]
}

fn authentication(tokens: &Tokens) -> Vec<Case> {
    let alice = tokens.alice.as_str();
    vec![
        hostile("no token", get("/orders", NOBODY), 401, "credential_missing"),
        hostile(
            "a token without signature (alg none)",
            get("/orders", &tokens.unsigned),
            401,
            "token_algorithm",
        ),
        hostile("a token signed with another key", get("/orders", &tokens.other_key), 401, "token_signature"),
        hostile("an expired token", get("/orders", &tokens.expired), 401, "token_expired"),
        hostile(
            "a token for another audience",
            get("/orders", &tokens.other_audience),
            401,
            "token_audience",
        ),
        hostile("a token of another type", get("/orders", &tokens.id_token), 401, "token_type"),
        hostile(
            "the token in the query",
            get(&format!("/orders?access_token={alice}"), NOBODY),
            400,
            "credential_misplaced",
        ),
        hostile(
            "delete without the scope",
            request("DELETE", "/orders/1002", alice, "", ""),
            403,
            "scope_missing",
        ),
        hostile(
            "a partner's key without a token",
            get_with("/partners/stock", NOBODY, "X-Partner-Key: demo-partner-key\r\n"),
            401,
            "credential_missing",
        ),
    ]
}

fn contract(tokens: &Tokens) -> Vec<Case> {
    let alice = tokens.alice.as_str();
    let json = |body: &str| post("/orders", alice, "application/json", body);
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let large = format!(r#"{{"customer":"{}"}}"#, "x".repeat(2 << 20));
    vec![
        hostile("an operation nobody described", get("/internal/users", alice), 404, "operation_undeclared"),
        hostile(
            "a method nobody described",
            request("PATCH", "/orders/1001", alice, "", ""),
            405,
            "method_undeclared",
        ),
        hostile("climbing out of the path", get("/orders/..%2finternal/users", alice), 400, "path_invalid"),
        hostile("an empty path segment", get("//internal/users", alice), 400, "path_invalid"),
        hostile(
            "a parameter nobody described",
            get("/orders?debug=true", alice),
            400,
            "parameter_undeclared",
        ),
        hostile("a page of a million", get("/orders?limit=1000000", alice), 400, "parameter_invalid"),
        hostile("an id that is not a number", get("/orders/1001'--", alice), 400, "parameter_invalid"),
        hostile(
            "a property nobody described",
            json(&ORDER.replacen('{', r#"{"discount":100,"#, 1)),
            400,
            "body_invalid",
        ),
        hostile(
            "a read-only property",
            json(&ORDER.replacen('{', r#"{"state":"paid","#, 1)),
            400,
            "body_invalid",
        ),
        hostile("a negative quantity", json(&ORDER.replace(":2}", ":-2}")), 400, "body_invalid"),
        hostile(
            "one property twice",
            json(&ORDER.replacen('{', r#"{"customer":"Eve","#, 1)),
            400,
            "body_malformed",
        ),
        hostile("500 arrays in each other", json(&deep), 400, "body_malformed"),
        hostile("2 MiB of name", json(&large), 413, "body_too_large"),
        hostile("XML", post("/orders", alice, "application/xml", "<order/>"), 415, "media_type_unsupported"),
    ]
}

fn wire(tokens: &Tokens) -> Vec<Case> {
    let token = &tokens.alice;
    let smuggle = format!(
        "POST /orders HTTP/1.1\r\nHost: demo\r\nAuthorization: Bearer {token}\r\nContent-Length: 4\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
    );
    let hosts = "GET /status HTTP/1.1\r\nHost: demo\r\nHost: internal\r\nConnection: close\r\n\r\n";
    let bare = "GET /status HTTP/1.1\nHost: demo\n\n";
    vec![
        hostile("two framings of one body", smuggle.into_bytes(), 400, "request_malformed"),
        hostile("two Host headers", hosts.into(), 400, "host_invalid"),
        hostile("bare line feeds", bare.into(), 400, "request_malformed"),
    ]
}

fn allowed(about: &'static str, bytes: Vec<u8>, status: u16) -> Case {
    Case { honest: true, about, bytes, times: 1, status, code: "" }
}

fn hostile(about: &'static str, bytes: Vec<u8>, status: u16, code: &'static str) -> Case {
    Case { honest: false, about, bytes, times: 1, status, code }
}

fn get(target: &str, token: &str) -> Vec<u8> {
    request("GET", target, token, "", "")
}

fn get_with(target: &str, token: &str, headers: &str) -> Vec<u8> {
    request("GET", target, token, headers, "")
}

fn post(target: &str, token: &str, media_type: &str, body: &str) -> Vec<u8> {
    let headers = format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n", body.len());
    request("POST", target, token, &headers, body)
}

fn request(method: &str, target: &str, token: &str, headers: &str, body: &str) -> Vec<u8> {
    let bearer = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    format!("{method} {target} HTTP/1.1\r\nHost: demo\r\n{bearer}{headers}Connection: close\r\n\r\n{body}")
        .into_bytes()
}

/// Sends each case and holds the outcome against its label.
pub(crate) fn run(cases: &[Case], gateway: SocketAddr) -> Result<Vec<Row>, String> {
    cases.iter().map(|case| send(case, gateway)).collect()
}

fn send(case: &Case, gateway: SocketAddr) -> Result<Row, String> {
    let mut answer = raw::send(gateway, &case.bytes).map_err(|error| format!("{}: {error}", case.about))?;
    for _ in 1..case.times {
        answer = raw::send(gateway, &case.bytes).map_err(|error| format!("{}: {error}", case.about))?;
    }
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = problem.get("code").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let as_labelled = answer.status == case.status && code == case.code;
    let request_id = answer.header("x-request-id").unwrap_or_default().to_owned();
    Ok(Row { case: case.clone(), status: answer.status, code, request_id, as_labelled })
}
