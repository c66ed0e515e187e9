#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::borrow::Cow;

use bytes::Bytes;

use super::{clean, sanitise, sanitise_form, sanitise_text};

fn spliced(text: &str) -> String {
    let tape = tape::json::parse(Bytes::from(text.to_owned()), &tape::Limits::default()).unwrap();
    let mut result = text.to_owned();
    for (range, replacement) in sanitise(&tape).into_iter().rev() {
        result.replace_range(range, std::str::from_utf8(&replacement).unwrap());
    }
    // What is forwarded must parse to what is meant.
    tape::json::parse(Bytes::from(result.clone()), &tape::Limits::default()).unwrap();
    result
}

#[test]
fn strings_lose_what_has_no_business_in_them_and_nothing_else() {
    for (text, expected) in [
        (r#"{"a": "plain", "b": [1, true, null]}"#, r#"{"a": "plain", "b": [1, true, null]}"#),
        (r#"{"a": "e\u0301"}"#, r#"{"a": "é"}"#),
        (r#"["a\u0000b", "c\u001b[31m", "tab\tnl\n"]"#, r#"["ab", "c[31m", "tab\tnl\n"]"#),
        (r#"["\u202Egpj.exe", "\uFEFFx", "\u0085"]"#, r#"["gpj.exe", "x", ""]"#),
        (r#"["q\u0000\"\\"]"#, r#"["q\"\\"]"#),
        (r#"{"na\u0000me": "v"}"#, r#"{"na\u0000me": "v"}"#),
        (r#""\u00e9""#, r#""\u00e9""#),
        (r#"["a","a\u0007","b"]"#, r#"["a","a","b"]"#),
    ] {
        assert_eq!(spliced(text), expected, "{text}");
    }
}

#[test]
fn cleaning_twice_changes_nothing_more() {
    for text in ["e\u{0}\u{301}", "\u{1100}\u{200F}\u{1161}", "A\u{30A}\u{FEFF}", "plain", "\u{7f}"] {
        let once = clean(text).into_owned();
        assert!(matches!(clean(&once), Cow::Borrowed(_)), "{once:?}");
        assert_eq!(clean(&once), once);
    }
    assert!(matches!(clean("plain é\n"), Cow::Borrowed(_)));
}

#[test]
fn forms_and_texts_are_cleaned_in_their_own_writing() {
    let spliced = |text: &str, edits: Vec<(std::ops::Range<usize>, Bytes)>| {
        let mut result = text.to_owned();
        for (range, replacement) in edits.into_iter().rev() {
            result.replace_range(range, std::str::from_utf8(&replacement).unwrap());
        }
        result
    };
    for (form, expected) in [
        ("a=b+c&d=%20", "a=b+c&d=%20"),
        ("a=b%00+c&d=e%26%07f&g", "a=b%20c&d=e%26f&g"),
        ("a=e%CC%81", "a=%C3%A9"),
        ("a%00=b", "a%00=b"),
        ("a=%ff%00&b=%07", "a=%ff%00&b="),
        ("", ""),
    ] {
        assert_eq!(spliced(form, sanitise_form(form.as_bytes())), expected, "{form}");
    }
    assert_eq!(spliced("a\u{0}b\n", sanitise_text(b"a\0b\n")), "ab\n");
    assert!(sanitise_text(b"\xff\0").is_empty());
}
