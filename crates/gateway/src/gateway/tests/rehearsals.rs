use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use model::Mode;

use super::issuers::jwt;
use crate::gateway::{Rehearsal, Rehearsed, RehearsedVerdict, rehearse};
use crate::pipeline::testing::{api, description, settings};
use crate::settings::{Authenticator, AuthenticatorKind, KeySource, Settings};

const GUARDED: &str = r"
openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    post:
      operationId: createOrder
      security: [{bearerAuth: [orders.write]}]
      parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made}}
components: {securitySchemes: {bearerAuth: {type: http, scheme: bearer}}}
";
/// Well-formed, and signed by nobody we know: `{"alg":"RS256","typ":"jwt","kid":"a"}` and the issuer.
const TOKEN: &str =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6Imp3dCIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUifQ.AAAA";

fn guarded() -> Settings {
    let mut api = api("orders", 9);
    api.description = description(GUARDED);
    let jwt = jwt("https://login.example", KeySource::Discovery);
    let authenticator = Authenticator { place: None, kind: AuthenticatorKind::Jwt(jwt) };
    api.authenticators.insert(Arc::from("bearerAuth"), vec![authenticator]);
    settings(vec![api])
}

fn run(settings: Settings, target: &str, headers: &[(&str, &str)], body: Option<&'static str>) -> Rehearsed {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let request = Rehearsal {
        method: Method::POST,
        host: String::new(),
        target: target.to_owned(),
        headers: map,
        body: body.map(Bytes::from),
    };
    rehearse(settings, request).unwrap()
}

fn refused(rehearsed: &Rehearsed) -> &str {
    rehearsed.refused.as_ref().map_or("", |refused| refused.code)
}

fn verdict(rehearsed: &Rehearsed, name: &str) -> Option<RehearsedVerdict> {
    rehearsed.checks.iter().find(|check| check.name == name).map(|check| check.verdict)
}

#[test]
fn a_request_is_refused_as_it_would_be() {
    let json = ("content-type", "application/json");
    let bearer = format!("Bearer {TOKEN}");
    let bearer = ("authorization", bearer.as_str());
    for (target, headers, body, code) in [
        ("/orders?n=1", &[json][..], Some("{}"), "credential_missing"),
        ("/orders?n=secret", &[json, bearer], Some("{}"), "parameter_invalid"),
        ("/orders?n=1", &[("content-type", "text/csv"), bearer], Some("{}"), "media_type_unsupported"),
        ("/orders?n=1", &[json, bearer], None, "body_missing"),
        ("/orders?n=1", &[json, bearer], Some("[]"), "body_invalid"),
        ("/orders?n=1", &[json, bearer], Some("{}"), ""),
        ("/nothing", &[json], None, "operation_undeclared"),
    ] {
        let rehearsed = run(guarded(), target, headers, body);
        assert_eq!(refused(&rehearsed), code, "{target} {body:?} {rehearsed:?}");
        let told = serde_json::to_string(&rehearsed).unwrap();
        assert!(!told.contains("secret") && !told.contains(TOKEN), "{told}");
    }
}

#[test]
fn what_only_the_issuer_can_say_is_called_unknown() {
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let rehearsed = run(guarded(), "/orders?n=1", &headers, Some("{}"));
    assert_eq!(verdict(&rehearsed, "identify"), Some(RehearsedVerdict::Asks), "{rehearsed:?}");
    assert_eq!(verdict(&rehearsed, "scopes"), Some(RehearsedVerdict::Unknown), "{rehearsed:?}");
    assert_eq!(verdict(&rehearsed, "body"), Some(RehearsedVerdict::Pass), "{rehearsed:?}");
}

#[test]
fn a_check_that_is_watched_refuses_nothing() {
    let mut settings = guarded();
    for check in ["parameters", "body"] {
        settings.apis[0].modes.insert(check.into(), Mode::Watch);
    }
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let rehearsed = run(settings, "/orders", &headers, Some("[]"));
    assert_eq!(refused(&rehearsed), "", "{rehearsed:?}");
    assert_eq!(verdict(&rehearsed, "parameters"), Some(RehearsedVerdict::Refuse));
    assert_eq!(verdict(&rehearsed, "body"), Some(RehearsedVerdict::Refuse));
}
