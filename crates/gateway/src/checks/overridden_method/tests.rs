use model::Code;

use super::OverriddenMethod;
use crate::check::Check;
use crate::checks::table::{Table, code, with_body};
use crate::question::Answers;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

#[test]
fn a_body_that_asks_for_another_method_is_refused() {
    let check: OverriddenMethod = Table::new().prepare("form");
    let said = |content_type, body| code(check.step(&with_body(content_type, body), &Answers::default()));
    for body in ["_method=DELETE", "a=1&%5Fmethod=put", "a=1;_METHOD=PUT", "_method"] {
        assert_eq!(said(FORM, body), Some(Code::BodyInvalid), "{body}");
    }
    // As PHP, Rack and qs read names.
    for name in [".method", "+_method", "%09.method", "_method[]", "_method[0]", "[_method]", "_method%00x"] {
        assert_eq!(said(FORM, name), Some(Code::BodyInvalid), "{name}");
    }
    for body in [r#"{"_method":"DELETE"}"#, r#"{"a":1,"\u005fmethod":"PUT"}"#] {
        assert_eq!(said(JSON, body), Some(Code::BodyInvalid), "{body}");
    }
    for (content_type, body) in [
        (FORM, "method=card&a=_method&_methods=1&of[_method]=1&a_method=1"),
        (JSON, r#"{"method":"card","of":{"_method":1}}"#),
        (JSON, "[1]"),
        (JSON, "{"),
        ("text/plain", "_method=DELETE"),
        (FORM, ""),
    ] {
        assert_eq!(said(content_type, body), None, "{body}");
    }
}

#[test]
fn a_part_that_asks_for_another_method_is_refused_where_only_parts_are_taken() {
    let check: OverriddenMethod = Table::new().prepare("upload");
    let said = |name: &str, end: &str| {
        let body =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nDELETE\r\n--b{end}");
        let exchange = with_body("multipart/form-data; boundary=b", body.leak());
        code(check.step(&exchange, &Answers::default()))
    };
    for name in ["_method", "_METHOD", ".method", " _method", "_method[]"] {
        assert_eq!(said(name, "--\r\n"), Some(Code::BodyInvalid), "{name}");
    }
    assert_eq!(said("method", "--\r\n"), None);
    // Who knows what another reader finds in it.
    assert_eq!(said("method", ""), Some(Code::BodyMalformed));
}
