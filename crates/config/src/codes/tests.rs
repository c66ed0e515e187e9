use std::collections::BTreeSet;

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
