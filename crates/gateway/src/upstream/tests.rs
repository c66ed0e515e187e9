#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use model::{Caller, Principal, SystemClock};
use token::Signer;

use super::{ForwardBody, NEVER_FROM_OUTSIDE, Upstreams, request, strip_response, terms};
use crate::edits::Effects;
use crate::metrics::Metrics;
use crate::pipeline::Run;
use crate::pipeline::testing::{api, description, exchange, settings};
use crate::settings::{Api, Assertion, Sizes};
use crate::shared::Shared;
use crate::snapshot::{ApiPlan, Materials, Snapshot};

fn plan(api: Api) -> Arc<ApiPlan> {
    let shared = Shared::new(Arc::new(SystemClock::default()), &Sizes::default());
    let (metrics, upstreams) = (Metrics::new(), Upstreams::default());
    let materials = Materials { kinds: &[], shared: &shared, metrics: &metrics, upstreams: &upstreams };
    Arc::clone(&Snapshot::build(settings(vec![api]), &materials).unwrap().apis[0])
}

fn run(method: &str, target: &str, headers: &[(&str, &str)]) -> Run {
    let mut exchange = exchange(method, target);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        exchange.head.headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    Run { exchange, effects: Effects::default(), traces: vec![] }
}

/// As a request with a table of fields.
fn forwarded(run: &Run, api: Api) -> Request<()> {
    let head = request(run, &plan(api), 3, false).unwrap();
    let mut request = Request::builder().method(head.method()).uri(head.target()).body(()).unwrap();
    *request.headers_mut() = head.fields();
    request
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

fn caller() -> Caller {
    Caller {
        principal: Some(Principal { issuer: "https://login.example/".into(), subject: "alice".into() }),
        client: Some("shop".into()),
        tenant: None,
        scopes: ["orders.read".into(), "orders.write".into()].into(),
        ..Caller::anonymous()
    }
}

#[test]
fn every_header_that_backends_trust_is_stripped_in_every_spelling() {
    assert!(NEVER_FROM_OUTSIDE.is_sorted(), "it is searched by the first letter");
    for listed in NEVER_FROM_OUTSIDE {
        let name = listed.replace('*', "anything");
        for name in [name.clone(), name.replace('-', "_"), name.to_ascii_uppercase()] {
            let run = run("GET", "/orders", &[(&name, "forged")]);
            let sent = forwarded(&run, api("orders", 9));
            assert!(!sent.headers().values().any(|value| value == "forged"), "{name}");
        }
    }
}

const UNDERSCORED: &str = r"
openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      operationId: listOrders
      security: []
      parameters:
        - {name: Trace_Id, in: header, schema: {type: string}}
        - {name: Content_Length, in: header, schema: {type: string}}
        - {name: X_User_Id, in: header, schema: {type: string}}
        - {name: Proxy_Authorization, in: header, schema: {type: string}}
        - {name: query_only, in: query, schema: {type: string}}
      responses: {'200': {description: ok}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: api_key}
";

#[test]
fn a_name_with_an_underscore_passes_only_when_it_is_declared_and_stands_for_nothing_else() {
    let sent = |name: &str, with_operation: bool| {
        let mut run = run("GET", "/orders", &[(name, "sent")]);
        let orders = Api { description: description(UNDERSCORED), ..api("orders", 9) };
        if with_operation {
            run.exchange.route.operation = Some(Arc::clone(&orders.description.operations[0]));
        }
        forwarded(&run, orders).headers().contains_key(name)
    };
    for (name, declared, unmatched) in [
        ("trace_id", true, false),
        ("TRACE_ID", true, false),
        ("api_key", true, true),
        ("query_only", false, false),
        ("anything_else", false, false),
        ("content_type", false, false),
        ("content_length", false, false),
        ("Transfer_Encoding", false, false),
        ("x_user_id", false, false),
        ("x-user_id", false, false),
        ("bartizan_subject", false, false),
        ("proxy_authorization", false, false),
        ("trace-id", true, true),
    ] {
        assert_eq!((sent(name, true), sent(name, false)), (declared, unmatched), "{name}");
    }
}

#[test]
fn ordinary_headers_pass_and_keep_their_order() {
    let given =
        [("accept", "a/b"), ("x-custom", "1"), ("x-custom", "2"), ("cookie", "c=d"), ("range", "bytes=0-1")];
    let run = run("GET", "/orders", &given);
    let sent = forwarded(&run, api("orders", 9));
    assert_eq!(text(sent.headers(), "accept"), ["a/b"]);
    assert_eq!(text(sent.headers(), "x-custom"), ["1", "2"]);
    assert_eq!(text(sent.headers(), "cookie"), ["c=d"]);
    assert_eq!(text(sent.headers(), "range"), ["bytes=0-1"]);
}

#[test]
fn the_last_edit_of_a_field_counts_and_none_says_what_only_we_may_say() {
    let mut edited =
        run("GET", "/orders", &[("accept", "a/b"), ("x-own", "1"), ("x-gone", "1"), ("cookie", "c=d")]);
    let name = |name: &'static str| HeaderName::from_static(name);
    let value = |value: &'static str| Some(HeaderValue::from_static(value));
    edited.effects.request_headers = vec![
        (name("x-own"), value("2")),
        (name("x-own"), value("3")),
        (name("x-gone"), value("2")),
        (name("x-gone"), None),
        (name("x-forwarded-for"), value("forged")),
        (name("bartizan-subject"), value("forged")),
        (name("traceparent"), value("forged")),
        (name("accept-encoding"), value("br")),
    ];
    let sent = forwarded(&edited, api("orders", 9));
    for (name, told) in [
        ("accept", &["a/b"][..]),
        ("cookie", &["c=d"]),
        ("x-own", &["3"]),
        ("x-gone", &[]),
        ("x-forwarded-for", &["192.0.2.7"]),
        ("bartizan-subject", &[]),
        ("accept-encoding", &["br"]),
    ] {
        assert_eq!(text(sent.headers(), name), told, "{name}");
    }
    assert_eq!(text(sent.headers(), "traceparent").len(), 1);
    let readable = request(&edited, &plan(api("orders", 9)), 3, true).unwrap().fields();
    assert_eq!(text(&readable, "accept-encoding"), ["identity"]);
}

#[test]
fn the_upstream_is_told_where_the_request_came_from() {
    let run = run("GET", "/orders?a=1&b=%20", &[("host", "evil"), ("content-length", "3")]);
    let sent = forwarded(&run, Api { base_path: "/v1".into(), ..api("orders", 8081) });
    assert_eq!(sent.uri().to_string(), "/v1/orders?a=1&b=%20");
    let headers = sent.headers();
    // The endpoint that is chosen says its own.
    assert!(!headers.contains_key("host"));
    assert_eq!(text(headers, "x-forwarded-for"), ["192.0.2.7"]);
    assert_eq!(text(headers, "x-forwarded-proto"), ["http"]);
    assert_eq!(text(headers, "x-forwarded-host"), ["api.example:8080"]);
    assert_eq!(text(headers, "x-request-id"), ["0000000001000000000000000A"]);
    assert_eq!(text(headers, "traceparent"), ["00-00000000000000000000000000000001-0000000000000003-00"]);
    assert!(!headers.contains_key("content-length"));
}

#[test]
fn the_upstreams_base_path_replaces_ours_and_edits_replace_both_parts() {
    let mut rewritten = run("GET", "/orders?a=1", &[]);
    let mut orders = Api { base_path: "/v1".into(), ..api("orders", 9) };
    orders.upstream.base_path = Some(String::new());
    assert_eq!(forwarded(&rewritten, orders.clone()).uri(), "/orders?a=1");
    rewritten.effects.path = Some("/other".into());
    rewritten.effects.query = Some(None);
    assert_eq!(forwarded(&rewritten, orders.clone()).uri(), "/other");
    rewritten.effects.query = Some(Some("b=2".into()));
    assert_eq!(forwarded(&rewritten, orders).uri(), "/other?b=2");
}

#[test]
fn the_credential_is_forwarded_only_when_it_is_told_to_be() {
    let run = run("GET", "/orders", &[("authorization", "Bearer t")]);
    assert!(text(forwarded(&run, api("orders", 9)).headers(), "authorization").is_empty());
    let mut orders = api("orders", 9);
    orders.identity.forward_credential = true;
    assert_eq!(text(forwarded(&run, orders).headers(), "authorization"), ["Bearer t"]);
}

#[test]
fn an_authenticated_caller_is_named_and_an_anonymous_one_is_not() {
    let mut known = run("GET", "/orders", &[("bartizan-subject", "mallory")]);
    assert!(text(forwarded(&known, api("orders", 9)).headers(), "bartizan-subject").is_empty());
    known.exchange.caller = Some(caller());
    let sent = forwarded(&known, api("orders", 9));
    assert_eq!(text(sent.headers(), "bartizan-subject"), ["alice"]);
    assert_eq!(text(sent.headers(), "bartizan-client"), ["shop"]);
    assert_eq!(text(sent.headers(), "bartizan-scopes"), ["orders.read orders.write"]);
    assert!(text(sent.headers(), "bartizan-assertion").is_empty());
}

#[test]
fn a_name_that_could_be_read_as_another_is_never_sent() {
    let fails = |caller: Caller| {
        let mut run = run("GET", "/orders", &[]);
        run.exchange.caller = Some(caller);
        request(&run, &plan(api("orders", 9)), 3, false).is_err()
    };
    assert!(!fails(caller()));
    for odd in [" alice ", "\talice", "   ", "", "a\r\nbartizan-scopes: admin", "al\tice"] {
        let principal =
            |issuer: &str, subject: &str| Principal { issuer: issuer.into(), subject: subject.into() };
        assert!(fails(Caller { principal: Some(principal("i", odd)), ..caller() }), "{odd:?}");
        assert!(fails(Caller { principal: Some(principal(odd, "alice")), ..caller() }), "{odd:?}");
        assert!(fails(Caller { client: Some(odd.into()), ..caller() }), "{odd:?}");
        assert!(fails(Caller { scopes: ["orders.read".into(), odd.into()].into(), ..caller() }), "{odd:?}");
    }
    assert!(fails(Caller { scopes: ["x admin".into()].into(), ..caller() }));
}

#[test]
fn one_subject_of_two_issuers_is_two_callers_to_the_backend() {
    let issuer = |issuer: &str| {
        let mut known = run("GET", "/orders", &[("Bartizan-Issuer", "https://forged.example")]);
        let principal = Principal { issuer: issuer.into(), subject: "alice".into() };
        known.exchange.caller = Some(Caller { principal: Some(principal), ..caller() });
        let sent = forwarded(&known, api("orders", 9));
        assert_eq!(text(sent.headers(), "bartizan-subject"), ["alice"]);
        text(sent.headers(), "bartizan-issuer").join(" and ")
    };
    assert_eq!(issuer("https://login.example/"), "https://login.example/");
    assert_eq!(issuer("https://partner.example/"), "https://partner.example/");
    let mut client_alone = run("GET", "/orders", &[("Bartizan-Issuer", "https://forged.example")]);
    client_alone.exchange.caller = Some(Caller { principal: None, ..caller() });
    assert!(text(forwarded(&client_alone, api("orders", 9)).headers(), "bartizan-issuer").is_empty());
}

#[test]
fn the_assertion_is_signed_for_this_request_alone() {
    let signer = Arc::new(Signer::generate("k1").unwrap());
    let mut orders = api("orders", 9);
    orders.identity.assertion = Some(Assertion {
        issuer: "https://gateway.example/".into(),
        audience: "orders-backend".into(),
        lifetime: Duration::from_secs(30),
        signer: Arc::clone(&signer),
    });
    let mut known = run("GET", "/orders", &[]);
    known.exchange.caller = Some(caller());
    let sent = forwarded(&known, orders);
    let assertion = text(sent.headers(), "bartizan-assertion")[0].to_owned();
    let jwks = serde_json::json!({"keys": [signer.public_jwk()]}).to_string();
    let (keys, _) = token::KeySet::parse_jwks(jwks.as_bytes()).unwrap();
    let rules = token::Rules {
        issuer: "https://gateway.example/".into(),
        audiences: vec!["orders-backend".into()],
        algorithms: token::Algorithm::ASYMMETRIC.to_vec(),
        types: vec!["bartizan+jwt".into()],
        leeway_s: 0,
        lifetime_max_s: Some(30),
        required_claims: vec!["jti".into(), "operation".into()],
        legacy: false,
    };
    let verified = token::verify(&assertion, &keys, &rules, 1_000).unwrap();
    assert_eq!(verified.subject.as_deref(), Some("alice"));
    assert_eq!(verified.scopes, ["orders.read", "orders.write"]);
    assert_eq!(verified.jti.as_deref(), Some("0000000001000000000000000A"));
    assert!(token::verify(&assertion, &keys, &rules, 1_031).is_err());
}

#[test]
fn only_what_can_safely_be_sent_twice_is_replayed() {
    for (method, declared, may_repeat) in [
        ("get", None, true),
        ("put", None, true),
        ("delete", None, true),
        ("post", None, false),
        ("patch", None, false),
        ("post", Some(true), true),
        ("get", Some(false), false),
    ] {
        let said =
            declared.map_or_else(String::new, |said| format!("      x-bartizan: {{idempotent: {said}}}\n"));
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    {method}:\n      operationId: a\n{said}      responses: {{'200': {{description: ok}}}}\n"
        );
        let plan = plan(Api { description: description(text.leak()), ..api("orders", 9) });
        let method = method.to_uppercase().parse().unwrap();
        let is_idempotent = plan.plans().next().unwrap().is_idempotent(&method);
        assert_eq!(terms(is_idempotent, &ForwardBody::Empty).may_repeat, may_repeat, "{method} {declared:?}");
        assert!(terms(is_idempotent, &ForwardBody::Whole(Bytes::from_static(b"x"))).is_whole);
    }
}

