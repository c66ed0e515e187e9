#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::split::Delimiter;
use super::text::{Plus, decode};
use super::{Undecodable, cookies, query};
use crate::parameter::Style;
use mutate::Random;

#[test]
fn decoding_is_strict() {
    assert_eq!(decode("a%20b+c", Plus::Space).as_deref(), Ok("a b c"));
    assert_eq!(decode("a%20b+c", Plus::Literal).as_deref(), Ok("a b+c"));
    assert_eq!(decode("%c3%A9", Plus::Literal).as_deref(), Ok("é"));
    // Once and not twice.
    assert_eq!(decode("%2541", Plus::Literal).as_deref(), Ok("%41"));
    for none in ["%", "%4", "%4g", "%+4", "%-1"] {
        assert_eq!(decode(none, Plus::Space), Err(Undecodable::Escape), "{none}");
    }
    for none in ["%C3", "%C0%80", "%ED%BF%BF"] {
        assert_eq!(decode(none, Plus::Space), Err(Undecodable::Utf8), "{none}");
    }
    for none in ["%00", "a%00b", "a\0"] {
        assert_eq!(decode(none, Plus::Space), Err(Undecodable::Nul), "{none}");
    }
}

#[test]
fn delimiters_split_where_they_are_not_escaped() {
    let split = |style, text: &'static str| Delimiter::of(style, false).split(text);
    assert_eq!(split(Style::Form, "a,b%2Cc,"), ["a", "b%2Cc", ""]);
    assert_eq!(split(Style::PipeDelimited, "a|b%7cc%7C"), ["a", "b", "c", ""]);
    assert_eq!(split(Style::SpaceDelimited, "a%20b+c"), ["a", "b", "c"]);
    assert_eq!(split(Style::TabDelimited, "a%09b"), ["a", "b"]);
    assert_eq!(split(Style::Form, ""), [""]);
    assert_eq!(split(Style::Form, "é,ü"), ["é", "ü"]);
}

#[test]
fn pairs_of_queries_and_cookies() {
    let pairs: Vec<_> =
        query("a=1&&b&=c&d=e=f&%61=2").map(|pair| pair.map(|pair| (pair.name, pair.raw))).collect();
    let pair = |name: &str, raw: &'static str| Ok((name.to_owned(), raw));
    assert_eq!(pairs, [pair("a", "1"), pair("b", ""), pair("", "c"), pair("d", "e=f"), pair("a", "2")]);
    let faults = |text| query(text).filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(
        faults("%=1&a%00=2&a=1;b=2&a;b&c=%3B"),
        [Undecodable::Escape, Undecodable::Nul, Undecodable::Semicolon, Undecodable::Semicolon]
    );
    let found: Vec<_> = cookies("a=1;b = 2 ; ;c;d=\"x=y\"").collect();
    assert_eq!(found, [("a", "1"), ("b", "2"), ("", "c"), ("d", "\"x=y\"")]);
}

#[test]
fn no_text_makes_decoding_panic() {
    let mut random = Random::new(0x7E57_AB1E);
    for _ in 0..50_000 {
        let mut bytes = b"a=%C3%A9&b[c]=1,2|3%20+%7C;d".to_vec();
        for _ in 0..random.below(6) {
            random.mutate(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let _ = query(&text).count() + cookies(&text).count();
        for style in [Style::Form, Style::PipeDelimited, Style::SpaceDelimited, Style::Label, Style::Matrix] {
            for explode in [true, false] {
                let parts = Delimiter::of(style, explode).split(&text);
                assert!(parts.iter().map(|part| part.len()).sum::<usize>() <= text.len());
            }
        }
    }
}
