use model::{Code, Outcome, Phase};

use super::stand::Stand;
use crate::check::{About, BodyNeed, Build, Check, Edit, Kind, Preparation, Step, of};
use crate::exchange::Exchange;
use crate::pipeline::testing::about;
use crate::question::Answers;

/// Refuses bodies that are not JSON, and replaces the body `"x"`.
struct Json;

impl Check for Json {
    fn step(&self, exchange: &Exchange, _: &Answers) -> Step {
        let Some(body) = &exchange.body else { return Step::refuse(Code::BodyMissing) };
        let Ok(tape) = body.json() else { return Step::refuse(Code::BodyMalformed) };
        let span = tape.root().span();
        match tape.root().as_str() {
            Some("x") => {
                Step::Continue(vec![Edit::SpliceBody(vec![(span, bytes::Bytes::from_static(b"\"why\""))])])
            }
            _ => Step::pass(),
        }
    }
}

impl Build for Json {
    const ABOUT: About = about("json", Phase::Validate, true, BodyNeed::Whole);

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(preparation.operation.is_some_and(|operation| &*operation.id == "createOrder").then_some(Self))
    }
}

struct Nobody;

impl Check for Nobody {
    fn step(&self, _: &Exchange, _: &Answers) -> Step {
        Step::refuse(Code::CredentialMissing)
    }
}

impl Build for Nobody {
    const ABOUT: About = about("nobody", Phase::Permit, true, BodyNeed::None);

    fn build(_: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(Some(Self))
    }
}

const KINDS: &[&dyn Kind] = &[of::<Json>()];

#[tokio::test]
async fn a_body_passes_streamed_or_whole_and_is_counted() {
    let stand = Stand::new(KINDS, |_| {}).await;
    for (method, body) in [("POST", "{\"a\": 1}"), ("PUT", "ten bytes.")] {
        let answer = stand.send(method, "/orders", &[], body).await;
        assert_eq!(answer.status, 200, "{method}");
        assert_eq!(stand.backend.last().body.unwrap(), body);
        let record = stand.record(&answer).await;
        assert_eq!(record.request_bytes, u64::try_from(body.len()).unwrap(), "{method}");
    }
    assert_eq!(stand.gateway.status().buffered_bytes, 0);
}

#[tokio::test]
async fn a_body_that_its_check_refuses_never_reaches_the_upstream() {
    let stand = Stand::new(KINDS, |_| {}).await;
    let answer = stand.send("POST", "/orders", &[], "not json").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "body_malformed"));
    let answer = stand.send("POST", "/orders", &[], "").await;
    assert_eq!(answer.code(), "body_missing");
    assert!(stand.backend.saw_nothing());
}

#[tokio::test]
async fn an_edited_body_is_forwarded_with_its_new_length() {
    let stand = Stand::new(KINDS, |_| {}).await;
    assert_eq!(stand.send("POST", "/orders", &[], "\"x\"").await.status, 200);
    assert_eq!(stand.backend.last().body.unwrap(), "\"why\"");
}

#[tokio::test]
async fn a_body_over_its_bound_is_refused_whether_its_length_was_said_or_not() {
    let stand = Stand::new(KINDS, |settings| settings.sizes.body_bytes_max = 20).await;
    let said = stand.send("POST", "/orders", &[], "\"a body of twenty-two\"").await;
    assert_eq!((said.status, said.code().as_str()), (413, "body_too_large"));
    // Buffered for its check, and streamed under the operation's own bound of 10.
    for (method, chunk) in [("POST", "19\r\n\"0123456789012345678901\"\r\n"), ("PUT", "b\r\n01234567890\r\n")]
    {
        let head = "/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        let got = stand.raw(&format!("{method} {head}{chunk}0\r\n\r\n"), "}").await;
        assert!(got.starts_with("HTTP/1.1 413 "), "{method}: {got}");
    }
    assert!(stand.backend.seen.lock().unwrap().iter().all(|seen| seen.body.is_err()));
    assert_eq!(stand.gateway.status().buffered_bytes, 0);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_408() {
    let stand = Stand::new(KINDS, |_| {}).await;
    for method in ["POST", "PUT"] {
        let head = format!("{method} /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n\"");
        let got = stand.raw(&head, "}").await;
        assert!(got.starts_with("HTTP/1.1 408 "), "{method}: {got}");
    }
}

