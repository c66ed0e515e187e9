//! What honest tokens may look like, and the limits' exact edges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::{Peek, Rules, Verified, peek, verify};
use crate::attacks::bench::{Bench, NOW};
use crate::{Algorithm, Fault};

fn check(bench: &Bench, rules: &Rules, claims: &str) -> Result<Verified, Fault> {
    verify(&bench.eddsa(claims), &bench.keys, rules, NOW)
}

#[test]
fn a_verified_token_says_who_and_what_for() {
    let bench = Bench::new();
    let verified = check(&bench, &bench.rules, &bench.claims()).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(verified.subject.as_deref(), Some("alice"));
    assert_eq!(verified.client.as_deref(), Some("shop"));
    assert_eq!(verified.scopes, ["orders.read", "orders.write"]);
    assert_eq!(verified.jti.as_deref(), Some("1"));
    assert_eq!(verified.expires_unix_s, NOW + 300);
    assert_eq!(verified.algorithm, Algorithm::EdDsa);
    assert_eq!(verified.claims["iss"], "https://issuer.example");
    let shown = format!("{verified:?}");
    assert!(shown.contains("EdDsa") && !shown.contains("alice") && !shown.contains("issuer"), "{shown}");
}

#[test]
fn the_subject_is_a_whole_number_with_old_issuers_only() {
    let bench = Bench::new();
    let legacy = Rules { legacy: true, ..bench.rules.clone() };
    let subject = |rules: &Rules, sub: Value| {
        check(&bench, rules, &bench.claims_with("sub", &sub)).map(|verified| verified.subject)
    };
    assert_eq!(subject(&legacy, json!(7)), Ok(Some("7".to_owned())));
    assert_eq!(subject(&bench.rules, json!(7)), Err(Fault::Name("sub")));
    for no_name in [json!(7.5), json!(true), json!({}), json!([7])] {
        assert_eq!(subject(&legacy, no_name), Err(Fault::Name("sub")));
    }
}

