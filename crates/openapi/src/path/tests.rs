#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{NormalPath, PathFault, normal_literal};
use mutate::Random;

fn normal(raw: &str) -> String {
    NormalPath::new(raw).unwrap_or_else(|fault| panic!("{raw}: {fault}")).as_str().to_owned()
}

fn fault(raw: &str) -> PathFault {
    NormalPath::new(raw).err().unwrap_or_else(|| panic!("accepted: {raw}"))
}

#[test]
fn an_escaped_slash_is_refused() {
    assert_eq!(fault("/a%2Fb"), PathFault::EscapedSlash);
    assert_eq!(fault("/a%2fb"), PathFault::EscapedSlash);
    assert_eq!(fault("/%2F"), PathFault::EscapedSlash);
}

#[test]
fn an_empty_segment_is_refused() {
    for raw in ["//", "//a", "/a//b", "/a//", "///"] {
        assert_eq!(fault(raw), PathFault::EmptySegment, "{raw}");
    }
}

#[test]
fn dot_segments_are_refused_however_they_are_written() {
    for raw in [
        "/..",
        "/.",
        "/a/../b",
        "/a/./b",
        "/a/..",
        "/../../etc/passwd",
        "/%2e%2e/a",
        "/%2E%2e",
        "/.%2e/a",
        "/%2e",
        "/a/..;/b",
        "/a/.;x=1/b",
        "/a/%2e%2e;/b",
    ] {
        assert_eq!(fault(raw), PathFault::DotSegment, "{raw}");
    }
    assert_eq!(normal("/.well-known/a..b/...%2e"), "/.well-known/a..b/....");
}

#[test]
fn a_backslash_is_refused() {
    for raw in ["/a\\b", "/a%5Cb", "/a%5cb", "/..\\a"] {
        assert_eq!(fault(raw), PathFault::Backslash, "{raw}");
    }
}

#[test]
fn control_characters_are_refused() {
    for raw in ["/a\0", "/a%00", "/a%0a", "/a%0D%0A", "/a%1f", "/a\t", "/a%7F", "/%C2%85", "/%c2%80"] {
        assert_eq!(fault(raw), PathFault::Control, "{raw:?}");
    }
}

#[test]
fn an_escape_that_is_escaped_is_refused() {
    for raw in ["/%252e%252e/a", "/%252F", "/a%2541", "/%25%32%65", "/%25%34%31", "/%252%65"] {
        assert_eq!(fault(raw), PathFault::DoubleEscape, "{raw}");
    }
    // A percent sign is one: nothing can be decoded a second time.
    assert_eq!(normal("/100%25"), "/100%25");
    assert_eq!(normal("/100%25%20g"), "/100%25%20g");
}

#[test]
fn malformed_escapes_are_refused() {
    for raw in ["/%", "/%2", "/a%zz", "/%u0041", "/% 41", "/%+1", "/a%", "/%é"] {
        assert_eq!(fault(raw), PathFault::Escape, "{raw}");
    }
}

#[test]
fn what_is_not_utf_8_is_refused_overlong_forms_included() {
    for raw in
        ["/%ff", "/%C3", "/%C0%AF", "/%c0%ae%c0%ae/", "/%E0%80%AF", "/%ED%A0%80", "/%F4%90%80%80", "/%E9"]
    {
        assert_eq!(fault(raw), PathFault::Utf8, "{raw}");
    }
    // A character does not reach over a slash.
    assert_eq!(fault("/%C3/%A9"), PathFault::Utf8);
    assert_eq!(normal("/%c3%a9"), "/%C3%A9");
}

#[test]
fn characters_that_must_be_escaped_are_refused_raw() {
    for raw in ["/é", "/a b", "/a\"b", "/<a>", "/{id}", "/a|b", "/a^b", "/a`b", "/a?b", "/a#b", "/[a]"] {
        assert_eq!(fault(raw), PathFault::Character, "{raw}");
    }
}

