#![allow(clippy::unwrap_used)]

use model::Code;

use super::FormCredentials;
use crate::check::Check;
use crate::checks::table::{Table, code, with_body};
use crate::question::Answers;

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_token_in_a_form_is_refused() {
    let check: FormCredentials = Table::new().prepare("form");
    let said = |content_type, body| code(check.step(&with_body(content_type, body), &Answers::default()));
    for body in ["access_token=x", "a=1&access%5Ftoken=x", "Access-Token=x", "a=1;access_token=x"] {
        assert_eq!(said(FORM, body), Some(Code::CredentialMisplaced), "{body}");
    }
    assert_eq!(
        said("Application/X-WWW-Form-Urlencoded; charset=utf-8", "access_token=x"),
        Some(Code::CredentialMisplaced)
    );
    for body in ["", "a=access_token", "token=x"] {
        assert_eq!(said(FORM, body), None, "{body}");
    }
    assert_eq!(said("text/plain", "access_token=x"), None);
    let mut twice = with_body("text/plain", "access_token=x");
    twice.head.headers.append(http::header::CONTENT_TYPE, http::HeaderValue::from_static(FORM));
    assert_eq!(code(check.step(&twice, &Answers::default())), Some(Code::CredentialMisplaced));
}

#[test]
fn only_operations_that_take_forms_and_do_not_declare_the_field_have_the_check() {
    let table = Table::new();
    assert!(table.try_prepare::<FormCredentials>("form").unwrap().is_some());
    for operation in ["any", "grant", "unmatched"] {
        assert!(table.try_prepare::<FormCredentials>(operation).unwrap().is_none(), "{operation}");
    }
}
