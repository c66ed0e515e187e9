//! API keys.

use model::{Code, CredentialKind};
use token::Signer;

use super::{caller, code, refused, step, table};
use crate::checks::table::{NOW_S, Table, api_keys, bearer, exchange};

#[test]
fn a_key_names_its_client_and_no_principal() {
    let signer = Signer::generate("k").unwrap();
    let known = caller(step(&table(&signer), "key", &exchange(&[("x-api-key", "key-one")])));
    assert_eq!((known.principal, known.client.as_deref()), (None, Some("client-one")));
    let credential = &known.credentials[0];
    assert_eq!(
        (credential.kind, &*credential.scheme, &*credential.id),
        (CredentialKind::ApiKey, "key", "one")
    );
    assert_eq!(credential.expires_unix_s, Some(NOW_S + 100));
}

#[test]
fn a_key_that_is_unknown_or_expired_is_refused() {
    let signer = Signer::generate("k").unwrap();
    let table = table(&signer);
    let said = |key| code(step(&table, "key", &exchange(&[("x-api-key", key)])));
    for unknown in ["key-two", "key-one ", "KEY-ONE", "one", "x"] {
        // A trailing space is the header's, not the key's, only where HTTP trims it: here it is part of the value.
        assert_eq!(said(unknown), Some(Code::ApiKeyUnknown), "{unknown:?}");
    }
    assert_eq!(said("key-one"), None);
    table.clock.advance_ms(50_000);
    assert_eq!(said("key-one"), None);
    table.clock.advance_ms(50_000);
    assert_eq!(said("key-one"), Some(Code::ApiKeyExpired));
}

#[test]
fn a_scheme_may_take_keys_as_bearer_tokens() {
    let table = Table::new().authenticate("bearer", api_keys("one", true));
    assert_eq!(caller(step(&table, "any", &bearer("key-one"))).client.as_deref(), Some("client-one"));
    assert_eq!(code(step(&table, "any", &bearer("key-two"))), Some(Code::ApiKeyUnknown));
    assert_eq!(refused(step(&table, "any", &exchange(&[]))).challenges[0].scheme, "Bearer");
}

#[test]
fn several_sets_of_keys_serve_one_scheme() {
    let table =
        Table::new().authenticate("key", api_keys("one", true)).authenticate("key", api_keys("two", true));
    for key in ["key-one", "key-two"] {
        assert_eq!(code(step(&table, "key", &exchange(&[("x-api-key", key)]))), None);
    }
}
