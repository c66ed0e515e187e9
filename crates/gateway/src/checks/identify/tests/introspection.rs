//! Opaque tokens: what is asked, what an answer proves, what is remembered of it.

use std::sync::Arc;
use std::time::Duration;

use model::{Code, CredentialKind};
use serde_json::{Value, json};
use token::Signer;

use super::super::Identify;
use super::{caller, code, refused};
use crate::check::{Check, Step};
use crate::checks::table::{AUDIENCE, ISSUER, NOW_S, Table, bearer, configured, introspection, sign};
use crate::question::{Answer, Answers, NoAnswer, Question};
use crate::settings::{AuthenticatorKind, OpaqueTokens};

fn table(settings: OpaqueTokens) -> Table {
    Table::new().authenticate("bearer", AuthenticatorKind::Opaque(settings))
}

fn active(change: &Value) -> Answers {
    let mut members = json!({
        "active": true, "sub": "ada", "client_id": "shop", "scope": "orders.read", "token_type": "Bearer",
        "iss": ISSUER, "aud": AUDIENCE, "iat": NOW_S, "exp": NOW_S + 300,
    });
    for (name, value) in change.as_object().unwrap() {
        members[name] = value.clone();
    }
    let mut members = members.as_object().unwrap().clone();
    members.retain(|_, value| !value.is_null());
    answers(Answer::Introspected { members: Arc::new(members), begun_ns: 0 })
}

fn answers(answer: Answer) -> Answers {
    let mut answers = Answers::default();
    answers.push(answer);
    answers
}

fn asks(step: &Step) -> bool {
    matches!(step, Step::Ask(questions) if matches!(questions.as_slice(), [Question::Introspect { .. }]))
}

fn said(settings: OpaqueTokens, answers: &Answers) -> Option<Code> {
    code(table(settings).prepare::<Identify>("any").step(&bearer("opaque"), answers))
}

#[test]
fn an_opaque_token_is_asked_about_and_an_active_one_passes() {
    let table = table(introspection());
    let check: Identify = table.prepare("any");
    assert!(asks(&check.step(&bearer("opaque"), &Answers::default())));
    let known = caller(check.step(&bearer("opaque"), &active(&json!({}))));
    let principal = known.principal.unwrap();
    assert_eq!(
        (&*principal.issuer, &*principal.subject, known.client.as_deref()),
        (ISSUER, "ada", Some("shop"))
    );
    assert!(known.scopes.contains("orders.read"));
    assert_eq!(known.credentials[0].kind, CredentialKind::Introspected);
}

#[test]
fn an_answer_that_does_not_hold_is_refused_each_with_its_code() {
    for (change, expected) in [
        (json!({}), None),
        (json!({ "active": false }), Some(Code::TokenRevoked)),
        (json!({ "active": "true" }), Some(Code::TokenRevoked)),
        (json!({ "iss": "https://evil.example" }), Some(Code::TokenIssuer)),
        (json!({ "iss": null }), None),
        (json!({ "aud": "other" }), Some(Code::TokenAudience)),
        (json!({ "aud": ["other", AUDIENCE] }), None),
        (json!({ "aud": 7 }), Some(Code::TokenAudience)),
        (json!({ "aud": null }), None),
        (json!({ "token_type": "refresh_token" }), Some(Code::TokenType)),
        (json!({ "token_type": "DPoP" }), Some(Code::TokenType)),
        (json!({ "token_type": null }), None),
        (json!({ "cnf": { "jkt": "x" } }), Some(Code::TokenType)),
        (json!({ "exp": NOW_S }), Some(Code::TokenExpired)),
        (json!({ "exp": "soon" }), Some(Code::TokenClaims)),
        (json!({ "exp": null }), None),
        (json!({ "nbf": NOW_S + 1 }), Some(Code::TokenNotYetValid)),
        (json!({ "sub": " ada" }), Some(Code::TokenClaims)),
        (json!({ "sub": "\tada" }), Some(Code::TokenClaims)),
        (json!({ "sub": "" }), Some(Code::TokenClaims)),
        (json!({ "sub": 7 }), Some(Code::TokenClaims)),
        (json!({ "client_id": "shop " }), Some(Code::TokenClaims)),
        (json!({ "scope": ["orders.read", "x admin"] }), Some(Code::TokenClaims)),
        (json!({ "scope": ["orders.read", 7] }), Some(Code::TokenClaims)),
        (json!({ "scope": "" }), None),
    ] {
        assert_eq!(said(introspection(), &active(&change)), expected, "{change}");
    }
}

