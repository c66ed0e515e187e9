#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::json;

use super::{is_name, is_scope, name, scopes};
use crate::Fault;

#[test]
fn a_name_is_printable_and_has_no_space_at_its_ends() {
    for good in ["alice", "a", "auth0|5f7c8ec7", "CN=Ada Lovelace", "~!\"\\"] {
        assert!(is_name(good), "{good:?}");
    }
    for bad in [
        "", " ", "   ", " alice", "alice ", "\talice", "alice\t", "al\tice", "a\r\nb", "a\0", "a\u{7f}",
        "\u{a0}a", "é",
    ] {
        assert!(!is_name(bad), "{bad:?}");
    }
}

#[test]
fn a_claim_that_is_there_is_a_name_or_a_fault() {
    let claims = json!({ "sub": "alice", "client_id": " shop", "azp": 7, "iss": null });
    let claims = claims.as_object().unwrap();
    assert_eq!(name(claims, "sub"), Ok(Some("alice")));
    assert_eq!(name(claims, "absent"), Ok(None));
    for claim in ["client_id", "azp", "iss"] {
        assert_eq!(name(claims, claim), Err(Fault::Name(claim)));
    }
}

#[test]
fn an_element_of_an_array_is_one_scope_and_never_two() {
    assert_eq!(scopes(Some(&json!(["orders.read", "admin"]))).unwrap(), ["orders.read", "admin"]);
    assert_eq!(scopes(Some(&json!("  a b  a "))).unwrap(), ["a", "b"]);
    for bad in [json!(["orders.read", "x admin"]), json!([""]), json!(["a", 1]), json!("a\tb"), json!(true)] {
        assert!(matches!(scopes(Some(&bad)), Err(Fault::Claim(_))), "{bad}");
    }
}

#[test]
fn a_scope_has_exactly_the_characters_of_the_grammar() {
    for byte in 0..=0x7fu8 {
        let grammar = byte == 0x21 || (0x23..=0x5b).contains(&byte) || (0x5d..=0x7e).contains(&byte);
        assert_eq!(is_scope(std::str::from_utf8(&[byte]).unwrap()), grammar, "{byte:#x}");
    }
    assert!(!is_scope("é") && !is_scope(""));
}
