//! Tokens with configured keys: every switch of the authenticator, and what is remembered.

use std::time::Duration;

use model::{Code, CredentialKind};
use serde_json::{Value, json};
use token::{Algorithm, KeySet, Signer};

use super::{caller, code, step, table};
use crate::checks::table::{AUDIENCE, ISSUER, NOW_S, Table, bearer, claims, configured, jwt, sign};
use crate::settings::{AuthenticatorKind, Jwt, KeySource};

fn only(jwt: Jwt) -> Table {
    Table::new().authenticate("bearer", AuthenticatorKind::Jwt(jwt))
}

#[test]
fn a_good_token_names_its_principal_client_scopes_and_credential() {
    let signer = Signer::generate("k").unwrap();
    let known = caller(step(&table(&signer), "any", &bearer(&sign(&signer, &json!({})))));
    let principal = known.principal.unwrap();
    assert_eq!((&*principal.issuer, &*principal.subject), (ISSUER, "ada"));
    assert_eq!(known.client.as_deref(), Some("shop"));
    assert_eq!(known.scopes.iter().map(|scope| &**scope).collect::<Vec<_>>(), ["orders.list", "orders.read"]);
    let credential = &known.credentials[0];
    assert_eq!(
        (credential.kind, &*credential.scheme, &*credential.id),
        (CredentialKind::Jwt, "bearer", "token-1")
    );
    assert_eq!(credential.expires_unix_s, Some(NOW_S + 300));
    assert_eq!(known.claims["sub"], "ada");
}

#[test]
fn claims_that_do_not_hold_are_refused_each_with_its_code() {
    let signer = Signer::generate("k").unwrap();
    for (change, expected) in [
        (json!({}), None),
        (json!({ "exp": NOW_S - 29 }), None),
        (json!({ "exp": NOW_S - 31 }), Some(Code::TokenExpired)),
        (json!({ "nbf": NOW_S + 29 }), None),
        (json!({ "nbf": NOW_S + 31 }), Some(Code::TokenNotYetValid)),
        (json!({ "iss": "https://evil.example/" }), Some(Code::TokenIssuer)),
        (json!({ "iss": "https://login.example" }), Some(Code::TokenIssuer)),
        (json!({ "iss": null }), Some(Code::TokenIssuer)),
        (json!({ "aud": "other" }), Some(Code::TokenAudience)),
        (json!({ "aud": null }), Some(Code::TokenAudience)),
        (json!({ "aud": ["other", AUDIENCE] }), None),
        (json!({ "exp": null }), Some(Code::TokenClaims)),
        (json!({ "cnf": { "jkt": "x" } }), Some(Code::TokenType)),
        (json!({ "sub": " ada " }), Some(Code::TokenClaims)),
        (json!({ "sub": "\tada" }), Some(Code::TokenClaims)),
        (json!({ "sub": "   " }), Some(Code::TokenClaims)),
        (json!({ "sub": "" }), Some(Code::TokenClaims)),
        (json!({ "client_id": "shop " }), Some(Code::TokenClaims)),
        (json!({ "scope": ["orders.read", "x admin"] }), Some(Code::TokenClaims)),
    ] {
        let step = step(&table(&signer), "any", &bearer(&sign(&signer, &change)));
        assert_eq!(code(step), expected, "{change}");
    }
}

/// One switch of the authenticator at a time: the same token, with and without it.
#[test]
fn every_switch_of_the_authenticator_is_connected() {
    let signer = Signer::generate("k").unwrap();
    let claims = |change: Value| signer.sign("at+jwt", &claims(&change)).unwrap();
    let typed = |typ: &str| signer.sign(typ, &self::claims(&json!({}))).unwrap();
    type Change = fn(&mut Jwt);
    let cases: &[(String, Change, Option<Code>, Option<Code>)] = &[
        (
            claims(json!({ "exp": NOW_S + 301 })),
            |j| j.token_lifetime_max = Some(Duration::from_secs(300)),
            None,
            Some(Code::TokenLifetime),
        ),
        (claims(json!({ "exp": NOW_S - 5 })), |j| j.leeway = Duration::ZERO, None, Some(Code::TokenExpired)),
        (claims(json!({})), |j| j.required_claims = vec!["tenant".to_owned()], None, Some(Code::TokenClaims)),
        (claims(json!({})), |j| j.audiences = vec!["other".to_owned()], None, Some(Code::TokenAudience)),
        (claims(json!({})), |j| j.algorithms = vec![Algorithm::Rs256], None, Some(Code::TokenAlgorithm)),
        (claims(json!({})), |j| j.issuer = "https://other.example/".into(), None, Some(Code::TokenIssuer)),
        (typed("logout+jwt"), |j| j.types.push("logout+jwt".to_owned()), Some(Code::TokenType), None),
        (
            claims(json!({ "aud": null, "iss": null })),
            |j| j.legacy_token = true,
            Some(Code::TokenIssuer),
            None,
        ),
    ];
    for (index, (token, change, before, after)) in cases.iter().enumerate() {
        let mut changed = configured(&signer);
        change(&mut changed);
        assert_eq!(
            code(step(&only(configured(&signer)), "any", &bearer(token))),
            *before,
            "case {index} before"
        );
        assert_eq!(code(step(&only(changed), "any", &bearer(token))), *after, "case {index} after");
    }
}

