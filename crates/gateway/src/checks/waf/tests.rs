//! What each key of the WAF changes in what the check refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode};
use model::{Code, Mode};
use seclang::input::JsonNames;
use seclang::{Files, Source};

use super::Waf as Inspect;
use crate::check::{BodyNeed, Check, Edit, Step};
use crate::checks::media_type::tests::sent;
use crate::checks::table::{Table, code};
use crate::exchange::{Body, Exchange, Response};
use crate::question::Answers;
use crate::waf::{BODIES, Chosen, Exclude, FILES, OWN, Set, Waf};

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Notes, version: "1" }
security: []
paths:
  /notes:
    get:
      operationId: findNotes
      parameters:
        - { name: text, in: query, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer } }
      responses: { "200": { description: ok } }
    post:
      operationId: createNote
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: { note: { type: string }, count: { type: integer }, tags: { type: array, items: { type: string } } }
      responses: { "200": { description: ok } }
    put:
      operationId: putNote
      x-bartizan: { waf: { exclude: [{ rule: 1, target: "ARGS:text", because: code is written here }] } }
      parameters: [{ name: text, in: query, schema: { type: string } }]
      responses: { "200": { description: ok } }
  /files:
    put:
      operationId: putFile
      requestBody: { content: { application/octet-stream: {} } }
      responses: { "200": { description: ok } }
  /talk:
    get: { operationId: talk, x-bartizan: { websocket: true }, responses: { "101": { description: begun } } }
"##;

const RULES: &str = r#"
SecRule REQUEST_HEADERS:Content-Type "@contains json" "id:9,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule ARGS "@contains attack" "id:1,phase:2,deny,tag:words"
SecRule ARGS:limit|ARGS:json.count "@streq 7" "id:2,phase:2,deny"
SecRule ARGS_NAMES "@streq json.tags.array_0" "id:3,phase:2,deny"
SecRule ARGS_NAMES "@streq json.tags.0" "id:4,phase:2,deny"
SecRule RESPONSE_BODY "@contains leak" "id:5,phase:4,deny"
SecRule RESPONSE_HEADERS:Server "@contains leak" "id:6,phase:3,deny"
"#;

struct Nowhere;

impl Files for Nowhere {
    fn read(&self, _from: &str, name: &str) -> Result<Vec<u8>, String> {
        Err(format!("there is no {name}"))
    }
}

fn set(name: &'static str, text: &str) -> Set {
    let rules = seclang::compile(&[Source { name: "rules.conf", text }], &Nowhere);
    Set { name, rules: Arc::new(rules.unwrap_or_else(|findings| panic!("{findings:#?}"))) }
}

/// The check as it is prepared with these rules and changes.
fn prepared(operation: &str, rules: &str, change: impl FnOnce(&mut Waf, &mut Table)) -> Inspect {
    let mut table = Table::new();
    let mut waf = Waf::plain(set(OWN, rules).rules);
    change(&mut waf, &mut table);
    let api = table.api();
    api.description = crate::pipeline::testing::description(DESCRIPTION);
    api.waf = Some(Arc::new(waf));
    table.prepare(operation)
}

fn check(operation: &str, change: impl FnOnce(&mut Waf)) -> Inspect {
    prepared(operation, RULES, |waf, _| change(waf))
}

fn query(query: &str) -> Exchange {
    let mut exchange = sent(&[], None);
    exchange.route.query = Some(query.to_owned());
    exchange
}

fn json(body: &str) -> Exchange {
    sent(&[("content-type", "application/json")], Some(body))
}

fn asked(check: &Inspect, exchange: &Exchange) -> Option<Code> {
    code(check.step(exchange, &Answers::default()))
}

fn exclude(chosen: Chosen, target: Option<&str>) -> Exclude {
    Exclude { chosen, target: target.map(str::to_owned), because: None }
}

const SUSPECTED: Option<Code> = Some(Code::AttackSuspected);
const EXCEEDED: Option<Code> = Some(Code::InspectionExceeded);

