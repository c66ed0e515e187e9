#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use bytes::Bytes;

use super::*;
use crate::request::Request;

fn file(stage: &str) -> Test {
    let indented = stage.replace('\n', "\n      ");
    let text = format!("meta: {{}}\nrule_id: 920100\ntests:\n- test_id: 4\n  stages:\n    - {indented}\n");
    read(Bytes::from(text)).unwrap().remove(0)
}

fn sent(input: &str) -> String {
    String::from_utf8(
        file(&format!("input:\n  {}\noutput: {{}}", input.replace('\n', "\n  "))).stages[0].request.clone(),
    )
    .unwrap()
}

#[test]
fn adds_what_the_runner_adds() {
    assert_eq!(sent("dest_addr: 127.0.0.1"), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(
        sent("method: POST\nuri: /x\nheaders:\n  Host: a\n  X: 7\ndata: a=b c&d&e=;"),
        "POST /x HTTP/1.1\r\nHost: a\r\nX: 7\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: \
         close\r\nContent-Length: 13\r\n\r\na=b+c&d&e=%3B"
    );
    assert_eq!(sent("method: PUT\nautocomplete_headers: false"), "PUT / HTTP/1.1\r\n\r\n");
    assert_eq!(sent("method: PUT\nstop_magic: true"), "PUT / HTTP/1.1\r\n\r\n");
    assert!(sent("data: a=%41 b").ends_with("a=%41 b"));
    assert!(sent("headers:\n  content-type: text/plain\ndata: a b").ends_with("\r\n\r\na b"));
    assert!(
        sent("headers:\n  Content-Type: multipart/form-data; boundary=b\ndata: |\n  --b\n  x")
            .ends_with("--b\r\nx\r\n")
    );
}

#[test]
fn sends_encoded_requests_as_they_are() {
    assert_eq!(sent("encoded_request: R0VUIC8NCg0K"), "GET /\r\n\r\n");
}

#[test]
fn fills_the_template_for_long_bodies() {
    assert!(
        sent("headers: {Content-Type: text/plain}\ndata: 'a{{ \"xy\" | repeat 3 }}b'").ends_with("axyxyxyb")
    );
    let text = "rule_id: 1\ntests: [{stages: [{input: {data: '{{ now }}'}, output: {}}]}]";
    let why = read(Bytes::from_static(text.as_bytes())).unwrap_err();
    assert_eq!(why, "1-1: the template `now` is not understood");
}

#[test]
fn judges_what_was_seen() {
    let test = file(
        "input: {}\noutput:\n  status: 200\n  log:\n    expect_ids: [1, 2]\n    no_expect_ids: [3]\n    match_regex: 'a+b'\n    \
         no_match_regex: c",
    );
    assert_eq!((test.id.as_str(), test.rule), ("920100-4", 920_100));
    let expected = &test.stages[0].expected;
    let seen =
        |status, ids: &[u64], line: &str| Seen { status, ids: ids.to_vec(), lines: vec![line.to_owned()] };
    assert_eq!(expected.unmet(&seen(Some(200), &[2, 1], "aab")), None);
    for seen in [
        seen(Some(400), &[1, 2], "aab"),
        seen(None, &[1, 2], "aab"),
        seen(Some(200), &[1], "aab"),
        seen(Some(200), &[1, 2, 3], "aab"),
        seen(Some(200), &[1, 2], "b"),
        seen(Some(200), &[1, 2], "aabc"),
    ] {
        assert!(expected.unmet(&seen).is_some(), "{seen:?}");
    }
    let error = file("input: {}\noutput: {expect_error: true}");
    assert_eq!(error.stages[0].expected.unmet(&Seen::default()), None);
    assert!(error.stages[0].expected.unmet(&seen(Some(200), &[], "")).is_some());
}

#[test]
fn refuses_what_it_does_not_understand() {
    for text in
        ["tests: [{}]", "rule_id: 1\ntests: [{}]", "rule_id: 1\ntests: [{stages: [{output: {}}]}]", "a: ["]
    {
        assert!(read(Bytes::from_static(text.as_bytes())).is_err(), "{text}");
    }
    let expecting = |output: &str| {
        let text = format!("rule_id: 1\ntests: [{{stages: [{{input: {{}}, output: {output}}}]}}]");
        read(Bytes::from(text)).map(|_| ())
    };
    assert_eq!(expecting("{retry_once: true, log: {expect_ids: [1], no_expect_ids: []}}"), Ok(()));
    for (output, why) in [
        ("{log: {expects_ids: [1]}}", "1-1: the expectation `expects_ids` is not supported"),
        ("{response_contains: a}", "1-1: the expectation `response_contains` is not supported"),
        ("{log: {expect_ids: ['1']}}", "1-1: `expect_ids` is no list of numbers"),
        ("{log: {no_expect_ids: 1}}", "1-1: `no_expect_ids` is no list of numbers"),
    ] {
        assert_eq!(expecting(output).unwrap_err(), why);
    }
    assert!(read(Bytes::new()).unwrap().is_empty());
    assert!(read(Bytes::from_static(b"---\n# none yet\n")).unwrap().is_empty());
}

#[test]
fn the_service_answers_as_it_is_told() {
    let ask = |line: &'static str, body: &'static str| {
        let request = Request { line: Bytes::from_static(line.as_bytes()), ..Request::default() };
        let (response, body) = reflect(&request, &Bytes::from_static(body.as_bytes()));
        let media_type = String::from_utf8(response.content_type().to_vec()).unwrap();
        (response.status, media_type, String::from_utf8(body.to_vec()).unwrap())
    };
    let told = |status, media_type: &str, body: &str| (status, media_type.to_owned(), body.to_owned());
    let reflect = "POST /reflect HTTP/1.1";
    assert_eq!(ask("GET /reflect HTTP/1.1", "{}"), told(200, "", ""));
    assert_eq!(ask(reflect, "{\"body\":\"a\"}"), told(200, "text/plain; charset=utf-8", "a"));
    assert_eq!(ask(reflect, "{\"body\":\"<b>x\"}"), told(200, "text/html; charset=utf-8", "<b>x"));
    assert_eq!(
        ask(reflect, "{\"status\":404,\"headers\":{\"content-type\":\"x/y\"},\"encodedBody\":\"YWI=\"}"),
        told(404, "x/y", "ab")
    );
    assert_eq!(ask(reflect, "{").0, 400);
    assert_eq!(ask(reflect, "{\"status\":999}").0, 400);
}
