#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use model::{Finding, Place};
use serde_json::Value;

use super::{Format, Style, at_start, findings, tally};
use crate::Sources;

fn example() -> (Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    sources.insert("a b.yaml", "first: 1\nsecond: \u{1b}[2J é x\n".into());
    let at = |line, column, length| Place { file: "a b.yaml".into(), line, column, length };
    let finding = Finding::error("B2005", "100% wrong")
        .at(at(2, 15, 1), "é, here")
        .related(at(1, 1, 5), "because of this")
        .advice("mend it");
    (vec![finding, Finding::warning("B9999", "no place")], sources)
}

#[test]
fn a_picture_marks_the_characters_and_shows_no_escape_sequences_of_the_file() {
    let (list, sources) = example();
    let expected = "\
error[B2005]: 100% wrong
  a b.yaml:2:15
2 | second:  [2J é x
  |               ^ é, here
  a b.yaml:1:1
1 | first: 1
  | ----- because of this
 = help: mend it

warning[B9999]: no place
";
    assert_eq!(findings(&list, &sources, Format::Text(Style::Plain)), expected);
    assert!(findings(&list, &sources, Format::Text(Style::Colour)).contains("\u{1b}[1;31merror[B2005]"));
}

#[test]
fn a_long_line_is_cut_around_the_mark() {
    let mut sources = Sources::default();
    sources.insert("long", format!("{}MARK{}", "a".repeat(5000), "b".repeat(5000)).into());
    let place = Place { file: "long".into(), line: 1, column: 5001, length: 4 };
    let text =
        findings(&[Finding::error("B2005", "x").at(place, "here")], &sources, Format::Text(Style::Plain));
    assert!(text.lines().all(|line| line.len() < 200), "{text}");
    let lines: Vec<_> = text.lines().collect();
    let marked = lines[2].find("MARK").unwrap();
    assert_eq!(lines[3].find("^^^^ here"), Some(marked));
}

#[test]
fn json_is_versioned_and_counts() {
    let (list, sources) = example();
    let document: Value = serde_json::from_str(&findings(&list, &sources, Format::Json)).unwrap();
    assert_eq!(
        (&document["version"], &document["errors"], &document["warnings"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(document["findings"][0]["place"]["line"], 2);
}

#[test]
fn sarif_has_rules_places_and_related_places() {
    let (list, sources) = example();
    let document: Value = serde_json::from_str(&findings(&list, &sources, Format::Sarif)).unwrap();
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "B2005");
    let result = &run["results"][0];
    assert_eq!((&result["level"], &result["ruleIndex"]), (&"error".into(), &0.into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.yaml");
    assert_eq!((&place["region"]["startLine"], &place["region"]["endColumn"]), (&2.into(), &16.into()));
    assert_eq!(result["relatedLocations"][0]["message"]["text"], "because of this");
    assert_eq!(run["results"][1]["locations"], serde_json::json!([]));
}

#[test]
fn workflow_commands_are_escaped() {
    let (list, sources) = example();
    let text = findings(&list, &sources, Format::Github);
    let expected = "::error file=a b.yaml,line=2,col=15,endColumn=16,title=B2005::100%25 wrong%0Aé, here%0Amend it\n\
                    ::warning title=B9999::no place\n";
    assert_eq!(text, expected);
}

#[test]
fn the_tally_counts_by_severity() {
    assert_eq!(tally(&example().0), "1 error, 1 warning");
    assert_eq!(tally(&[]), "");
}

#[test]
fn a_start_counts_notes_and_shows_the_rest() {
    let (mut list, sources) = example();
    let shown = findings(&list, &sources, Format::Text(Style::Plain));
    assert_eq!(at_start(&list, &sources, Style::Plain), shown);
    for _ in 0..4 {
        list.insert(0, Finding::note("B3113", "only noted"));
    }
    let expected = format!("{shown}4 notes; `bartizan check` shows them\n");
    assert_eq!(at_start(&list, &sources, Style::Plain), expected);
}
