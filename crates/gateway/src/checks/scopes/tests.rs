#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use model::{Caller, Code, Credential, CredentialKind};

use super::Scopes;
use crate::check::{Check, Step};
use crate::checks::table::{Table, code, exchange, refused, with_caller};
use crate::exchange::Exchange;
use crate::question::Answers;

fn token(scheme: &str, scopes: &[&str]) -> Exchange {
    let credential = Credential {
        kind: CredentialKind::Jwt,
        scheme: scheme.into(),
        id: "x".into(),
        expires_unix_s: None,
        token: None,
        names: None,
    };
    let scopes = scopes.iter().map(|scope| Arc::from(*scope)).collect();
    with_caller(Caller { scopes, credentials: vec![credential], ..Caller::anonymous() })
}

#[test]
fn a_missing_scope_is_refused_and_named() {
    let check: Scopes = Table::new().prepare("read");
    assert_eq!(code(check.step(&token("bearer", &["orders.read", "x"]), &Answers::default())), None);
    for scopes in [&[] as &[&str], &["orders"], &["orders.READ"], &["orders.read.all"]] {
        let refusal = refused(check.step(&token("bearer", scopes), &Answers::default()));
        assert_eq!(refusal.code, Code::ScopeMissing, "{scopes:?}");
        let parameters = &refusal.challenges.first().unwrap().parameters;
        assert!(parameters.contains(&("error", "insufficient_scope".to_owned())));
        assert!(parameters.contains(&("scope", "orders.read".to_owned())));
    }
}

#[test]
fn a_caller_who_satisfies_no_alternative_is_an_error_and_so_refused() {
    let check: Scopes = Table::new().prepare("read");
    for exchange in [exchange(&[]), with_caller(Caller::anonymous()), token("other", &["orders.read"])] {
        assert!(matches!(check.step(&exchange, &Answers::default()), Step::Fail(_)));
    }
}

#[test]
fn operations_without_scopes_do_without_the_check() {
    let table = Table::new();
    for operation in ["public", "missing", "any", "key", "unmatched"] {
        assert!(table.try_prepare::<Scopes>(operation).unwrap().is_none(), "{operation}");
    }
}
