#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod alternatives;
mod fetched_keys;
mod introspection;
mod keys;
mod tokens;

use model::Code;
use serde_json::json;
use token::Signer;

use super::Identify;
use crate::check::{Check, Edit, Step};
use crate::checks::table::{
    Table, api_keys, bearer, caller, code, configured, edits, exchange, refused, sign,
};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::AuthenticatorKind;

/// The API as most tests need it: tokens of one issuer for `bearer`, one key for `key`.
fn table(signer: &Signer) -> Table {
    Table::new()
        .authenticate("bearer", AuthenticatorKind::Jwt(configured(signer)))
        .authenticate("key", api_keys("one", false))
}

fn step(table: &Table, operation: &str, exchange: &Exchange) -> Step {
    table.prepare::<Identify>(operation).step(exchange, &Answers::default())
}

fn removed(step: Step) -> Vec<String> {
    let removed = edits(step).into_iter().filter_map(|edit| match edit {
        Edit::RemoveRequestHeader(name) => Some(name.to_string()),
        _ => None,
    });
    removed.collect()
}

fn reports(step: Step) -> Vec<String> {
    let reports = edits(step).into_iter().filter_map(|edit| match edit {
        Edit::Report(text) => Some(text),
        _ => None,
    });
    reports.collect()
}

#[test]
fn a_caller_without_a_credential_is_challenged_without_an_error() {
    let signer = Signer::generate("k").unwrap();
    let refusal = refused(step(&table(&signer), "either", &exchange(&[])));
    assert_eq!(refusal.code, Code::CredentialMissing);
    let challenges: Vec<_> = refusal.challenges.iter().map(|challenge| challenge.scheme).collect();
    assert_eq!(challenges, ["Bearer", "ApiKey"]);
    assert_eq!(refusal.challenges[0].parameters, [("realm", "orders".to_owned())]);
    assert_eq!(refusal.challenges[1].parameters[1], ("header", "x-api-key".to_owned()));
}

#[test]
fn a_false_token_is_challenged_with_invalid_token() {
    let signer = Signer::generate("k").unwrap();
    let refusal = refused(step(&table(&signer), "any", &bearer("a.b.c")));
    assert_eq!(refusal.code, Code::TokenMalformed);
    assert_eq!(refusal.challenges.len(), 1);
    let parameters = &refusal.challenges[0].parameters;
    assert!(parameters.contains(&("error", "invalid_token".to_owned())), "{parameters:?}");
}

#[test]
fn another_authentication_scheme_counts_as_no_credential() {
    let signer = Signer::generate("k").unwrap();
    let exchange = exchange(&[("authorization", "Basic dXNlcjpwYXNz")]);
    let refusal = refused(step(&table(&signer), "any", &exchange));
    assert_eq!(refusal.code, Code::CredentialMissing);
}

#[test]
fn an_authorization_that_is_not_well_formed_is_refused() {
    let signer = Signer::generate("k").unwrap();
    for value in ["Bearer", "Bearer ", "bearer a b", "Bearer a,b"] {
        let step = step(&table(&signer), "any", &exchange(&[("authorization", value)]));
        assert_eq!(code(step), Some(Code::TokenMalformed), "{value}");
    }
}

#[test]
fn a_public_operation_knows_who_calls_when_the_token_is_good() {
    let signer = Signer::generate("k").unwrap();
    for operation in ["public", "missing", "unmatched", "optional"] {
        let known = caller(step(&table(&signer), operation, &bearer(&sign(&signer, &json!({})))));
        assert_eq!(known.principal.map(|principal| principal.subject.to_string()), Some("ada".to_owned()));
        assert!(caller(step(&table(&signer), operation, &exchange(&[]))).is_anonymous());
    }
}

#[test]
fn a_public_operation_takes_a_false_token_for_none_reports_it_and_drops_it() {
    let signer = Signer::generate("k").unwrap();
    let other = sign(&Signer::generate("k").unwrap(), &json!({}));
    let mut table = table(&signer);
    table.api().identity.forward_credential = true;
    for operation in ["public", "unmatched", "optional"] {
        let answer = || step(&table, operation, &bearer(&other));
        assert!(caller(answer()).is_anonymous());
        assert_eq!(removed(answer()), ["authorization"]);
        let reports = reports(answer());
        assert!(reports.len() == 1 && reports[0].contains("token_signature"), "{reports:?}");
    }
}

