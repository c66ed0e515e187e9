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
