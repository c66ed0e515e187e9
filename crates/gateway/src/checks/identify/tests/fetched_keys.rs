//! Tokens with keys that are fetched: when they are asked for, and what happens without them.

use model::Code;
use serde_json::json;
use token::Signer;

use super::super::Identify;
use super::{code, refused};
use crate::check::{Check, Step};
use crate::checks::table::{Table, bearer, jwt, key_set, sign};
use crate::keys::FetchedKeys;
use crate::question::{Answer, Answers, NoAnswer, Question};
use crate::settings::{AuthenticatorKind, Jwt, KeySource};

fn discovered() -> Jwt {
    jwt(KeySource::Discovery)
}

fn table() -> Table {
    Table::new().authenticate("bearer", AuthenticatorKind::Jwt(discovered()))
}

fn answers(answer: Answer) -> Answers {
    let mut answers = Answers::default();
    answers.push(answer);
    answers
}

fn kid_asked(step: Step) -> Option<String> {
    match step {
        Step::Ask(questions) => match questions.into_iter().next() {
            Some(Question::Keys { jwt, kid }) if jwt.issuer == discovered().issuer => kid,
            other => panic!("another question: {other:?}"),
        },
        other => panic!("asks nothing: {other:?}"),
    }
}

/// As if the asker had fetched.
fn fetch(table: &Table, signer: &Signer, digest: u8) {
    let keys = token::KeySet::clone(&key_set(signer));
    let fetched = std::future::ready(Ok(FetchedKeys { keys, digest: [digest; 32], max_age: None }));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let jwt = discovered();
    let kid = Some(signer.kid());
    let obtained =
        runtime.block_on(table.shared.keys.obtain(&jwt, kid, table.shared.clock.as_ref(), fetched));
    assert!(obtained.unwrap().has_kid(signer.kid()));
}

#[test]
fn keys_that_are_not_held_are_asked_for_and_the_answer_verifies() {
    let signer = Signer::generate("one").unwrap();
    let check: Identify = table().prepare("any");
    let request = bearer(&sign(&signer, &json!({})));
    assert_eq!(kid_asked(check.step(&request, &Answers::default())).as_deref(), Some("one"));
    assert_eq!(code(check.step(&request, &answers(Answer::Keys(key_set(&signer))))), None);
    let other = Signer::generate("one").unwrap();
    let answer = answers(Answer::Keys(key_set(&other)));
    assert_eq!(code(check.step(&request, &answer)), Some(Code::TokenSignature));
    let answer = answers(Answer::Keys(key_set(&Signer::generate("two").unwrap())));
    assert_eq!(code(check.step(&request, &answer)), Some(Code::TokenKeyUnknown));
}

#[test]
fn without_keys_the_answer_is_503_and_not_the_callers_fault() {
    let signer = Signer::generate("one").unwrap();
    let check: Identify = table().prepare("any");
    let request = bearer(&sign(&signer, &json!({})));
    for none in [NoAnswer::Failed, NoAnswer::TimedOut, NoAnswer::OverBudget] {
        let refusal = refused(check.step(&request, &answers(Answer::None(none))));
        assert_eq!((refusal.code, refusal.challenges.len()), (Code::KeysUnavailable, 0));
        assert!(refusal.retry_after_s.is_some());
    }
}

#[test]
fn held_keys_verify_without_a_question_and_an_unknown_kid_asks_once() {
    let (signer, next) = (Signer::generate("one").unwrap(), Signer::generate("two").unwrap());
    let table = table();
    let check: Identify = table.prepare("any");
    fetch(&table, &signer, 1);
    assert_eq!(code(check.step(&bearer(&sign(&signer, &json!({}))), &Answers::default())), None);
    let rotated = bearer(&sign(&next, &json!({})));
    // Just fetched: the key id is unknown until a refetch is due.
    assert_eq!(code(check.step(&rotated, &Answers::default())), Some(Code::TokenKeyUnknown));
    table.clock.advance_ms(10_000);
    assert_eq!(kid_asked(check.step(&rotated, &Answers::default())).as_deref(), Some("two"));
    assert_eq!(code(check.step(&rotated, &answers(Answer::Keys(key_set(&next))))), None);
}

#[test]
fn a_remembered_token_is_verified_anew_when_the_issuer_has_other_keys() {
    let (signer, next) = (Signer::generate("one").unwrap(), Signer::generate("two").unwrap());
    let table = table();
    let check: Identify = table.prepare("any");
    fetch(&table, &signer, 1);
    let request = bearer(&sign(&signer, &json!({})));
    assert_eq!(code(check.step(&request, &Answers::default())), None);
    assert_eq!(table.shared.tokens.len(), 1);
    // The issuer withdraws the key.
    table.clock.advance_ms(10_000);
    fetch(&table, &next, 2);
    assert_eq!(code(check.step(&request, &Answers::default())), Some(Code::TokenKeyUnknown));
}

#[test]
fn held_keys_serve_while_the_issuer_is_out_of_reach() {
    let signer = Signer::generate("one").unwrap();
    let table = table();
    let check: Identify = table.prepare("any");
    fetch(&table, &signer, 1);
    table.clock.advance_ms(3_700_000);
    let late = sign(
        &signer,
        &json!({ "iat": crate::checks::table::NOW_S + 3_690, "exp": crate::checks::table::NOW_S + 90_000 * 2 }),
    );
    let request = bearer(&late);
    assert!(kid_asked(check.step(&request, &Answers::default())).is_some());
    assert_eq!(code(check.step(&request, &answers(Answer::None(NoAnswer::Failed)))), None);
    // Another hour and a day later they are too old to trust.
    table.clock.advance_ms(24 * 3_600_000);
    let refusal = refused(check.step(&request, &answers(Answer::None(NoAnswer::Failed))));
    assert_eq!(refusal.code, Code::KeysUnavailable);
}

#[test]
fn one_question_serves_two_schemes_of_one_issuer() {
    let signer = Signer::generate("one").unwrap();
    let narrow = Jwt { audiences: vec!["other".to_owned()], ..discovered() };
    let table = Table::new()
        .authenticate("bearer", AuthenticatorKind::Jwt(narrow))
        .authenticate("other", AuthenticatorKind::Jwt(discovered()));
    let check: Identify = table.prepare("two");
    let request = bearer(&sign(&signer, &json!({})));
    let Step::Ask(questions) = check.step(&request, &Answers::default()) else { panic!("asks") };
    assert_eq!(questions.len(), 1);
    assert_eq!(code(check.step(&request, &answers(Answer::Keys(key_set(&signer))))), None);
}

#[test]
fn two_sources_of_keys_for_one_issuer_are_an_error() {
    let uri = jwt(KeySource::JwksUri("https://login.example/keys".to_owned()));
    let two = table().authenticate("bearer", AuthenticatorKind::Jwt(uri));
    assert!(two.try_prepare::<Identify>("any").is_err());
    let same = table().authenticate("bearer", AuthenticatorKind::Jwt(discovered()));
    assert!(same.try_prepare::<Identify>("any").is_ok());
}

#[test]
fn a_token_that_is_no_token_asks_nothing() {
    let check: Identify = table().prepare("any");
    assert_eq!(code(check.step(&bearer("opaque"), &Answers::default())), Some(Code::TokenMalformed));
    let foreign = sign(&Signer::generate("one").unwrap(), &json!({ "iss": "https://evil.example" }));
    assert_eq!(code(check.step(&bearer(&foreign), &Answers::default())), Some(Code::TokenIssuer));
}