#[test]
fn exclusions_hold_for_the_api_for_one_operation_or_where_the_description_says_so() {
    let attack = query("text=attack");
    assert_eq!(asked(&check("findNotes", |_| {}), &attack), SUSPECTED);
    let tag = || Chosen::Tag("words".to_owned());
    for (chosen, target, text, other) in [
        (Chosen::Rule(1), None, None, None),
        (tag(), None, None, None),
        (Chosen::Rule(1), Some("ARGS:text"), None, SUSPECTED),
        (tag(), Some("ARGS:/^te/"), None, SUSPECTED),
        (Chosen::Rule(2), None, SUSPECTED, SUSPECTED),
        (Chosen::Rule(1), Some("ARGS:note"), SUSPECTED, SUSPECTED),
    ] {
        let all = exclude(chosen, target);
        let api = check("findNotes", |waf| waf.exclude.push(all.clone()));
        let of = |name: &str| {
            let operations = [(name.to_owned(), vec![all.clone()])];
            check("findNotes", |waf| waf.operations = operations.into())
        };
        for inspect in [&api, &of("findNotes")] {
            assert_eq!(asked(inspect, &attack), text, "{}", all.text());
            assert_eq!(asked(inspect, &query("other=attack")), other, "{}", all.text());
        }
        assert_eq!(asked(&of("createNote"), &attack), SUSPECTED, "of another operation");
    }
    let described = check("putNote", |_| {});
    assert_eq!(asked(&described, &attack), None);
    assert_eq!(asked(&described, &query("other=attack")), SUSPECTED);
}