#[test]
fn another_claim_than_sub_may_say_who_the_user_is() {
    let signer = Signer::generate("k").unwrap();
    let table = |claim: &str| only(Jwt { subject_claim: Some(claim.into()), ..configured(&signer) });
    let named = |claim: &str, change: Value| {
        let caller = caller(step(&table(claim), "any", &bearer(&sign(&signer, &change))));
        caller.principal.unwrap().subject.to_string()
    };
    assert_eq!(named("username", json!({ "sub": "access", "username": "bob" })), "bob");
    assert_eq!(named("$.data.id", json!({ "sub": null, "data": { "id": 7 } })), "7");
    for change in
        [json!({}), json!({ "username": " bob" }), json!({ "username": 1.5 }), json!({ "username": [] })]
    {
        let step = step(&table("username"), "any", &bearer(&sign(&signer, &change)));
        assert_eq!(code(step), Some(Code::TokenClaims), "{change}");
    }
}

#[test]
fn a_shared_secret_verifies_what_it_signed_and_nothing_else() {
    let secret = [7; 32];
    let keys = KeySource::Secret(KeySet::from_secret(&secret, false).unwrap().into());
    let table = only(Jwt { algorithms: vec![Algorithm::Hs256], ..jwt(keys) });
    let good = token::sign_hs256(&secret, &claims(&json!({}))).unwrap();
    let bad = token::sign_hs256(&[8; 32], &claims(&json!({}))).unwrap();
    assert_eq!(code(step(&table, "any", &bearer(&good))), None);
    assert_eq!(code(step(&table, "any", &bearer(&bad))), Some(Code::TokenSignature));
}

#[test]
fn the_issuer_chooses_the_authenticator() {
    let (ours, theirs) = (Signer::generate("k").unwrap(), Signer::generate("k").unwrap());
    let other = Jwt { issuer: "https://partner.example".into(), ..configured(&theirs) };
    let table = table(&ours).authenticate("bearer", AuthenticatorKind::Jwt(other));
    let from =
        |signer, issuer: &str| code(step(&table, "any", &bearer(&sign(signer, &json!({ "iss": issuer })))));
    assert_eq!(from(&ours, ISSUER), None);
    assert_eq!(from(&theirs, "https://partner.example"), None);
    assert_eq!(from(&theirs, ISSUER), Some(Code::TokenSignature));
    assert_eq!(from(&ours, "https://partner.example"), Some(Code::TokenSignature));
    assert_eq!(from(&ours, "https://third.example"), Some(Code::TokenIssuer));
}

#[test]
fn a_remembered_token_still_expires() {
    let signer = Signer::generate("k").unwrap();
    let table = table(&signer);
    let request = bearer(&sign(&signer, &json!({ "exp": NOW_S + 60 })));
    assert_eq!(code(step(&table, "any", &request)), None);
    assert_eq!(table.shared.tokens.len(), 1);
    table.clock.advance_ms(89_000);
    assert_eq!(code(step(&table, "any", &request)), None);
    table.clock.advance_ms(1_000);
    assert_eq!(code(step(&table, "any", &request)), Some(Code::TokenExpired));
}

#[test]
fn a_remembered_token_is_forgotten_when_the_configuration_changes() {
    let signer = Signer::generate("k").unwrap();
    let mut table = table(&signer);
    let request = bearer(&sign(&signer, &json!({})));
    assert_eq!(code(step(&table, "any", &request)), None);
    table.api().authenticators.clear();
    let mut table =
        table.authenticate("bearer", AuthenticatorKind::Jwt(configured(&Signer::generate("k").unwrap())));
    table.settings.hash = "ba9876543210".to_owned();
    assert_eq!(code(step(&table, "any", &request)), Some(Code::TokenSignature));
}

#[test]
fn a_long_or_odd_jti_is_not_used_as_a_name() {
    let signer = Signer::generate("k").unwrap();
    for jti in ["x".repeat(65), "with space".to_owned(), String::new()] {
        let table = table(&signer);
        let known = caller(step(&table, "any", &bearer(&sign(&signer, &json!({ "jti": jti })))));
        assert!(known.credentials[0].id.starts_with('t') && known.credentials[0].id.len() == 17);
    }
}