#[test]
fn every_switch_of_the_authenticator_is_connected() {
    let with = |change: fn(&mut OpaqueTokens)| {
        let mut settings = introspection();
        change(&mut settings);
        settings
    };
    let other = active(&json!({ "iss": "https://evil.example", "aud": "other" }));
    assert_eq!(said(with(|s| s.issuer = None), &other), Some(Code::TokenAudience));
    assert_eq!(said(with(|s| s.audiences = Vec::new()), &other), Some(Code::TokenIssuer));
    let by_name = || with(|s| s.subject_claim = Some("username".into()));
    let answer = active(&json!({ "username": "bob" }));
    let known = caller(table(by_name()).prepare::<Identify>("any").step(&bearer("opaque"), &answer));
    assert_eq!(&*known.principal.unwrap().subject, "bob");
    assert_eq!(said(by_name(), &active(&json!({}))), Some(Code::TokenClaims));
    let limited = || with(|s| s.token_lifetime_max = Some(Duration::from_secs(299)));
    assert_eq!(said(limited(), &active(&json!({}))), Some(Code::TokenLifetime));
    assert_eq!(said(limited(), &active(&json!({ "exp": null }))), Some(Code::TokenLifetime));
    assert_eq!(said(limited(), &active(&json!({ "exp": NOW_S + 299, "iat": null }))), None);
}

#[test]
fn null_in_an_answer_is_absent_and_a_foreign_issuer_is_a_name_too() {
    let settings = || OpaqueTokens { issuer: None, audiences: Vec::new(), ..introspection() };
    let said = |members: Value| {
        let members = Arc::new(members.as_object().unwrap().clone());
        said(settings(), &answers(Answer::Introspected { members, begun_ns: 0 }))
    };
    assert_eq!(
        said(json!({ "active": true, "sub": null, "client_id": "shop", "scope": null, "iss": null })),
        None
    );
    assert_eq!(
        said(json!({ "active": true, "sub": "ada", "iss": "https://a.example " })),
        Some(Code::TokenClaims)
    );
}

#[test]
fn an_outage_is_503_and_counts_for_nothing() {
    for none in [NoAnswer::Failed, NoAnswer::TimedOut, NoAnswer::OverBudget] {
        let check: Identify = table(introspection()).prepare("any");
        let refusal = refused(check.step(&bearer("opaque"), &answers(Answer::None(none))));
        assert_eq!((refusal.code, refusal.challenges.len()), (Code::IntrospectionUnavailable, 0));
        assert!(refusal.retry_after_s.is_some());
    }
}

#[test]
fn an_active_answer_is_used_again_until_the_cache_or_the_token_ends() {
    for (cache_s, expires, good_ms) in [(60, NOW_S + 300, 59_000), (60, NOW_S + 20, 19_000)] {
        let table = table(OpaqueTokens { cache: Duration::from_secs(cache_s), ..introspection() });
        let check: Identify = table.prepare("any");
        assert_eq!(code(check.step(&bearer("opaque"), &active(&json!({ "exp": expires })))), None);
        table.clock.advance_ms(good_ms);
        assert_eq!(code(check.step(&bearer("opaque"), &Answers::default())), None);
        assert!(asks(&check.step(&bearer("another"), &Answers::default())));
        table.clock.advance_ms(1_000);
        assert!(asks(&check.step(&bearer("opaque"), &Answers::default())), "{cache_s} {expires}");
    }
}

