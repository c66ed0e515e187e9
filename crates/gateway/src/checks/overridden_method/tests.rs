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
    for body in [r#"{"_method":"DELETE"}"#, r#"{"a":1,"\u005fmethod":"PUT"}"#] {
        assert_eq!(said(JSON, body), Some(Code::BodyInvalid), "{body}");
    }
    for (content_type, body) in [
        (FORM, "method=card&a=_method"),
        (JSON, r#"{"method":"card","of":{"_method":1}}"#),
        (JSON, "[1]"),
        (JSON, "{"),
        ("text/plain", "_method=DELETE"),
        (FORM, ""),
    ] {
        assert_eq!(said(content_type, body), None, "{body}");
    }
}