#[test]
fn an_answer_does_not_reveal_the_upstream() {
    let mut headers: HeaderMap = [
        ("server", "Apache/2.2.1"),
        ("x-powered-by", "PHP/5.3"),
        ("x-aspnet-version", "4.0"),
        ("connection", "keep-alive, x-hop"),
        ("x-hop", "1"),
        ("x-request-id", "theirs"),
        ("content-type", "text/plain"),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
    .collect();
    strip_response(&mut headers);
    let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(left, ["content-type"]);
}

fn legacy_api(header: &'static str, scheme: &str) -> Api {
    use crate::settings::{LegacyClaim, LegacyKey, LegacyToken};
    let mut api = api("orders", 1);
    let claims = vec![
        ("sub".into(), LegacyClaim::Subject),
        ("role".into(), LegacyClaim::Text("customer".into())),
        ("tenant".into(), LegacyClaim::Tenant),
    ];
    let key = LegacyKey::Hs256(model::Secret::new(b"0123456789abcdef0123456789abcdef".to_vec()));
    let header = HeaderName::from_static(header);
    api.identity.legacy_token =
        Some(Arc::new(LegacyToken::new(key, claims, header, scheme.into(), Duration::from_secs(60))));
    api
}

#[test]
fn exactly_one_credential_of_our_making_reaches_a_service_that_knows_no_other() {
    let sent = [
        ("authorization", "Bearer theirs"),
        ("proxy-authorization", "Basic dGhlaXJz"),
        ("x-api-key", "theirs"),
        ("x-access-token", "theirs"),
        ("x-auth-token", "theirs"),
        ("token", "theirs"),
        ("accept", "text/plain"),
    ];
    let mut run = run("GET", "/orders", &sent);
    run.exchange.caller = Some(caller());
    let made = forwarded(&run, legacy_api("authorization", "Bearer"));
    let [token] = text(made.headers(), "authorization")[..] else { panic!("not one") };
    let claims = token.strip_prefix("Bearer ").unwrap().split('.').nth(1).unwrap();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["sub"], &claims["role"]), (&"alice".into(), &"customer".into()));
    assert!(claims.get("tenant").is_none(), "what is not known is not said");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
    let theirs = made.headers().values().filter(|value| value.to_str().unwrap().contains("theirs")).count();
    assert_eq!(theirs, 0);
    assert_eq!(text(made.headers(), "accept"), ["text/plain"]);
    assert_eq!(text(forwarded(&run, legacy_api("x-token", "")).headers(), "authorization"), [""; 0]);
}

#[test]
fn a_caller_who_is_nobody_to_the_service_gets_no_name_there() {
    use policy::decide::{Subject, SubjectKind};
    let named = |subject: Subject| {
        let mut run = run("GET", "/orders", &[]);
        run.exchange.caller = Some(caller());
        run.exchange.subject = Some(std::sync::Arc::new(subject));
        let made = forwarded(&run, legacy_api("x-token", ""));
        let claims = text(made.headers(), "x-token")[0].split('.').nth(1).unwrap();
        let claims =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        claims.get("sub").cloned()
    };
    // Another issuer verified them: to the service, `alice` is somebody else.
    assert_eq!(named(Subject { name: "alice".into(), ..Subject::new(SubjectKind::User, "", "acme") }), None);
    assert_eq!(named(Subject::new(SubjectKind::User, "17", "acme")), Some("17".into()));
}

#[test]
fn nobody_gets_a_token_for_nobody() {
    let mut run = run("GET", "/orders", &[("authorization", "Bearer theirs"), ("x-token", "theirs")]);
    run.exchange.caller = Some(Caller::anonymous());
    let made = forwarded(&run, legacy_api("authorization", "Bearer"));
    assert!(text(made.headers(), "authorization").is_empty());
}
