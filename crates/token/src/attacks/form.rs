//! Attacks on the token's outer form.

use serde_json::json;

use super::bench::{Bench, message};
use super::{malformed, row, run};
use crate::{Fault, TOKEN_BYTES_MAX};

#[test]
fn a_token_has_three_parts() {
    let bench = Bench::new();
    let token = bench.eddsa(&bench.claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let jwe = format!("{head}.{payload}.AAAA.AAAA.{signature}");
    let flattened = json!({"payload": payload, "protected": head, "signature": signature}).to_string();
    let general =
        json!({"payload": payload, "signatures": [{"protected": head, "signature": signature}]}).to_string();
    let rows = vec![
        row("nothing", "", malformed()),
        row("a dot", ".", malformed()),
        row("two dots", "..", malformed()),
        row("one part", head, malformed()),
        row("two parts", message, malformed()),
        row("four parts", format!("{token}.{signature}"), malformed()),
        row("four parts, the last empty", format!("{token}."), malformed()),
        row("a dot before", format!(".{token}"), malformed()),
        row("an encrypted token of five parts", jwe, malformed()),
        row("no header", format!(".{payload}.{signature}"), malformed()),
        row("no claims", format!("{head}..{signature}"), Fault::Signature),
        row(
            "no claims, signed",
            bench.signed(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#, ""),
            malformed(),
        ),
        row("the flattened JSON form", flattened, malformed()),
        row("the general JSON form", general, malformed()),
        row("a token twice", format!("{token},{token}"), malformed()),
        row("with its scheme", format!("Bearer {token}"), malformed()),
        row("percent-encoded dots", token.replace('.', "%2e"), malformed()),
        row("selective disclosure", format!("{token}~WyJzIiwibiIsInYiXQ~"), malformed()),
        row("NUL after it", format!("{token}\0"), malformed()),
        row("a dot that only looks like one", token.replace('.', "\u{2024}"), malformed()),
    ];
    run(&bench, rows, 20);
}

#[test]
fn base64url_has_one_spelling() {
    let bench = Bench::new();
    // Claims whose encoding leaves bits over and uses both letters outside the plain alphabet.
    let claims = bench.claims_and("\"\u{1f}\":\"~~?>>\u{7f}\u{fbff}\"".replace('\u{1f}', "p").as_str());
    let claims = match claims.len() % 3 {
        0 => format!("{claims} "),
        _ => claims,
    };
    let token = bench.eddsa(&claims);
    assert!(crate::verify(&token, &bench.keys, &bench.rules, super::NOW).is_ok());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let bump = |text: &str| {
        // The next letter has the same leading bits and one of the unused bits set.
        let last = text.chars().last().unwrap();
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
        format!("{}{next}", &text[..text.len() - 1])
    };
    let resigned = |head: &str, payload: &str| {
        // The attacker has the issuer sign the bad spelling: the form alone must refuse it.
        let message = format!("{head}.{payload}");
        let honest = bench.eddsa.sign_parts(b"", b"").unwrap();
        format!("{message}.{}", honest.rsplit_once('.').unwrap().1)
    };
    let standard = |text: &str| text.replace('-', "+").replace('_', "/");
    assert_ne!(standard(&token), token);
    let rows = vec![
        row("padding of the header", format!("{head}=.{payload}.{signature}"), malformed()),
        row("padding of the signature", format!("{token}=="), malformed()),
        row("a space before", format!(" {token}"), malformed()),
        row("a space after", format!("{token} "), malformed()),
        row("a line break after", format!("{token}\r\n"), malformed()),
        row(
            "a line break in the header",
            format!("{}\n{}.{payload}.{signature}", &head[..4], &head[4..]),
            malformed(),
        ),
        row(
            "a space in the signature",
            format!("{message}.{} {}", &signature[..4], &signature[4..]),
            malformed(),
        ),
        row("the other alphabet in the signature", format!("{message}.+/{}", &signature[2..]), malformed()),
        row(
            "the other alphabet in the claims",
            format!("{head}.{}.{signature}", standard(payload)),
            Fault::Signature,
        ),
        row("unused bits in the signature", format!("{message}.{}", bump(signature)), malformed()),
        row("unused bits in the claims", format!("{head}.{}.{signature}", bump(payload)), Fault::Signature),
        row("one letter", resigned(head, "A"), Fault::Signature),
        row("a header of one letter", resigned("A", payload), malformed()),
        row("not ASCII", format!("{head}\u{e9}.{payload}.{signature}"), malformed()),
        row("full-width letters", token.replace('e', "\u{ff45}"), malformed()),
    ];
    run(&bench, rows, 15);
}

#[test]
fn a_token_has_a_size() {
    let bench = Bench::new();
    let padded = |bytes: usize| bench.eddsa(&bench.claims_with("pad", &"a".repeat(bytes).into()));
    let fitting = padded(11_000);
    assert!(fitting.len() <= TOKEN_BYTES_MAX);
    assert!(crate::verify(&fitting, &bench.keys, &bench.rules, super::NOW).is_ok());
    let nested = |open: &str, close: &str| {
        bench
            .claims_with("deep", &0.into())
            .replace("\"deep\":0", &format!("\"deep\":{}1{}", open.repeat(1000), close.repeat(1000)))
    };
    let wide = (0..1100).map(|n| format!("\"a{n}\":1")).collect::<Vec<_>>().join(",");
    let head = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#;
    let rows = vec![
        row("over 16 KiB", padded(12_500), malformed()),
        row("a megabyte", padded(1 << 20), malformed()),
        row("a megabyte of dots", ".".repeat(1 << 20), malformed()),
        row("16 KiB of dots", ".".repeat(TOKEN_BYTES_MAX), malformed()),
        row("a header of 15 KiB", format!("{}.e30.AAAA", "A".repeat(15 << 10)), malformed()),
        row("claims 1000 arrays deep", bench.eddsa(&nested("[", "]")), malformed()),
        row("claims 1000 objects deep", bench.eddsa(&nested("{\"a\":", "}")), malformed()),
        row("claims of 1100 members", bench.eddsa(&bench.claims_and(&wide)), malformed()),
        row("brackets without an end", bench.eddsa(&"[".repeat(8000)), malformed()),
        row("unsigned and deep", format!("{}.AAAA", message(head, "[".repeat(8000))), Fault::Signature),
    ];
    run(&bench, rows, 10);
}
