#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{ALL, explain};

#[test]
fn codes_are_unique_ascending_and_well_formed() {
    for pair in ALL.windows(2) {
        let [one, two] = pair else { continue };
        assert!(one.code < two.code, "{} before {}", one.code, two.code);
    }
    for entry in ALL {
        assert!(entry.code.len() == 5 && entry.code.starts_with('B'), "{}", entry.code);
        assert!(entry.text.ends_with('.') && entry.text.matches(". ").count() >= 1, "{}", entry.code);
        assert!(!entry.title.ends_with('.'), "{}", entry.code);
    }
}

#[test]
fn explains_a_code_and_not_an_unknown_one() {
    assert_eq!(explain("B2103").map(|entry| entry.code), Some("B2103"));
    assert_eq!(explain("B9999"), None);
}

#[test]
fn every_code_that_this_crate_uses_is_explained() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let code = regex::Regex::new("\"(B[0-9]{4})\"").expect("a pattern");
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a text");
            // The tests ask for a code that does not exist.
            for code in
                code.captures_iter(&text).map(|captures| captures[1].to_owned()).filter(|c| c != "B9999")
            {
                found += 1;
                assert!(explain(&code).is_some(), "{code} of {}", path.display());
            }
        }
    }
    assert!(found > ALL.len());
}
