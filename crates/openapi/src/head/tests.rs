#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod hostile;
mod styles;

use serde_json::{Value, json};

use super::{HeadReport, Headers, RequestHead};
use crate::load::tests::load_all;
use crate::{Description, Match, NormalPath};

/// Header lines in a list.
struct Lines(Vec<(String, Vec<u8>)>);

impl Headers for Lines {
    fn all(&self, name_lower: &str) -> Vec<&[u8]> {
        let lines = self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(name_lower));
        lines.map(|(_, value)| value.as_slice()).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// An operation at `template` with these parameters.
struct Subject {
    description: Description,
}

impl Subject {
    fn at(template: &str, version: &str, parameters: Value) -> Self {
        let mut text = json!({"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}});
        text["paths"][template]["get"] =
            json!({"parameters": parameters, "responses": {"200": {"description": "ok"}}});
        let (description, findings) = load_all(&[("api.json", &text.to_string())]);
        let description = description.unwrap_or_else(|| panic!("{findings:?}"));
        assert_eq!(description.operations.len(), 1, "{findings:?}");
        Self { description }
    }

    fn new(parameters: Value) -> Self {
        Self::at("/x", "3.1.0", parameters)
    }

    /// `target` is path and query; `headers` are `Name: value` lines.
    fn report(&self, target: &str, headers: &[&[u8]]) -> HeadReport {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let path = NormalPath::new(path).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        let Match::Operation { operation, values } = self.description.router().find("GET", &path) else {
            panic!("no operation at {target}");
        };
        let line = |line: &&[u8]| {
            let colon = line.iter().position(|byte| *byte == b':').unwrap();
            (String::from_utf8(line[..colon].to_vec()).unwrap(), line[colon + 1..].to_vec())
        };
        let headers = Lines(headers.iter().map(line).collect());
        operation.check_head(&RequestHead { path_values: &values, query, headers: &headers })
    }

    /// The faults as `Kind place pointer rule`, or `ok`.
    fn verdict(&self, target: &str, headers: &[&str]) -> String {
        let headers: Vec<&[u8]> = headers.iter().map(|line| line.as_bytes()).collect();
        shown(&self.report(target, &headers))
    }
}

fn shown(report: &HeadReport) -> String {
    let fault = |fault: &super::HeadFault| {
        let violation = &fault.violation;
        format!("{:?} {} {} {}", fault.kind, violation.place, violation.pointer, violation.rule)
    };
    let faults: Vec<_> = report.faults.iter().map(fault).collect();
    if faults.is_empty() { "ok".to_owned() } else { faults.join("; ") }
}

fn query(name: &str, schema: Value) -> Value {
    json!([{"name": name, "in": "query", "schema": schema}])
}

fn check(subject: &Subject, cases: &[(&str, &str)]) {
    for (target, expected) in cases {
        assert_eq!(subject.verdict(target, &[]), *expected, "{target}");
    }
}

#[test]
fn a_text_has_the_kind_that_the_schema_asks_for() {
    let integer = Subject::new(query("n", json!({"type": "integer", "minimum": 1, "maximum": 99})));
    check(
        &integer,
        &[
            ("/x", "ok"),
            ("/x?n=12", "ok"),
            ("/x?n=%31%32", "ok"),
            ("/x?n=0", "Invalid query n minimum"),
            ("/x?n=100", "Invalid query n maximum"),
            ("/x?n=1.5", "Invalid query n type"),
            ("/x?n=abc", "Invalid query n type"),
            ("/x?n=", "Invalid query n type"),
            ("/x?n", "Invalid query n type"),
            ("/x?n=+12", "Invalid query n type"),
            ("/x?n=%2B12", "Invalid query n type"),
            ("/x?n=012", "Invalid query n type"),
            ("/x?n=0x1F", "Invalid query n type"),
            ("/x?n=12%20", "Invalid query n type"),
            ("/x?n=1e999", "Invalid query n type"),
            ("/x?n=NaN", "Invalid query n type"),
            ("/x?n=null", "Invalid query n type"),
            ("/x?n=true", "Invalid query n type"),
        ],
    );
    let boolean = Subject::new(query("b", json!({"type": "boolean"})));
    check(
        &boolean,
        &[("/x?b=true", "ok"), ("/x?b=True", "Invalid query b type"), ("/x?b=1", "Invalid query b type")],
    );
    let string =
        Subject::new(query("s", json!({"type": "string", "maxLength": 3, "pattern": "^[a-z0-9 ]*$"})));
    check(
        &string,
        &[
            ("/x?s=12", "ok"),
            ("/x?s=no", "ok"),
            ("/x?s=1.0", "Invalid query s pattern"),
            ("/x?s=a+b", "ok"),
            ("/x?s=", "ok"),
            ("/x?s=abcd", "Invalid query s maxLength"),
            ("/x?s=a%2Bb", "Invalid query s pattern"),
        ],
    );
    let either = Subject::new(query(
        "e",
        json!({"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^x"}]}),
    ));
    check(&either, &[("/x?e=5", "ok"), ("/x?e=x5", "ok"), ("/x?e=y", "Invalid query e pattern")]);
    let untyped = Subject::new(query("u", json!({"enum": [1, "two", true]})));
    check(
        &untyped,
        &[("/x?u=1", "ok"), ("/x?u=two", "ok"), ("/x?u=true", "ok"), ("/x?u=3", "Invalid query u enum")],
    );
    let code =
        Subject::new(query("c", json!({"type": ["string", "integer"], "pattern": "^0", "minimum": 5})));
    check(&code, &[("/x?c=0123", "ok"), ("/x?c=7", "ok")]);
}

#[test]
fn required_parameters_are_missed_and_undeclared_ones_are_told() {
    let subject = Subject::new(json!([
        {"name": "q", "in": "query", "required": true, "schema": {"type": "string"}},
        {"name": "X-Tenant", "in": "header", "required": true, "schema": {"type": "string"}},
        {"name": "sid", "in": "cookie", "required": true, "schema": {"type": "string"}},
    ]));
    assert_eq!(
        subject.verdict("/x", &[]),
        "Missing query q required; Missing header X-Tenant required; Missing cookie sid required"
    );
    let headers = ["x-tenant: a", "Cookie: a=b; sid=1"];
    assert_eq!(subject.verdict("/x?q=1", &headers), "ok");
    assert_eq!(subject.verdict("/x?q=1&debug=1&%64ebug=2", &headers), "Undeclared query debug undeclared");
    assert_eq!(subject.verdict("/x?Q=1&q=1", &headers), "Undeclared query Q undeclared");
    assert_eq!(subject.verdict("/x?q=1&=2", &headers), "Undeclared query  undeclared");
    assert_eq!(subject.verdict("/x?&q=1&&", &headers), "ok");
}

#[test]
fn a_value_that_came_twice_is_refused_however_its_name_is_spelled() {
    let subject = Subject::new(query("q", json!({"type": "string"})));
    check(
        &subject,
        &[
            ("/x?q=1&q=1", "Repeated query q style"),
            ("/x?q=1&%71=2", "Repeated query q style"),
            ("/x?q&q", "Repeated query q style"),
        ],
    );
    let header = Subject::new(json!([{"name": "X-A", "in": "header", "schema": {"type": "string"}}]));
    assert_eq!(header.verdict("/x", &["X-A: 1", "x-a: 1"]), "Repeated header X-A style");
    let cookie = Subject::new(json!([{"name": "a", "in": "cookie", "schema": {"type": "string"}}]));
    assert_eq!(cookie.verdict("/x", &["cookie: a=1; a=2"]), "Repeated cookie a style");
    assert_eq!(cookie.verdict("/x", &["cookie: a=1", "cookie: a=2"]), "Repeated cookie a style");
}

#[test]
fn malformed_escapes_and_other_charsets_are_refused() {
    let subject = Subject::new(query("q", json!({"type": "string"})));
    check(
        &subject,
        &[
            ("/x?q=%", "Invalid query q encoding"),
            ("/x?q=%zz", "Invalid query q encoding"),
            ("/x?q=%E9", "Invalid query q encoding"),
            ("/x?q=%C0%AF", "Invalid query q encoding"),
            ("/x?q=%ED%A0%80", "Invalid query q encoding"),
            ("/x?%q=1", "Invalid query  encoding"),
            ("/x?%ff=1", "Invalid query  encoding"),
            ("/x?q=%C3%A9", "ok"),
            // Where many servers end a text.
            ("/x?q=a%00b", "Invalid query q encoding"),
            ("/x?q%00=a", "Invalid query  encoding"),
            // Where some servers split.
            ("/x?q=a;b=c", "Invalid query  encoding"),
            ("/x?q;a=1", "Invalid query  encoding"),
            ("/x?q=a%3Bb", "ok"),
        ],
    );
    let cookie = Subject::new(json!([{"name": "p", "in": "cookie", "schema": {"type": "string"}}]));
    for (line, expected) in [
        ("Cookie: p=a%00", "Invalid cookie p encoding"),
        ("Cookie: p=1,sid=2", "Invalid cookie p encoding"),
        ("Cookie: p=1, sid = 2", "Invalid cookie p encoding"),
        ("Cookie: p=1,$Path=/", "Invalid cookie p encoding"),
        ("Cookie: p=1,2", "ok"),
        ("Cookie: p=a=b,{\"c\":\"d=e\"}", "ok"),
        ("Cookie: other=1,sid=2; p=1", "ok"),
    ] {
        assert_eq!(cookie.verdict("/x", &[line]), expected, "{line}");
    }
    let header = Subject::new(json!([{"name": "X-A", "in": "header", "schema": {"type": "string"}}]));
    assert_eq!(shown(&header.report("/x", &[b"x-a: \xe9"])), "Invalid header X-A encoding");
    assert_eq!(shown(&header.report("/x", &[b"cookie: \xe9=1"])), "Invalid cookie  encoding");
}

#[test]
fn undeclared_headers_and_cookies_are_listed_and_standard_ones_are_not() {
    let subject = Subject::new(json!([
        {"name": "X-Known", "in": "header", "schema": {}},
        {"name": "known", "in": "cookie", "schema": {}},
    ]));
    let report = subject.report(
        "/x",
        &[
            b"Host: a",
            b"User-Agent: b",
            b"Accept-Language: de",
            b"Content-Type: text/plain",
            b"If-None-Match: x",
            b"Range: bytes=0-1",
            b"traceparent: 00-1-1-01",
            b"Sec-Fetch-Site: none",
            b"Idempotency-Key: 1",
            b"Origin: http://a",
            b"x-known: 1",
            b"X-Forwarded-For: 10.0.0.1",
            b"Forwarded: for=1",
            b"X-Admin: 1",
            b"x-admin: 2",
            b"Cookie: known=1; other=2; ga=3; other=4; loose",
        ],
    );
    assert_eq!(shown(&report), "ok");
    assert_eq!(report.drop_headers, ["forwarded", "x-admin", "x-forwarded-for"]);
    assert_eq!(report.drop_cookies, ["", "ga", "other"]);
}

#[test]
fn parameters_that_other_parts_declare_are_ignored() {
    let subject = Subject::new(json!([
        {"name": "Authorization", "in": "header", "required": true, "schema": {"type": "integer"}},
        {"name": "accept", "in": "header", "required": true, "schema": {"type": "integer"}},
    ]));
    assert_eq!(subject.verdict("/x", &["Authorization: Bearer x"]), "ok");
}

#[test]
fn an_empty_value_passes_where_it_is_allowed() {
    let of = |allowed: bool| {
        Subject::new(
            json!([{"name": "flag", "in": "query", "allowEmptyValue": allowed, "schema": {"type": "integer"}}]),
        )
    };
    check(
        &of(true),
        &[
            ("/x?flag", "ok"),
            ("/x?flag=", "ok"),
            ("/x?flag=1", "ok"),
            ("/x?flag=x", "Invalid query flag type"),
        ],
    );
    check(&of(false), &[("/x?flag", "Invalid query flag type")]);
}

#[test]
fn nothing_of_a_value_is_told() {
    let subject = Subject::new(json!([
        {"name": "q", "in": "query", "schema": {"type": "integer"}},
        {"name": "c", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
    ]));
    let report = subject.report("/x?q=hunter2&c=%22hunter2%22&d=hunter2", &[b"cookie: s=hunter2"]);
    assert_eq!(report.faults.len(), 3);
    assert!(!format!("{report:?}").contains("hunter2"), "{report:?}");
}

#[test]
fn a_flood_of_faults_is_cut() {
    let subject = Subject::new(json!([]));
    let flood: Vec<_> = (0..5_000).map(|at| format!("p{at}=1")).collect();
    assert_eq!(subject.report(&format!("/x?{}", flood.join("&")), &[]).faults.len(), 20);
}

#[test]
fn a_schema_that_cannot_be_compiled_is_found_at_load_and_refuses() {
    let (description, _) = load_all(&[(
        "api.json",
        r#"{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/x":{"get":{"parameters":[
            {"name":"q","in":"query","schema":{"type":"string","pattern":"("}}],"responses":{"200":{"description":"ok"}}}}}}"#,
    )]);
    let Some(operation) = description.as_ref().and_then(|description| description.operations.first()) else {
        return;
    };
    assert!(operation.prepare().iter().any(model::Finding::is_error));
    let report = operation.check_head(&RequestHead {
        path_values: &[],
        query: Some("q=a"),
        headers: &Lines(Vec::new()),
    });
    assert!(!report.faults.is_empty());
}
