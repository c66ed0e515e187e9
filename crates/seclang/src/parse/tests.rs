//! What the parser takes apart, and where it stops.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::actions::actions;
use super::operator::operator;
use super::targets::{WrittenSelector, targets};
use super::{Text, parse};
use crate::faults::Faults;
use crate::trial::told;

fn text(written: &str) -> Text {
    let mut text = Text::default();
    text.push(written, 1, 1);
    text
}

fn words(source: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let mut faults = Faults::default();
    faults.enter("a.conf");
    let directives = parse(source, &mut faults);
    let words = directives.iter().map(|directive| {
        let all = std::iter::once(&directive.name).chain(&directive.arguments);
        all.map(|word| word.as_str().to_owned()).collect()
    });
    (words.collect(), told(&faults.into_findings()))
}

#[test]
fn joins_lines_that_end_in_a_backslash_and_leaves_comments_out() {
    let (words, faults) =
        words("# SecRule ARGS \\\nSecRule ARGS \\\n  \"@rx a b\" \\\r\n  'id:1'\n\n   # x\n");
    assert_eq!(words, [["SecRule", "ARGS", "@rx a b", "id:1"]]);
    assert!(faults.is_empty());
}

#[test]
fn takes_the_backslash_from_an_escaped_quote_and_from_nothing_else() {
    let (words, _) = words(r#"SecRule ARGS "@rx \"\s\\d" "#);
    assert_eq!(words[0][2], r#"@rx "\s\\d"#);
}

#[test]
fn tells_every_line_that_cannot_be_read_with_its_place() {
    let (words, faults) = words("SecAction \"id:1\nSecMarker ok\nSecRule ARGS \"a\"b\n");
    assert_eq!(words, [["SecMarker", "ok"]]);
    assert_eq!(
        faults,
        [
            "B5001 a.conf:1:11 the quote \" is not closed",
            "B5001 a.conf:3:17 text follows the closing quote \""
        ]
    );
}

#[test]
fn knows_the_place_of_what_stands_on_a_continued_line() {
    let mut faults = Faults::default();
    let directives = parse("SecAction \"id:1,\\\n   phase:2\"", &mut faults);
    let found = actions(&directives[0].arguments[0]).unwrap();
    assert_eq!(found[1].name.position(0), (2, 4));
}

#[test]
fn splits_targets_outside_of_patterns_and_quotes() {
    let found =
        targets(&text(r"ARGS|!ARGS:a.b|&TX:/x|y\/z/|XML://@*|ARGS:'/q r/'|REQUEST_HEADERS:User-Agent"))
            .unwrap();
    let shown: Vec<String> = found
        .iter()
        .map(|target| {
            let selector = match &target.selector {
                None => String::new(),
                Some(WrittenSelector::Key(key)) => format!(" key {}", key.as_str()),
                Some(WrittenSelector::Pattern(pattern)) => format!(" pattern {}", pattern.as_str()),
                Some(WrittenSelector::Path(path)) => format!(" path {}", path.as_str()),
            };
            format!(
                "{}{}{}{selector}",
                u8::from(target.excluded),
                u8::from(target.counted),
                target.name.as_str()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "00ARGS",
            "10ARGS key a.b",
            r"01TX pattern x|y\/z",
            "00XML path //@*",
            "00ARGS pattern q r",
            "00REQUEST_HEADERS key User-Agent"
        ]
    );
}

#[test]
fn refuses_targets_that_are_cut_short() {
    for bad in ["", "ARGS|", "ARGS:", "ARGS:/a", "ARGS:'a", "ARGS a"] {
        assert!(targets(&text(bad)).is_err(), "{bad}");
    }
}

#[test]
fn reads_actions_with_quotes_and_commas() {
    let found = actions(&text(r"id:'1', msg:'a, \'b\'',chain,setvar:tx.x='1, 2',t:none")).unwrap();
    let shown: Vec<(&str, Option<&str>)> = found
        .iter()
        .map(|action| (action.name.as_str(), action.argument.as_ref().map(Text::as_str)))
        .collect();
    assert_eq!(
        shown,
        [
            ("id", Some("1")),
            ("msg", Some("a, 'b'")),
            ("chain", None),
            ("setvar", Some("tx.x=1, 2")),
            ("t", Some("none"))
        ]
    );
}

#[test]
fn refuses_actions_that_are_cut_short() {
    for bad in ["msg:'a", "msg:'a' b", ",id:1", "setvar:tx.a='b"] {
        assert!(actions(&text(bad)).is_err(), "{bad}");
    }
}

#[test]
fn reads_operators_with_and_without_names() {
    let shown = |written: &str| {
        let found = operator(&text(written));
        (found.negated, found.name.as_str().to_owned(), found.argument.as_str().to_owned())
    };
    assert_eq!(shown("!@streq  a b "), (true, "streq".to_owned(), "a b".to_owned()));
    assert_eq!(shown("^a @b"), (false, String::new(), "^a @b".to_owned()));
    assert_eq!(shown("! @eq 0"), (true, "eq".to_owned(), "0".to_owned()));
    assert_eq!(shown("@detectXSS"), (false, "detectXSS".to_owned(), String::new()));
}