#[test]
fn what_the_description_proves_is_passed_over_while_that_is_wanted_and_in_force() {
    let (number, body) = (query("limit=7"), json(r#"{"count":7}"#));
    for (operation, exchange, prover) in [("findNotes", &number, "parameters"), ("createNote", &body, "body")]
    {
        assert_eq!(asked(&check(operation, |_| {}), exchange), None, "{operation}");
        let looks = check(operation, |waf| waf.skip_proven = false);
        assert_eq!(asked(&looks, exchange), SUSPECTED, "{operation}");
        let watched = prepared(operation, RULES, |_, table| {
            table.api().modes.insert(prover.to_owned(), Mode::Watch);
        });
        assert_eq!(asked(&watched, exchange), SUSPECTED, "{operation}");
    }
}

#[test]
fn items_of_arrays_are_called_as_is_said() {
    let tags = json(r#"{"tags":["a"]}"#);
    for (names, rule) in [(JsonNames::Marked, 3), (JsonNames::Plain, 4)] {
        let inspect = check("createNote", |waf| waf.bounds.json_names = names);
        let Step::RefuseWith(edits, _) = inspect.step(&tags, &Answers::default()) else { panic!("passed") };
        let said = format!("rule {rule} of {OWN}");
        assert!(edits.iter().any(|edit| matches!(edit, Edit::Report(text) if *text == said)), "{edits:?}");
    }
}

#[test]
fn what_is_beyond_a_bound_was_not_seen_and_is_refused() {
    let deep = json(r#"{"note":[[[["a"]]]]}"#);
    let many = json(r#"{"note":["a","b","c","d"]}"#);
    // Nearly what is looked for, so that it has to be searched.
    let long = json(&format!(r#"{{"note":"{}"}}"#, "attac k ".repeat(25)));
    let usual = check("createNote", |_| {});
    for exchange in [&deep, &many, &long] {
        assert_eq!(asked(&usual, exchange), None);
    }
    for (exchange, change) in [
        (&deep, (|waf| waf.bounds.depth_max = 3) as fn(&mut Waf)),
        (&many, |waf| waf.bounds.arguments_max = 3),
        (&long, |waf| waf.bounds.body_bytes_max = 100),
        (&long, |waf| waf.bounds.work_max = 100),
    ] {
        assert_eq!(asked(&check("createNote", change), exchange), EXCEEDED);
    }
}

#[test]
fn what_files_say_of_limits_and_of_the_engine_changes_nothing() {
    let more = "SecRuleEngine Off\nSecArgumentsLimit 1\nSecRequestBodyNoFilesLimit 9\nSecRequestBodyJsonDepthLimit 1\n\
                SecRequestBodyLimitAction ProcessPartial\nSecResponseBodyLimit 1\n";
    let inspect = prepared("createNote", &format!("{RULES}{more}"), |_, _| {});
    assert_eq!(asked(&inspect, &json(r#"{"note":["a",["b"]],"more":"none"}"#)), None);
    assert_eq!(asked(&inspect, &json(r#"{"note":["a",["attack"]]}"#)), SUSPECTED);
}

#[test]
fn a_body_of_a_type_that_no_rule_reads_is_not_held_where_no_other_can_come() {
    assert_eq!(check("createNote", |_| {}).request_body(), Some(BodyNeed::Whole));
    assert_eq!(check("putFile", |_| {}).request_body(), Some(BodyNeed::None));
    let open = prepared("putFile", RULES, |_, table| {
        table.api().modes.insert("media_type".to_owned(), Mode::Watch);
    });
    assert_eq!(open.request_body(), Some(BodyNeed::Whole));
}

#[test]
fn every_set_that_is_configured_runs() {
    let other = "SecRule ARGS \"@contains other\" \"id:1,phase:2,deny\"";
    let both = check("findNotes", |waf| waf.sets.push(set(FILES, other)));
    for (text, expected) in [("text=attack", SUSPECTED), ("text=other", SUSPECTED), ("text=none", None)] {
        assert_eq!(asked(&both, &query(text)), expected, "{text}");
    }
    let mut table = Table::new();
    let mut waf = Waf::plain(set(OWN, other).rules);
    waf.sets.clear();
    table.api().description = crate::pipeline::testing::description(DESCRIPTION);
    table.api().waf = Some(Arc::new(waf));
    assert!(table.try_prepare::<Inspect>("findNotes").unwrap().is_none());
}

#[test]
fn files_refuse_bodies_that_cannot_be_read_and_files_may_choose_otherwise() {
    let of_files = |more: &str| {
        let rules = format!(
            "{}\n{more}\nSecRequestBodyAccess On\nSecRule ARGS \"@contains attack\" \"id:1,phase:2,deny\"",
            BODIES.text
        );
        check("createNote", |waf| waf.sets = vec![set(FILES, &rules)])
    };
    let (usual, without) = (of_files(""), of_files("SecRuleRemoveById 9119920"));
    let twice = r#"{"q":1,"q":"an attack"}"#;
    assert_eq!(asked(&usual, &json(r#"{"q":"none"}"#)), None);
    assert_eq!(asked(&usual, &json(r#"{"q":"an attack"}"#)), SUSPECTED);
    assert_eq!(asked(&usual, &json(twice)), SUSPECTED);
    assert_eq!(asked(&without, &json(twice)), None);
    let multipart = "multipart/form-data; boundary=b";
    let form = |body: &str| sent(&[("content-type", multipart)], Some(body));
    let part = "--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nnone\r\n";
    assert_eq!(asked(&usual, &form(&format!("{part}--b--\r\n"))), None);
    assert_eq!(asked(&usual, &form(part)), SUSPECTED, "a body without its end");
    // The same types as to our own rules.
    let ours = include_str!("../../../rules/00-setup.conf");
    for pattern in BODIES.text.lines().filter(|line| line.contains("Content-Type")) {
        assert!(ours.contains(pattern), "{pattern}");
    }
}

/// The request as it passed, with this answer.
fn answered(check: &Inspect, headers: &[(&'static str, &str)], body: &str) -> Exchange {
    let mut exchange = query("text=none");
    let Step::Continue(edits) = check.step(&exchange, &Answers::default()) else { panic!("refused") };
    for edit in edits {
        if let Edit::Inspected(inspection) = edit {
            exchange.inspection = Some(inspection);
        }
    }
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let body = Body::new(bytes::Bytes::copy_from_slice(body.as_bytes()), tape::Limits::default());
    exchange.response = Some(Response { status: StatusCode::OK, headers: map, body: Some(body) });
    exchange
}

/// What becomes of an answer of text.
fn leaked(check: &Inspect, body: &str) -> Option<Code> {
    read(check, &[("content-type", "text/plain")], body)
}

/// What becomes of an answer whose head passes.
fn read(check: &Inspect, headers: &[(&'static str, &str)], body: &str) -> Option<Code> {
    let exchange = answered(check, headers, body);
    assert_eq!(code(check.on_response_head(&exchange, &Answers::default())), None);
    code(check.on_response_body(&exchange, &Answers::default()))
}

#[test]
fn bodies_of_answers_are_held_where_that_is_said_and_their_heads_are_always_seen() {
    let heads = check("findNotes", |_| {});
    assert_eq!(heads.response_body(), BodyNeed::None);
    let told = answered(&heads, &[("server", "a leak")], "");
    assert_eq!(code(heads.on_response_head(&told, &Answers::default())), Some(Code::LeakSuspected));
    let bodies = check("findNotes", |waf| waf.answers = true);
    assert_eq!(bodies.response_body(), BodyNeed::Whole);
    assert_eq!(leaked(&bodies, "nothing"), None);
    assert_eq!(leaked(&bodies, "a leak"), Some(Code::LeakSuspected));
    // What begins a WebSocket has no body to hold.
    assert_eq!(check("talk", |waf| waf.answers = true).response_body(), BodyNeed::None);
}

#[test]
fn a_rule_can_say_that_the_body_of_one_answer_is_not_read() {
    let rule = r#"SecRule ARGS:text "@streq none" "id:19,phase:1,pass,nolog,ctl:responseBodyAccess=Off""#;
    let of = |text: String| prepared("findNotes", &text, |waf, _| waf.answers = true);
    let spared = of(format!("{}\n{RULES}\n{rule}\n", BODIES.text));
    assert_eq!(leaked(&spared, "a leak"), None);
    let coded = [("content-type", "text/plain"), ("content-encoding", "gzip")];
    assert_eq!(read(&spared, &coded, "packed"), None);
    // The key `answers` is the gateway's word, which no directive of files takes back.
    let closed = of(format!("{}\n{RULES}\nSecResponseBodyAccess Off\n", BODIES.text));
    assert_eq!(leaked(&closed, "a leak"), Some(Code::LeakSuspected));
}

#[test]
fn an_answer_of_text_with_a_content_coding_does_not_pass() {
    let bodies = check("findNotes", |waf| waf.answers = true);
    let of = |kind: &str, coding: &str, body: &str| {
        read(&bodies, &[("content-type", kind), ("content-encoding", coding)], body)
    };
    assert_eq!(of("text/plain", "gzip", "packed"), EXCEEDED);
    assert_eq!(of("text/plain", "identity", "nothing"), None);
    assert_eq!(of("text/plain", "identity", "a leak"), Some(Code::LeakSuspected));
    assert_eq!(of("text/plain", "gzip", ""), None);
    assert_eq!(of("image/png", "gzip", "packed"), None, "bodies of such types are not read anyway");
}

#[test]
fn an_answer_that_is_longer_than_what_rules_are_shown_does_not_pass() {
    let long = |bytes: usize| format!("{}leak", "a".repeat(bytes));
    let usual = check("findNotes", |waf| waf.answers = true);
    assert_eq!(leaked(&usual, &long(700_000)), Some(Code::LeakSuspected));
    let short = check("findNotes", |waf| {
        waf.answers = true;
        waf.bounds.body_bytes_max = 1_000;
    });
    assert_eq!(leaked(&short, &long(900)), Some(Code::LeakSuspected));
    assert_eq!(leaked(&short, &long(2_000)), EXCEEDED);
    assert_eq!(leaked(&short, &"a".repeat(2_000)), EXCEEDED);
    assert_eq!(leaked(&short, &"a".repeat(1_000)), None);
}
