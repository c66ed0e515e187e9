//! Attacks through claims, under an honest signature: a careless issuer must not become our fault.

use serde_json::{Value, json};

use super::bench::Bench;
use super::{NOW, Row, claim, malformed, row, run};
use crate::{Fault, Rules};

#[test]
fn times_are_numbers_and_hold_now() {
    let bench = Bench::new();
    let with = |name: &str, value: Value| bench.eddsa(&bench.claims_with(name, &value));
    let raw = |text: &str| {
        bench.eddsa(&bench.claims_with("exp", &Value::Null).replacen('{', &format!("{{\"exp\":{text},"), 1))
    };
    let no_iat = |exp: u64| {
        let mut claims: Value = serde_json::from_str(&bench.claims_with("iat", &Value::Null)).unwrap();
        claims["exp"] = exp.into();
        bench.eddsa(&claims.to_string())
    };
    let rows = vec![
        row("no exp", with("exp", Value::Null), claim()),
        row("exp null", raw("null"), claim()),
        row("exp a string", with("exp", json!((NOW + 300).to_string())), claim()),
        row("exp a date", with("exp", json!("2099-01-01T00:00:00Z")), claim()),
        row("exp true", with("exp", json!(true)), claim()),
        row("exp an array", with("exp", json!([NOW + 300])), claim()),
        row("exp negative", with("exp", json!(-1)), claim()),
        row("exp huge", raw("18446744073709551616"), claim()),
        row("exp huge and real", raw("1e300"), claim()),
        row("exp in milliseconds", with("exp", json!((NOW + 300) * 1000)), claim()),
        row("exp NaN", raw("NaN"), malformed()),
        row("exp Infinity", raw("Infinity"), malformed()),
        row("exp 1e400", raw("1e400"), malformed()),
        row("exp hexadecimal", raw("0xffffffff"), malformed()),
        row("exp with a leading zero", raw("01800000300"), malformed()),
        row("exp with a plus", raw("+1800000300"), malformed()),
        row("exp 0", raw("0"), Fault::Expired),
        row("exp minus 0", raw("-0"), Fault::Expired),
        row("exp now, beyond the leeway", with("exp", json!(NOW - 30)), Fault::Expired),
        row("exp a fraction later", raw(&format!("{}.999", NOW - 30)), Fault::Expired),
        row("nbf in the future", with("nbf", json!(NOW + 31)), Fault::NotYetValid),
        row(
            "nbf a fraction too late",
            bench.eddsa(&bench.claims_and(&format!("\"nbf\":{}.001", NOW + 30))),
            Fault::NotYetValid,
        ),
        row("nbf a string", with("nbf", json!("0")), claim()),
        row("nbf huge", with("nbf", json!(u64::MAX)), claim()),
        row("iat in the future", with("iat", json!(NOW + 31)), Fault::NotYetValid),
        row("iat a string", with("iat", json!("now")), claim()),
        row("iat negative", with("iat", json!(-5)), claim()),
        row("a life of a year", with("exp", json!(NOW + 31_536_000)), Fault::Lifetime),
        row("a life that began long ago", with("iat", json!(NOW - 3600)), Fault::Lifetime),
        row("no iat and too long to live", no_iat(NOW + 3601), Fault::Lifetime),
        row("leeway of an hour does not count", with("exp", json!(NOW - 31)), Fault::Expired)
            .under(Rules { leeway_s: 3600, ..bench.rules.clone() }),
    ];
    run(&bench, rows, 31);
}

/// The token, and the same under legacy rules: what is present is checked all the same.
fn both(bench: &Bench, what: &'static str, token: &str, expected: &Fault) -> [Row; 2] {
    let legacy = Rules { legacy: true, ..bench.rules.clone() };
    [row(what, token, expected.clone()), row(what, token, expected.clone()).under(legacy)]
}

#[test]
fn issuer_and_audience_are_exactly_ours() {
    let bench = Bench::new();
    let mut rows = Vec::new();
    let issuers: Vec<(&'static str, Value)> = vec![
        ("another issuer", json!("https://attacker.example")),
        ("a slash more", json!("https://issuer.example/")),
        ("another case", json!("https://ISSUER.example")),
        ("ours as a prefix", json!("https://issuer.example.attacker.example")),
        ("empty", json!("")),
        ("an array that holds ours", json!(["https://issuer.example"])),
        ("an object", json!({"url": "https://issuer.example"})),
        ("a number", json!(1)),
        ("NUL after ours", json!("https://issuer.example\u{0}")),
    ];
    for (what, issuer) in issuers {
        rows.extend(both(&bench, what, &bench.eddsa(&bench.claims_with("iss", &issuer)), &Fault::Issuer));
    }
    let audiences: Vec<(&'static str, Value)> = vec![
        ("another audience", json!("https://attacker.example")),
        ("empty", json!("")),
        ("no audience in the array", json!([])),
        ("others in the array", json!(["https://a.example", "https://b.example"])),
        ("ours beside a number", json!(["https://api.example", 1])),
        ("ours beside null", json!(["https://api.example", null])),
        ("ours, nested", json!([["https://api.example"]])),
        ("numbers", json!([0, 1])),
        ("an object", json!({"0": "https://api.example"})),
        ("true", json!(true)),
        ("ours in a list with commas", json!("https://other.example,https://api.example")),
        ("ours in a list with spaces", json!("https://other.example https://api.example")),
        ("a wildcard", json!("*")),
        ("ours as a prefix", json!("https://api.example/admin")),
    ];
    for (what, audience) in audiences {
        rows.extend(both(&bench, what, &bench.eddsa(&bench.claims_with("aud", &audience)), &Fault::Audience));
    }
    rows.push(row("no issuer", bench.eddsa(&bench.claims_with("iss", &Value::Null)), Fault::Issuer));
    rows.push(row("no audience", bench.eddsa(&bench.claims_with("aud", &Value::Null)), Fault::Audience));
    rows.push(row("no audience is configured", bench.eddsa(&bench.claims()), Fault::Audience).under(Rules {
        audiences: vec![],
        legacy: true,
        ..bench.rules.clone()
    }));
    run(&bench, rows, 49);
}