#[test]
fn a_path_begins_with_a_slash() {
    for raw in ["", "a", "*", "http://host/a", "%2Fa", ";/a"] {
        assert_eq!(fault(raw), PathFault::Relative, "{raw}");
    }
}

#[test]
fn unreserved_characters_are_decoded_and_other_escapes_are_upper_case() {
    assert_eq!(normal("/%5F%7e%2d%2E%41%7a%30"), "/_~-.Az0");
    assert_eq!(normal("/a%5fb"), normal("/a_b"));
    assert_eq!(normal("/%3a%2c%20%3b"), "/%3A%2C%20%3B");
    // Reserved characters keep the form they came in: `%3A` and `:` may mean two things.
    assert_ne!(normal("/a%3Ab"), normal("/a:b"));
    assert_eq!(normal("/a!$&'()*+,;=:@"), "/a!$&'()*+,;=:@");
}

#[test]
fn case_and_a_slash_at_the_end_are_kept() {
    assert_eq!(normal("/Users"), "/Users");
    assert_eq!(normal("/users/"), "/users/");
    assert_eq!(normal("/"), "/");
    assert_ne!(normal("/users"), normal("/users/"));
}

#[test]
fn a_base_is_taken_off_at_a_segments_end() {
    let path = |raw: &str| NormalPath::new(raw).unwrap();
    let below = |raw: &str, base: &str| path(raw).strip_base(base).map(|rest| rest.as_str().to_owned());
    assert_eq!(below("/v1/a/b", "/v1").as_deref(), Some("/a/b"));
    assert_eq!(below("/v1/a", "/v1/").as_deref(), Some("/a"));
    assert_eq!(below("/v1/", "/v1").as_deref(), Some("/"));
    assert_eq!(below("/v1", "/v1"), None);
    assert_eq!(below("/v10/a", "/v1"), None);
    assert_eq!(below("/V1/a", "/v1"), None);
    assert_eq!(below("/a", "").as_deref(), Some("/a"));
    assert_eq!(below("/a", "/").as_deref(), Some("/a"));
}

#[test]
fn a_templates_literals_get_the_same_form() {
    assert_eq!(normal_literal("a b").as_deref(), Some("a%20b"));
    assert_eq!(normal_literal("é").as_deref(), Some("%C3%A9"));
    assert_eq!(normal_literal("%c3%a9%5f").as_deref(), Some("%C3%A9_"));
    assert_eq!(normal_literal("a:b").as_deref(), Some("a:b"));
    for none in ["a?b", "a#b", "a%2Fb", "a%zz", "\\", "%FF"] {
        assert_eq!(normal_literal(none), None, "{none}");
    }
}

/// The normal form is a fixed point, and means the same characters.
fn holds(raw: &str) {
    let Ok(path) = NormalPath::new(raw) else { return };
    let text = path.as_str();
    assert_eq!(NormalPath::new(text).as_ref().map(NormalPath::as_str), Ok(text), "{raw}");
    let decode = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<_>>();
    assert_eq!(decode(text), decode(raw), "{raw}");
    assert_eq!(text.matches('/').count(), raw.matches('/').count(), "{raw}");
    assert!(!text.contains("//") && !text.to_ascii_lowercase().contains("%2f"), "{raw}");
}

#[test]
fn mutated_paths_never_panic_and_keep_their_meaning() {
    let mut random = Random::new(0x0DD_BA11);
    let seeds = [
        "/a/b/c",
        "/users/%7Bid%7D;v=1/x.json",
        "/%C3%A9/%25/..%2e/",
        "/a%2Fb//..;/%252e",
        "/.well-known/a:b@c",
    ];
    for _ in 0..100_000 {
        let mut bytes = seeds[random.below(seeds.len())].as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            random.mutate(&mut bytes);
        }
        holds(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_corpus_keeps_its_meaning() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/path");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        holds(&String::from_utf8_lossy(&bytes));
        read += 1;
    }
    assert!(read > 0);
}
