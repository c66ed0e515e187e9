//! Attacks through header parameters.

use serde_json::json;

use super::bench::Bench;
use super::{header, malformed, row, run};
use crate::{Fault, Rules};

#[test]
fn a_key_in_or_beside_the_token_is_refused() {
    let bench = Bench::new();
    let attacker = crate::Signer::generate("attacker").unwrap();
    let jwk = attacker.public_jwk();
    let own = |members: &str| {
        let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt",{members}}}"#);
        attacker.sign_parts(header.as_bytes(), bench.claims().as_bytes()).unwrap()
    };
    let rows = vec![
        row("an embedded key signs", own(&format!(r#""jwk":{jwk}"#)), header()),
        row("an embedded key under a known kid", own(&format!(r#""kid":"ed","jwk":{jwk}"#)), header()),
        row(
            "an embedded key beside an honest signature",
            bench.header_and(&format!(r#""jwk":{jwk}"#)),
            header(),
        ),
        row(
            "the honest key itself embedded",
            bench.header_and(&format!(r#""jwk":{}"#, bench.jwks["keys"][0])),
            header(),
        ),
        row("a null jwk", bench.header_and(r#""jwk":null"#), header()),
        row("an embedded secret", bench.header_and(r#""jwk":{"kty":"oct","k":"AAAA"}"#), header()),
        row("jku of the attacker", own(r#""jku":"https://attacker.example/jwks""#), header()),
        row("jku of the issuer", bench.header_and(r#""jku":"https://issuer.example/jwks""#), header()),
        row("jku to the cloud's metadata", bench.header_and(r#""jku":"http://169.254.169.254/""#), header()),
        row(
            "jku with user information",
            bench.header_and(r#""jku":"https://issuer.example@attacker.example""#),
            header(),
        ),
        row("x5u", own(r#""x5u":"https://attacker.example/cert.pem""#), header()),
        row("x5u to a file", bench.header_and(r#""x5u":"file:///etc/passwd""#), header()),
        row("x5c", bench.header_and(r#""x5c":["MIIB"]"#), header()),
        row("jku, escaped", bench.header_and(r#""\u006aku":"https://attacker.example""#), header()),
    ];
    run(&bench, rows, 14);
}

#[test]
fn a_key_id_is_a_name_and_nothing_else() {
    let bench = Bench::new();
    let kid = |kid: serde_json::Value| {
        bench.signed(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}).to_string(), bench.claims())
    };
    let rows = vec![
        row("path traversal", kid(json!("../../../../dev/null")), Fault::KeyUnknown),
        row("an absolute path", kid(json!("/proc/self/environ")), Fault::KeyUnknown),
        row("SQL", kid(json!("ed' UNION SELECT 'attacker' -- ")), Fault::KeyUnknown),
        row("a shell command", kid(json!("ed|touch attacker")), Fault::KeyUnknown),
        row("LDAP", kid(json!("*)(kid=*")), Fault::KeyUnknown),
        row("an address", kid(json!("https://attacker.example/key")), Fault::KeyUnknown),
        row("another case", kid(json!("ED")), Fault::KeyUnknown),
        row("a space after it", kid(json!("ed ")), Fault::KeyUnknown),
        row("an accent that normalises away", kid(json!("e\u{301}d")), Fault::KeyUnknown),
        row("NUL after it", kid(json!("ed\u{0}attacker")), header()),
        row("a line break for the log", kid(json!("ed\r\nadmin logged in")), header()),
        row("an escape sequence for the terminal", kid(json!("\u{1b}[2J")), header()),
        row("C1 control", kid(json!("ed\u{9b}")), header()),
        row("10,000 characters", kid(json!("a".repeat(10_000))), header()),
        row("257 bytes", kid(json!("a".repeat(257))), header()),
        row("empty", kid(json!("")), header()),
        row("an array", kid(json!(["ed"])), header()),
        row("a number", kid(json!(0)), header()),
        row("an object", kid(json!({"$ne": null})), header()),
        row("null", kid(json!(null)), header()),
        row("true", kid(json!(true)), header()),
    ];
    run(&bench, rows, 21);
}

#[test]
fn extensions_are_refused_whether_known_or_not() {
    let bench = Bench::new();
    let unencoded = || {
        // RFC 7797: the payload as it is, signed as it is.
        let header = crate::base64url::encode(
            br#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed","b64":false,"crit":["b64"]}"#,
        );
        format!("{header}.{}.AAAA", "attacker")
    };
    let rows = vec![
        row("crit with an unknown name", bench.header_and(r#""crit":["attacker"],"attacker":1"#), header()),
        row("crit with a name that is absent", bench.header_and(r#""crit":["exp"]"#), header()),
        row("crit with a registered name", bench.header_and(r#""crit":["alg"]"#), header()),
        row("crit with b64", bench.header_and(r#""crit":["b64"],"b64":true"#), header()),
        row("crit empty", bench.header_and(r#""crit":[]"#), header()),
        row("crit null", bench.header_and(r#""crit":null"#), header()),
        row("crit a string", bench.header_and(r#""crit":"exp""#), header()),
        row("crit of itself", bench.header_and(r#""crit":["crit"]"#), header()),
        row("b64 false without crit", bench.header_and(r#""b64":false"#), header()),
        row("b64 true", bench.header_and(r#""b64":true"#), header()),
        row("an unencoded payload", unencoded(), header()),
        row("compression", bench.header_and(r#""zip":"DEF""#), header()),
        row("a parameter of encryption", bench.header_and(r#""enc":"A256GCM""#), header()),
        row("iterations for a password", bench.header_and(r#""p2c":2147483647"#), header()),
        row("an unknown parameter", bench.header_and(r#""attacker":1"#), header()),
        row("a parameter of Java's type information", bench.header_and(r#""@type":"attacker""#), header()),
        row("__proto__", bench.header_and(r#""__proto__":{"alg":"none"}"#), header()),
        row("a nested token", bench.header_and(r#""cty":"JWT""#), header()),
        row("cty that is not a string", bench.header_and(r#""cty":1"#), header()),
    ];
    run(&bench, rows, 19);
}

#[test]
fn a_header_is_read_in_one_way_only() {
    let bench = Bench::new();
    let of = |text: &str| bench.signed(text, bench.claims());
    let honest = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#;
    let rows = vec![
        row("alg twice", of(r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#), malformed()),
        row(
            "alg twice, by an escape",
            of(r#"{"alg":"EdDSA","\u0061lg":"none","typ":"at+jwt","kid":"ed"}"#),
            malformed(),
        ),
        row("kid twice", of(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"es","kid":"ed"}"#), malformed()),
        row(
            "typ twice, the same",
            of(r#"{"alg":"EdDSA","typ":"at+jwt","typ":"at+jwt","kid":"ed"}"#),
            malformed(),
        ),
        row(
            "Alg in another case beside alg",
            of(r#"{"alg":"EdDSA","Alg":"none","typ":"at+jwt","kid":"ed"}"#),
            header(),
        ),
        row("no alg", of(r#"{"typ":"at+jwt","kid":"ed"}"#), header()),
        row("alg an array", of(r#"{"alg":["EdDSA"],"typ":"at+jwt","kid":"ed"}"#), header()),
        row("alg null", of(r#"{"alg":null,"typ":"at+jwt","kid":"ed"}"#), header()),
        row("typ a number", of(r#"{"alg":"EdDSA","typ":1,"kid":"ed"}"#), header()),
        row("an array", of(r#"["EdDSA"]"#), malformed()),
        row("a string", of(r#""EdDSA""#), malformed()),
        row("null", of("null"), malformed()),
        row("empty", of(""), malformed()),
        row("an empty object", of("{}"), header()),
        row("something after it", of(&format!("{honest} x")), malformed()),
        row("two objects", of(&format!("{honest}{honest}")), malformed()),
        row("NUL after it", of(&format!("{honest}\0")), malformed()),
        row("a byte order mark", of(&format!("\u{feff}{honest}")), malformed()),
        row("a comment", of(&honest.replacen('{', "{/* attacker */", 1)), malformed()),
        row("single quotes", of(&honest.replace('"', "'")), malformed()),
        row("a comma too many", of(&honest.replace('}', ",}")), malformed()),
        row("a lone surrogate", of(&honest.replace("ed", r"\ud800")), malformed()),
        row("a control character in a string", of(&honest.replace("ed", "e\td")), malformed()),
        row(
            "UTF-16",
            bench.signed(
                honest.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                bench.claims(),
            ),
            malformed(),
        ),
        row(
            "overlong UTF-8",
            bench.signed([&honest.as_bytes()[..honest.len() - 3], b"\xc1\xa4\"}"].concat(), bench.claims()),
            malformed(),
        ),
        row("deep", of(&format!(r#"{{"x5t":{}1{}}}"#, "[".repeat(1000), "]".repeat(1000))), malformed()),
    ];
    run(&bench, rows, 26);
}

#[test]
fn a_token_for_another_purpose_is_not_an_access_token() {
    let bench = Bench::new();
    let typ = |typ: &str| {
        bench.signed(json!({"alg": "EdDSA", "typ": typ, "kid": "ed"}).to_string(), bench.claims())
    };
    let only_access = Rules { types: vec!["at+jwt".to_owned()], ..bench.rules.clone() };
    let legacy = Rules { legacy: true, ..bench.rules.clone() };
    let rows = vec![
        row("an encrypted token's type", typ("JWE"), Fault::Type),
        row("a signature over something else", typ("JOSE"), Fault::Type),
        row("a logout token", typ("logout+jwt"), Fault::Type),
        row("a security event", typ("secevent+jwt"), Fault::Type),
        row("a DPoP proof", typ("dpop+jwt"), Fault::Type),
        row("a request object", typ("oauth-authz-req+jwt"), Fault::Type),
        row("an introspection answer", typ("token-introspection+jwt"), Fault::Type),
        row("a client assertion", typ("client-authentication+jwt"), Fault::Type),
        row("a verifiable credential", typ("vc+jwt"), Fault::Type),
        row("empty", typ(""), Fault::Type),
        row("a prefix of an accepted type", typ("at"), Fault::Type),
        row("an accepted type and more", typ("at+jwt "), Fault::Type),
        row("another media type", typ("text/at+jwt"), Fault::Type),
        row("the prefix twice", typ("application/application/at+jwt"), Fault::Type),
        row("an ID token where only access tokens are taken", typ("JWT"), Fault::Type).under(only_access),
        row("a logout token under legacy rules", typ("logout+jwt"), Fault::Type).under(legacy),
        row("no type", bench.signed(r#"{"alg":"EdDSA","kid":"ed"}"#, bench.claims()), Fault::Type),
    ];
    run(&bench, rows, 17);
}