#[test]
fn the_client_is_client_id_and_else_azp() {
    let bench = Bench::new();
    let client = |claims: String| check(&bench, &bench.rules, &claims).ok().unwrap().client;
    assert_eq!(client(bench.claims_and(r#""azp":"other""#)).as_deref(), Some("shop"));
    let only_azp = bench.claims_with("client_id", &Value::Null).replacen('{', r#"{"azp":"other","#, 1);
    assert_eq!(client(only_azp).as_deref(), Some("other"));
    assert_eq!(client(bench.claims_with("client_id", &Value::Null)), None);
}

#[test]
fn scopes_come_as_a_string_or_an_array_under_either_name() {
    let bench = Bench::new();
    let without = bench.claims_with("scope", &Value::Null);
    let scopes = |claims: String| check(&bench, &bench.rules, &claims).ok().unwrap().scopes;
    let put = |member: &str| scopes(without.replacen('{', &format!("{{{member},"), 1));
    assert_eq!(put(r#""scope":"a  b a""#), ["a", "b"]);
    assert_eq!(put(r#""scope":["a","b"]"#), ["a", "b"]);
    assert_eq!(put(r#""scp":"a b""#), ["a", "b"]);
    assert_eq!(put(r#""scp":["a","b"]"#), ["a", "b"]);
    assert_eq!(put(r#""scope":"a","scp":["admin"]"#), ["a"]);
    assert_eq!(put(r#""scope":"""#), [""; 0]);
    assert_eq!(scopes(without.clone()), [""; 0]);
}

#[test]
fn the_type_is_compared_without_case_and_without_application() {
    let bench = Bench::new();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt", "JWT", "jwt"] {
        let header = json!({"alg": "EdDSA", "typ": typ, "kid": "ed"}).to_string();
        let token = bench.signed(header, bench.claims());
        assert!(verify(&token, &bench.keys, &bench.rules, NOW).is_ok(), "{typ}");
        let rules = Rules { types: vec!["application/jwt".to_owned()], ..bench.rules.clone() };
        assert_eq!(
            verify(&token, &bench.keys, &rules, NOW).is_ok(),
            typ.eq_ignore_ascii_case("jwt"),
            "{typ}"
        );
    }
}

#[test]
fn a_plain_token_with_the_claims_of_another_kind_is_not_an_access_token() {
    let bench = Bench::new();
    let legacy = Rules { legacy: true, ..bench.rules.clone() };
    let fault = |header: &str, name: &str, rules: &Rules| {
        let token = bench.signed(header, bench.claims_with(name, &json!({})));
        verify(&token, &bench.keys, rules, NOW).err()
    };
    let (untyped, plain) =
        (r#"{"alg":"EdDSA","kid":"ed"}"#, r#"{"alg":"EdDSA","kid":"ed","typ":"application/JWT"}"#);
    let access = r#"{"alg":"EdDSA","kid":"ed","typ":"at+jwt"}"#;
    for name in ["nonce", "at_hash", "c_hash", "s_hash", "events"] {
        assert_eq!(fault(plain, name, &bench.rules), Some(Fault::Type), "{name}");
        assert_eq!(fault(access, name, &bench.rules), None, "{name}");
        let expected = (name == "events").then_some(Fault::Type);
        for header in [plain, untyped] {
            assert_eq!(fault(header, name, &legacy), expected, "{name} {header}");
        }
    }
    assert_eq!(fault(plain, "other", &bench.rules), None);
}

#[test]
fn legacy_rules_excuse_what_is_absent() {
    let bench = Bench::new();
    let bare = json!({"sub": "alice", "exp": NOW + 300}).to_string();
    let token = bench.signed(r#"{"alg":"EdDSA","kid":"ed"}"#, bare);
    let legacy = Rules { legacy: true, ..bench.rules.clone() };
    assert!(verify(&token, &bench.keys, &legacy, NOW).is_ok());
    assert_eq!(verify(&token, &bench.keys, &bench.rules, NOW).err(), Some(Fault::Type));
    let no_exp = bench.signed(r#"{"alg":"EdDSA","kid":"ed"}"#, r#"{"sub":"alice"}"#);
    assert_eq!(verify(&no_exp, &bench.keys, &legacy, NOW).err(), Some(Fault::Claim("`exp` is missing")));
}

#[test]
fn an_audience_among_others_is_enough() {
    let bench = Bench::new();
    let claims = bench.claims_with("aud", &json!(["https://other.example", "https://api.example"]));
    assert!(check(&bench, &bench.rules, &claims).is_ok());
    let rules =
        Rules { audiences: vec!["b".to_owned(), "https://other.example".to_owned()], ..bench.rules.clone() };
    assert!(check(&bench, &rules, &claims).is_ok());
}

#[test]
fn times_hold_to_the_second() {
    let bench = Bench::new();
    let at = |name: &str, time: Value, now: u64| {
        verify(&bench.eddsa(&bench.claims_with(name, &time)), &bench.keys, &bench.rules, now).err()
    };
    // 30 s of leeway: the last good second, and the first bad one.
    assert_eq!(at("exp", json!(NOW), NOW + 29), None);
    assert_eq!(at("exp", json!(NOW), NOW + 30), Some(Fault::Expired));
    assert_eq!(at("nbf", json!(NOW + 30), NOW), None);
    assert_eq!(at("nbf", json!(NOW + 31), NOW), Some(Fault::NotYetValid));
    assert_eq!(at("iat", json!(NOW + 30), NOW), None);
    assert_eq!(at("exp", json!(NOW as f64 + 0.5), NOW + 29), None);
    // `iat` is ten seconds ago, and an hour is allowed.
    assert_eq!(at("exp", json!(NOW + 3590), NOW), None);
    assert_eq!(at("exp", json!(NOW + 3591), NOW), Some(Fault::Lifetime));
    let no_limit = Rules { lifetime_max_s: None, ..bench.rules.clone() };
    assert!(check(&bench, &no_limit, &bench.claims_with("exp", &json!(NOW * 2))).is_ok());
    assert_eq!(
        verify(&bench.eddsa(&bench.claims()), &bench.keys, &no_limit, u64::MAX).err(),
        Some(Fault::Expired)
    );
}

#[test]
fn peek_tells_whose_keys_to_ask_and_verifies_nothing() {
    let bench = Bench::new();
    let token = bench.eddsa(&bench.claims());
    let forged = format!("{}.AAAA", token.rsplit_once('.').unwrap().0);
    let expected = Peek {
        issuer: Some("https://issuer.example".to_owned()),
        kid: Some("ed".to_owned()),
        algorithm: Some(Algorithm::EdDsa),
    };
    assert_eq!(peek(&forged), Ok(expected));
    let none = bench.signed(r#"{"alg":"none"}"#, r#"{"iss":1}"#);
    assert_eq!(peek(&none), Ok(Peek { issuer: None, kid: None, algorithm: None }));
    assert!(matches!(peek("opaque"), Err(Fault::Malformed(_))));
    assert!(matches!(peek(&bench.header_and(r#""jku":"https://a.example""#)), Err(Fault::Header(_))));
}