#[test]
fn a_token_that_names_nobody_is_told_of() {
    let signer = Signer::generate("k").unwrap();
    let nobody = sign(&signer, &json!({ "sub": null, "client_id": null, "id": 7 }));
    let told = reports(step(&table(&signer), "any", &bearer(&nobody)));
    assert!(told.iter().any(|line| line.contains("names no user and no client")), "{told:?}");
    let ada = sign(&signer, &json!({}));
    assert!(reports(step(&table(&signer), "any", &bearer(&ada))).is_empty());
}

#[test]
fn credentials_are_forwarded_only_when_they_were_verified_and_the_operator_asks_for_it() {
    let signer = Signer::generate("k").unwrap();
    let authorization = format!("Bearer {}", sign(&signer, &json!({})));
    let both = exchange(&[("authorization", &authorization), ("x-api-key", "key-one")]);
    let mut table = table(&signer);
    assert_eq!(removed(step(&table, "any", &both)), ["authorization", "x-api-key"]);
    assert_eq!(removed(step(&table, "both", &both)), ["authorization", "x-api-key"]);
    table.api().identity.forward_credential = true;
    assert_eq!(removed(step(&table, "any", &both)), ["x-api-key"]);
    assert_eq!(removed(step(&table, "both", &both)), Vec::<String>::new());
    assert_eq!(removed(step(&table, "key", &both)), ["authorization"]);
}

#[test]
fn nothing_of_a_credential_is_in_a_refusal_or_an_edit() {
    let (signer, other) = (Signer::generate("k").unwrap(), Signer::generate("k").unwrap());
    let secrets =
        [sign(&other, &json!({ "sub": "s3cr3t" })), "s3cr3t".to_owned(), "s3cr3t.s3cr3t.s3cr3t".to_owned()];
    for secret in &secrets {
        for (operation, header) in
            [("any", "authorization"), ("public", "authorization"), ("key", "x-api-key")]
        {
            let exchange = exchange(&[(header, &format!("Bearer {secret}"))]);
            let said = format!("{:?}", step(&table(&signer), operation, &exchange));
            assert!(!said.contains("s3cr3t") && !said.contains(secret.as_str()), "{said}");
        }
    }
}

#[test]
fn a_key_in_authorization_as_swagger_declares_it_may_be_a_token() {
    let signer = Signer::generate("k").unwrap();
    let table = Table::new().authenticate("swagger", AuthenticatorKind::Jwt(configured(&signer)));
    let token = sign(&signer, &json!({}));
    let words = ["Bearer", "Token", "token", "JWT"].map(|word| format!("{word} {token}"));
    for value in words.into_iter().chain([token.clone()]) {
        let known = caller(step(&table, "swagger", &exchange(&[("authorization", &value)])));
        assert_eq!(known.client.as_deref(), Some("shop"));
    }
    assert_eq!(refused(step(&table, "swagger", &exchange(&[]))).challenges[0].scheme, "Bearer");
}

#[test]
fn where_nothing_verifies_no_credential_is_good() {
    let signer = Signer::generate("k").unwrap();
    let mut in_query = exchange(&[]);
    in_query.route.query = Some("legacy_key=key-one".to_owned());
    assert_eq!(code(step(&table(&signer), "old", &in_query)), Some(Code::CredentialMissing));
    let step = step(&Table::new(), "any", &bearer(&sign(&signer, &json!({}))));
    assert_eq!(code(step), Some(Code::CredentialMissing));
}

#[test]
fn an_authenticator_for_a_scheme_that_cannot_be_verified_is_an_error() {
    for scheme in ["old", "session", "basic", "dpop"] {
        let table = Table::new().authenticate(scheme, api_keys("one", true));
        assert!(table.try_prepare::<Identify>("public").is_err(), "{scheme}");
    }
    // One that the description does not know concerns another API.
    let table = Table::new().authenticate("unknown", api_keys("one", true));
    assert!(table.try_prepare::<Identify>("public").is_ok());
}