#[test]
fn an_inactive_answer_is_remembered_for_a_short_while_only() {
    let table = table(introspection());
    let check: Identify = table.prepare("any");
    assert_eq!(
        code(check.step(&bearer("opaque"), &active(&json!({ "active": false })))),
        Some(Code::TokenRevoked)
    );
    table.clock.advance_ms(9_000);
    assert_eq!(code(check.step(&bearer("opaque"), &Answers::default())), Some(Code::TokenRevoked));
    table.clock.advance_ms(1_000);
    assert!(asks(&check.step(&bearer("opaque"), &Answers::default())));
}

#[test]
fn without_a_cache_every_request_asks() {
    let table = table(OpaqueTokens { cache: Duration::ZERO, ..introspection() });
    let check: Identify = table.prepare("any");
    assert_eq!(code(check.step(&bearer("opaque"), &active(&json!({})))), None);
    assert!(asks(&check.step(&bearer("opaque"), &Answers::default())));
}

#[test]
fn a_token_of_an_issuer_that_is_verified_here_is_never_sent_away() {
    let signer = Signer::generate("k").unwrap();
    let table = table(introspection()).authenticate("bearer", AuthenticatorKind::Jwt(configured(&signer)));
    let check: Identify = table.prepare("any");
    assert_eq!(code(check.step(&bearer(&sign(&signer, &json!({}))), &Answers::default())), None);
    let false_token = sign(&Signer::generate("k").unwrap(), &json!({}));
    assert_eq!(code(check.step(&bearer(&false_token), &Answers::default())), Some(Code::TokenSignature));
    assert!(asks(&check.step(&bearer("opaque"), &Answers::default())));
}

#[test]
fn a_token_of_an_issuer_the_endpoint_does_not_know_is_never_sent_away() {
    let token = sign(&Signer::generate("k").unwrap(), &json!({ "iss": "https://third.example" }));
    let check: Identify = table(introspection()).prepare("any");
    assert_eq!(code(check.step(&bearer(&token), &Answers::default())), Some(Code::TokenIssuer));
    let check: Identify = table(OpaqueTokens { issuer: None, ..introspection() }).prepare("any");
    assert!(asks(&check.step(&bearer(&token), &Answers::default())));
}

#[test]
fn two_endpoints_for_one_scheme_are_an_error() {
    let table = table(introspection()).authenticate("bearer", AuthenticatorKind::Opaque(introspection()));
    assert!(table.try_prepare::<Identify>("any").is_err());
}

#[test]
fn two_endpoints_of_two_schemes_each_get_their_own_answer() {
    let partner = OpaqueTokens {
        endpoint: "https://partner.example/introspect".to_owned(),
        issuer: Some("https://partner.example".into()),
        ..introspection()
    };
    let table = table(introspection()).authenticate("other", AuthenticatorKind::Opaque(partner));
    let check: Identify = table.prepare("two");
    let Step::Ask(questions) = check.step(&bearer("opaque"), &Answers::default()) else { panic!("asks") };
    assert_eq!(questions.len(), 2);
    let mut both = active(&json!({ "active": false }));
    // Somebody else's answer about the same token comes in between, and is remembered.
    let _ = check.step(&bearer("opaque"), &{
        let mut others = active(&json!({ "active": false }));
        others.push(active(&json!({ "active": false })).get(0).unwrap().clone());
        others
    });
    both.push(active(&json!({ "iss": "https://partner.example" })).get(0).unwrap().clone());
    table.clock.advance_ms(60_000);
    let known = caller(check.step(&bearer("opaque"), &both));
    assert_eq!(&*known.credentials[0].scheme, "other");
    assert_eq!(&*known.principal.unwrap().issuer, "https://partner.example");
}