#[tokio::test]
async fn the_process_holds_only_so_many_body_bytes() {
    let stand = Stand::new(KINDS, |settings| settings.sizes.buffered_bytes_max = 4).await;
    let answer = stand.send("POST", "/orders", &[], "\"too much\"").await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "overloaded"));
    assert_eq!(super::stand::text(&answer.headers, "retry-after"), "1");
    assert_eq!(stand.send("POST", "/orders", &[], "1").await.status, 200);
}

#[tokio::test]
async fn no_body_byte_is_asked_for_before_the_caller_is_permitted() {
    let stand = Stand::new(&[of::<Json>(), of::<Nobody>()], |_| {}).await;
    let head = "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    let got = stand.raw(head, "}").await;
    assert!(got.starts_with("HTTP/1.1 401 "), "{got}");
    assert!(!got.contains("100 Continue"), "{got}");
}

const NUMBERED: &str = r"
openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    post:
      operationId: createOrder
      security: []
      parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made}}
";

#[tokio::test]
async fn no_body_byte_is_asked_for_before_parameters_and_media_type_are_right() {
    let stand = Stand::new(crate::checks::ALL, |settings| {
        settings.apis[0].description = crate::pipeline::testing::description(NUMBERED);
    })
    .await;
    let mut tail = stand.gateway.subscribe();
    for (target, media, code, checks) in [
        ("/orders?n=secret", "application/json", Code::ParameterInvalid, vec!["parameters"]),
        ("/orders", "application/json", Code::ParameterMissing, vec!["parameters"]),
        ("/orders?n=1", "text/csv", Code::MediaTypeUnsupported, vec!["parameters", "media_type"]),
    ] {
        for sent in ["Expect: 100-continue\r\n\r\n", "Connection: close\r\n\r\n{}"] {
            let head = format!(
                "POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: {media}\r\nContent-Length: 2\r\n"
            );
            let got = stand.raw(&format!("{head}{sent}"), "}").await;
            assert!(got.starts_with(&format!("HTTP/1.1 {} ", code.status())), "{target} {media}: {got}");
            assert!(!got.contains("100 Continue"), "{got}");
            let record = tail.recv().await.unwrap();
            assert_eq!((record.code, record.request_bytes), (Some(code), 0), "{target} {media}");
            let validating = record.checks.iter().filter(|check| check.phase == Phase::Validate);
            assert_eq!(validating.map(|check| &*check.name).collect::<Vec<_>>(), checks, "{target} {media}");
        }
    }
    // What is right so far is asked to go on, and read.
    let head =
        "POST /orders?n=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n";
    let got = stand.raw(&format!("{head}Expect: 100-continue\r\n\r\n[]"), "\"body_invalid\"").await;
    assert!(got.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 "), "{got}");
    let record = tail.recv().await.unwrap();
    assert_eq!((record.code, record.request_bytes), (Some(Code::BodyInvalid), 2));
    assert!(stand.backend.saw_nothing());
}

#[tokio::test]
async fn a_required_body_that_turns_out_to_be_empty_is_missing() {
    let stand = Stand::new(crate::checks::ALL, |settings| {
        settings.apis[0].description = crate::pipeline::testing::description(NUMBERED);
    })
    .await;
    let head = "POST /orders?n=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    let got = stand.raw(&format!("{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "}").await;
    assert!(got.contains("\"body_missing\""), "{got}");
    assert!(stand.backend.saw_nothing());
}

#[tokio::test]
async fn a_caller_who_goes_away_is_recorded_as_aborted() {
    let stand = Stand::new(KINDS, |_| {}).await;
    let mut tail = stand.gateway.subscribe();
    {
        use tokio::io::AsyncWriteExt;
        let mut socket = tokio::net::TcpStream::connect(stand.address).await.unwrap();
        let head = "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n\"";
        socket.write_all(head.as_bytes()).await.unwrap();
    }
    let record = tail.recv().await.unwrap();
    // Seen as a body that ended too soon when the socket is read, as a dropped request when it is not.
    assert!(matches!(record.outcome, Outcome::Aborted | Outcome::Refused), "{record:?}");
    assert_eq!(record.operation, "createOrder");
    assert_eq!(stand.gateway.status().requests.in_flight, 0);
}
