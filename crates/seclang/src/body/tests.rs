#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::input::{BodySettings, JsonNames};
use crate::request::Request;

fn read(processor: Processor, text: impl Into<Bytes>, settings: &BodySettings) -> Body {
    let wanted = Wanted { processor: Some(processor), force_request_body: false };
    let input = Input::new(Request::default(), settings);
    Body::read(text.into(), Some(processor), &wanted, &input)
}

fn arguments(body: &Body) -> Vec<String> {
    body.arguments
        .iter()
        .map(|(name, value)| format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
        .collect()
}

fn json(text: &'static str) -> Body {
    read(Processor::Json, text, &BodySettings::default())
}

#[test]
fn json_is_read_after_a_byte_order_mark() {
    let body = json("\u{feff}{\"id\":1}");
    assert_eq!(body.fault, None);
    assert_eq!(body.arguments.len(), 1);
}

#[test]
fn names_the_values_of_json_by_their_paths() {
    let body = json(r#"{"id":1,"items":[{"x":"\u0041","ok":true},[null,-2.50]],"":{},"e":[]}"#);
    assert_eq!(
        arguments(&body),
        [
            "json.id=1",
            "json.items.array_0.x=A",
            "json.items.array_0.ok=true",
            "json.items.array_1.array_0=",
            "json.items.array_1.array_1=-2.50",
            "json.empty-key=",
            "json.e="
        ]
    );
    assert_eq!(body.fault, None);
    let names: Vec<_> = body.bare_names.iter().map(|(name, _)| String::from_utf8_lossy(name)).collect();
    assert_eq!(names, ["json.items"]);
    assert_eq!(arguments(&json("[1,[2]]")), ["json.array_0=1", "json.array_1.array_0=2"]);
    assert_eq!(arguments(&json("\"x\"")), ["json=x"]);
    assert!(arguments(&json("{}")).is_empty());
    let plain = BodySettings { json_names: JsonNames::Plain, ..BodySettings::default() };
    let body = read(Processor::Json, "{\"items\":[{\"x\":1}]}", &plain);
    assert_eq!(arguments(&body), ["json.items.0.x=1"]);
}

#[test]
fn a_body_that_cannot_be_read_is_shown_as_it_is() {
    for text in ["{\"a\":1,\"a\":2}", "{", "{\"a\":\"\\ud800\"}", "[1] x", "{'a':1}", "[1e999]"] {
        let body = json(text);
        assert!(body.fault.is_some() && body.visible, "{text}");
    }
    let body = read(Processor::Json, b"{\"a\":\"\xff\"}".to_vec(), &BodySettings::default());
    assert_eq!(body.fault, Some("JSON: the text is not UTF-8"));
    assert!(body.visible);
    assert!(!json("{}").visible);
}

#[test]
fn limits_depth_arguments_and_what_paths_become() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(read(Processor::Json, deep(512), &BodySettings::default()).fault, None);
    assert_eq!(
        read(Processor::Json, deep(513), &BodySettings::default()).fault,
        Some("JSON: the nesting is deeper than the limit")
    );
    let wide = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
    assert_eq!(read(Processor::Json, wide(1_000), &BodySettings::default()).fault, None);
    assert!(read(Processor::Json, wide(1_001), &BodySettings::default()).fault.is_some());
    // 100 KB of nested names in front of 900 values would become 90 MB.
    let name = "n".repeat(1_000);
    let nested = format!("{}{}{}", format!("{{\"{name}\":").repeat(100), wide(900), "}".repeat(100));
    let body = read(Processor::Json, nested, &BodySettings::default());
    assert_eq!(body.fault, Some("JSON: the names and values together are longer than the limit"));
    assert!(body.arguments.bytes() < 2 << 20);
}

#[test]
fn reads_forms() {
    let form = |text: &'static str| read(Processor::Urlencoded, text, &BodySettings::default());
    let body = form("a=1+2&b&=c&d=%41%4&&e=x=y");
    assert_eq!(arguments(&body), ["a=1 2", "b=", "=c", "d=A%4", "=", "e=x=y"]);
    assert!(body.invalid_escape && body.visible);
    assert!(!form("a=%41").invalid_escape);
    assert!(form("%zz=1").invalid_escape);
    let semicolons = BodySettings { argument_separator: b';', ..BodySettings::default() };
    assert_eq!(arguments(&read(Processor::Urlencoded, "a=1;b=2&c", &semicolons)), ["a=1", "b=2&c"]);
}

#[test]
fn a_million_parameters_stop_at_the_limit() {
    let settings = BodySettings { body_without_files_bytes_max: 64 << 20, ..BodySettings::default() };
    let body = read(Processor::Urlencoded, "a=1&".repeat(1_000_000), &settings);
    assert_eq!(body.arguments.len(), 1_000);
    assert_eq!(body.fault, Some("there are more arguments than the limit"));
}

#[test]
fn long_bodies_are_told() {
    let body = read(Processor::Urlencoded, "a".repeat(131_073), &BodySettings::default());
    assert!(body.too_long && body.fault.is_some());
    let body = read(Processor::Urlencoded, "a".repeat(131_072), &BodySettings::default());
    assert!(!body.too_long && body.fault.is_none());
    let short = BodySettings { body_bytes_max: 10, ..BodySettings::default() };
    let body = read(Processor::Json, "[1,2,3,4,5,6]", &short);
    assert!(body.too_long && body.arguments.len() == 0);
}

#[test]
fn bodies_without_a_processor_are_shown_when_forced() {
    let input = Input::default();
    let shown = |force_request_body| {
        let wanted = Wanted { processor: None, force_request_body };
        Body::read(Bytes::from_static(b"x"), None, &wanted, &input).visible
    };
    assert!(shown(true) && !shown(false));
    let beside = |force_request_body| {
        let wanted = Wanted { processor: Some(Processor::Xml), force_request_body };
        let body = Body::read(Bytes::from_static(b"<a/>"), wanted.processor, &wanted, &input);
        (body.fault, body.visible)
    };
    assert_eq!((beside(true), beside(false)), ((None, true), (None, false)));
}

#[test]
fn what_is_beyond_a_limit_is_told_apart_from_what_is_malformed() {
    let small = BodySettings {
        body_without_files_bytes_max: 100,
        arguments_max: 3,
        depth_max: 4,
        ..BodySettings::default()
    };
    let limit = |uri: &str, processor: Processor, text: &str| {
        let request = Request { line: Bytes::from(format!("POST {uri} HTTP/1.1")), ..Request::default() };
        let mut input = Input::new(request, &small);
        let wanted = Wanted { processor: Some(processor), force_request_body: false };
        input.read_body(Bytes::copy_from_slice(text.as_bytes()), &wanted);
        input.beyond_limit()
    };
    for (uri, processor, text, expected) in [
        ("/", Processor::Json, "[1,2,3]", None),
        ("/", Processor::Json, "[1,2,3,4]", Some("arguments_max")),
        ("/?a&b", Processor::Json, "[1,2]", Some("arguments_max")),
        ("/?a&b&c&d", Processor::Json, "", Some("arguments_max")),
        ("/", Processor::Json, "[[[[[[1]]]]]]", Some("depth_max")),
        ("/", Processor::Json, "[1,", None),
        ("/", Processor::Urlencoded, "a&b&c&d", Some("arguments_max")),
        ("/", Processor::Urlencoded, "a=%zz", None),
        ("/", Processor::Xml, "<a><a><a><a><a><a/></a></a></a></a></a>", Some("depth_max")),
        ("/", Processor::Xml, "<a>", None),
    ] {
        assert_eq!(limit(uri, processor, text), expected, "{uri} {text}");
    }
    assert_eq!(limit("/", Processor::Xml, &"x".repeat(101)), Some("body_bytes_max"));
}

#[test]
fn processors_are_found_by_name_and_chosen_by_type() {
    for name in Processor::names() {
        assert_eq!(Processor::find(&name.to_lowercase()).unwrap().name(), name);
    }
    assert_eq!(Processor::find("YAML"), None);
    assert_eq!(
        Processor::of(b"Application/X-WWW-form-urlencoded; charset=utf-8"),
        Some(Processor::Urlencoded)
    );
    assert_eq!(Processor::of(b"multipart/form-data"), Some(Processor::Multipart));
    assert_eq!(Processor::of(b"multipart/mixed"), None);
    assert_eq!(Processor::of(b"application/json"), None);
}
