#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{all, explain};

#[test]
fn codes_are_unique_and_each_says_what_to_do() {
    let mut seen = BTreeSet::new();
    for entry in all() {
        assert!(seen.insert(entry.code), "{} is there twice", entry.code);
        assert!(entry.code.len() == 5 && entry.code.starts_with('B'), "{}", entry.code);
        assert!(entry.text.len() > 40 && entry.text.ends_with('.'), "{} is not explained", entry.code);
    }
    assert_eq!(explain("b2002").map(|entry| entry.code), Some("B2002"));
    assert_eq!(explain("B0000").map(|entry| entry.code), None);
}

#[test]
fn every_code_in_the_sources_is_explained() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut open: Vec<PathBuf> = ["config", "openapi", "policy", "gateway", "bartizan"]
        .map(|room| rooms.join(room).join("src"))
        .into();
    let mut codes = BTreeSet::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // Tests ask for codes that do not exist.
            if path.file_name().is_some_and(|name| name == "tests" || name == "tests.rs") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                codes.extend(mentioned(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(codes.len() > 80, "only {} codes were found", codes.len());
    let silent: Vec<_> = codes.iter().filter(|code| explain(code).is_none()).collect();
    assert!(silent.is_empty(), "not explained: {silent:?}");
}

/// Every `B` with four digits that stands alone, in code or in words.
fn mentioned(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_code = |word: &&str| {
        word.strip_prefix('B').is_some_and(|rest| rest.len() == 4 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    words.filter(is_code).map(str::to_owned)
}