#[test]
fn claims_are_read_in_one_way_only() {
    let bench = Bench::new();
    let honest = bench.claims();
    let of = |claims: String| bench.eddsa(&claims);
    let head = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#;
    let rows = vec![
        row("sub twice", of(bench.claims_and(r#""sub":"attacker""#)), malformed()),
        row("sub twice, by an escape", of(bench.claims_and(r#""\u0073ub":"attacker""#)), malformed()),
        row("exp twice", of(bench.claims_and(r#""exp":1"#)), malformed()),
        row("twice, further in", of(bench.claims_and(r#""cnf":{"jkt":"a","jkt":"attacker"}"#)), malformed()),
        row("an empty name twice", of(bench.claims_and(r#""":1,"":2"#)), malformed()),
        row("something after", of(format!("{honest}{{}}")), malformed()),
        row("a byte order mark", of(format!("\u{feff}{honest}")), malformed()),
        row("not UTF-8", bench.signed(head, [honest.as_bytes(), b"\xff"].concat()), malformed()),
        row(
            "not UTF-8 in a string",
            bench.signed(
                head,
                honest
                    .replace("alice", "ali\u{1}")
                    .into_bytes()
                    .iter()
                    .map(|byte| if *byte == 1 { 0xff } else { *byte })
                    .collect::<Vec<u8>>(),
            ),
            malformed(),
        ),
        row("a lone surrogate", of(bench.claims_and(r#""a":"\udfff""#)), malformed()),
        row("an array", of(format!("[{honest}]")), malformed()),
        row("a string", of(json!(honest).to_string()), malformed()),
        row("null", of("null".to_owned()), malformed()),
        row("a number out of range", of(bench.claims_and(r#""a":-1e999"#)), malformed()),
        row("sub a number", of(bench.claims_with("sub", &json!(0))), claim()),
        row(
            "sub null, spelled out",
            of(bench.claims_with("sub", &Value::Null).replacen('{', "{\"sub\":null,", 1)),
            claim(),
        ),
        row("sub an object", of(bench.claims_with("sub", &json!({"$gt": ""}))), claim()),
        row("sub between spaces", of(bench.claims_with("sub", &json!(" alice "))), claim()),
        row("sub behind a tab", of(bench.claims_with("sub", &json!("\talice"))), claim()),
        row("sub of spaces", of(bench.claims_with("sub", &json!("   "))), claim()),
        row("sub empty", of(bench.claims_with("sub", &json!(""))), claim()),
        row("sub with a line", of(bench.claims_with("sub", &json!("alice\r\nx: y"))), claim()),
        row("sub with a no-break space", of(bench.claims_with("sub", &json!("alice\u{a0}"))), claim()),
        row("client_id before a space", of(bench.claims_with("client_id", &json!("shop "))), claim()),
        row("client_id empty", of(bench.claims_with("client_id", &json!(""))), claim()),
        row(
            "azp behind a space",
            of(bench.claims_with("client_id", &Value::Null).replacen('{', r#"{"azp":" shop","#, 1)),
            claim(),
        ),
        row("two scopes in one", of(bench.claims_with("scope", &json!(["orders.read", "x admin"]))), claim()),
        row("scopes between tabs", of(bench.claims_with("scope", &json!("a\tadmin"))), claim()),
        row("an empty scope", of(bench.claims_with("scope", &json!(["a", ""]))), claim()),
        row("a scope in quotes", of(bench.claims_with("scope", &json!("\"admin\""))), claim()),
        row("jti an array", of(bench.claims_with("jti", &json!(["1"]))), claim()),
        row("client_id true", of(bench.claims_with("client_id", &json!(true))), claim()),
        row("scope an object", of(bench.claims_with("scope", &json!({"admin": true}))), claim()),
        row("scope with a nested array", of(bench.claims_with("scope", &json!(["a", ["admin"]]))), claim()),
        row("a required claim is missing", of(honest.clone()), Fault::ClaimRequired("tenant".to_owned()))
            .under(Rules { required_claims: vec!["tenant".to_owned()], ..bench.rules.clone() }),
        row(
            "a required claim is null",
            of(bench.claims_and(r#""tenant":null"#)),
            Fault::ClaimRequired("tenant".to_owned()),
        )
        .under(Rules { required_claims: vec!["tenant".to_owned()], ..bench.rules.clone() }),
    ];
    run(&bench, rows, 36);
}
