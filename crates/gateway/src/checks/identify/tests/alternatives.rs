//! The and/or of security requirements, through Identify and the checks of Permit.

use model::{Caller, Code};
use serde_json::json;
use token::Signer;

use super::{caller, step, table};
use crate::check::{Check, Step};
use crate::checks::key_alone::KeyAlone;
use crate::checks::scopes::Scopes;
use crate::checks::table::{Table, api_keys, configured, exchange, refused, sign, with_caller};
use crate::question::Answers;
use crate::settings::AuthenticatorKind;

/// The code of whichever of Identify, Scopes and KeyAlone refuses first.
fn verdict(table: &Table, operation: &str, headers: &[(&str, &str)]) -> Option<Code> {
    let known: Caller = match step(table, operation, &exchange(headers)) {
        Step::Refuse(refusal) => return Some(refusal.code),
        step => caller(step),
    };
    let exchange = with_caller(known);
    let permit = |check: Option<Box<dyn Check>>| match check?.step(&exchange, &Answers::default()) {
        Step::Continue(_) => None,
        step => Some(refused(step).code),
    };
    let scopes =
        table.try_prepare::<Scopes>(operation).unwrap().map(|check| Box::new(check) as Box<dyn Check>);
    let alone =
        table.try_prepare::<KeyAlone>(operation).unwrap().map(|check| Box::new(check) as Box<dyn Check>);
    permit(scopes).or_else(|| permit(alone))
}

/// The API, the operation, the headers sent, and the code of the refusal.
type Case<'a> = (&'a Table, &'a str, Vec<(&'a str, &'a str)>, Option<Code>);

fn authorization(token: &str) -> (&str, &str) {
    ("authorization", token)
}

#[test]
fn alternatives_are_or_and_schemes_within_one_are_and() {
    let signer = Signer::generate("k").unwrap();
    let token = |scope: &str| format!("Bearer {}", sign(&signer, &json!({ "scope": scope })));
    let (read, admin, none) = (token("orders.read"), token("admin orders.read"), token(""));
    let false_token = format!("Bearer {}", sign(&Signer::generate("k").unwrap(), &json!({})));
    let key = ("x-api-key", "key-one");
    let wrong = ("x-api-key", "key-two");
    let (identifies, authorizes) = (table(&signer), {
        Table::new()
            .authenticate("bearer", AuthenticatorKind::Jwt(configured(&signer)))
            .authenticate("key", api_keys("one", true))
    });
    let cases: Vec<Case<'_>> = vec![
        // One scheme, one scope.
        (&identifies, "read", vec![authorization(&read)], None),
        (&identifies, "read", vec![authorization(&none)], Some(Code::ScopeMissing)),
        (&identifies, "read", vec![], Some(Code::CredentialMissing)),
        (&identifies, "read", vec![key], Some(Code::CredentialMissing)),
        // bearer with admin, or a key.
        (&identifies, "either", vec![authorization(&admin)], None),
        (&identifies, "either", vec![authorization(&read)], Some(Code::ScopeMissing)),
        (&identifies, "either", vec![key], Some(Code::KeyNotEnough)),
        (&authorizes, "either", vec![key], None),
        (&authorizes, "either", vec![authorization(&read), key], None),
        (&identifies, "either", vec![authorization(&read), key], Some(Code::ScopeMissing)),
        (&authorizes, "either", vec![authorization(&false_token), key], None),
        (&identifies, "either", vec![authorization(&false_token)], Some(Code::TokenSignature)),
        (&identifies, "either", vec![wrong], Some(Code::ApiKeyUnknown)),
        // bearer with orders.read, and a key; the key carries orders.read too, and lends it to nobody.
        (&identifies, "both", vec![authorization(&read), key], None),
        (&identifies, "both", vec![authorization(&none), key], Some(Code::ScopeMissing)),
        (&identifies, "both", vec![authorization(&read)], Some(Code::CredentialMissing)),
        (&identifies, "both", vec![key], Some(Code::CredentialMissing)),
        (&identifies, "both", vec![authorization(&read), wrong], Some(Code::ApiKeyUnknown)),
        (&identifies, "both", vec![authorization(&false_token), key], Some(Code::TokenSignature)),
        // bearer with admin and a key, or a key: a token that is good for neither does not mend a lonely key.
        (&identifies, "mixed", vec![authorization(&admin), key], None),
        (&identifies, "mixed", vec![authorization(&read), key], Some(Code::KeyNotEnough)),
        (&authorizes, "mixed", vec![authorization(&read), key], None),
        (&identifies, "mixed", vec![key], Some(Code::KeyNotEnough)),
        // The key's own scopes.
        (&authorizes, "roles", vec![key], None),
        // Anonymous is welcome too.
        (&identifies, "optional", vec![], None),
        (&identifies, "optional", vec![authorization(&false_token)], None),
        (&identifies, "optional", vec![authorization(&none)], None),
    ];
    for (index, (table, operation, headers, expected)) in cases.iter().enumerate() {
        assert_eq!(verdict(table, operation, headers), *expected, "case {index}: {operation}");
    }
}

#[test]
fn a_key_that_lacks_the_scope_its_scheme_requires_is_refused() {
    let mut keys = api_keys("one", true);
    if let AuthenticatorKind::ApiKeys(keys) = &mut keys {
        keys.keys[0].scopes.clear();
    }
    let table = Table::new().authenticate("key", keys);
    assert_eq!(verdict(&table, "roles", &[("x-api-key", "key-one")]), Some(Code::ScopeMissing));
    assert_eq!(verdict(&table, "key", &[("x-api-key", "key-one")]), None);
}

#[test]
fn two_schemes_of_two_issuers_are_told_apart() {
    let (ours, theirs) = (Signer::generate("k").unwrap(), Signer::generate("k").unwrap());
    let partner = crate::settings::Jwt { issuer: "https://partner.example".into(), ..configured(&theirs) };
    let table = table(&ours).authenticate("other", AuthenticatorKind::Jwt(partner));
    let token = format!("Bearer {}", sign(&theirs, &json!({ "iss": "https://partner.example" })));
    let known = caller(step(&table, "two", &exchange(&[("authorization", &token)])));
    assert_eq!(&*known.credentials[0].scheme, "other");
    assert_eq!(verdict(&table, "any", &[("authorization", &token)]), Some(Code::TokenIssuer));
}

#[test]
fn the_caller_of_a_token_and_a_key_is_the_tokens() {
    let signer = Signer::generate("k").unwrap();
    let token = format!("Bearer {}", sign(&signer, &json!({})));
    let known = caller(step(
        &table(&signer),
        "both",
        &exchange(&[("authorization", &token), ("x-api-key", "key-one")]),
    ));
    assert_eq!(known.client.as_deref(), Some("shop"));
    assert_eq!(known.credentials.len(), 2);
    assert!(known.principal.is_some());
}
