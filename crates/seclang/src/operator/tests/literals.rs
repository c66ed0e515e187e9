//! The required words of expressions: those that are expected, and that no value matches without them.

use mutate::Random;

use super::super::{Captures, Literals, Operator};
use super::build;

#[track_caller]
fn check(pattern: &str, expected: &[&str]) {
    let literals = build("rx", pattern.as_bytes()).unwrap().literals();
    let mut words: Vec<String> = literals
        .map(|literals| literals.words.iter().map(|word| word.escape_ascii().to_string()).collect())
        .unwrap_or_default();
    words.sort();
    assert_eq!(words, expected, "{pattern}");
}

#[test]
fn a_word_is_required_as_it_stands_without_case() {
    check("Union", &["union"]);
    check("(?i)union", &["union"]);
    check(r"^\s*union\b", &["union"]);
}

#[test]
fn branches_require_one_of_their_words() {
    check("cat|dog", &["cat", "dog"]);
    check("(?:sel|ins)ect", &["insect", "select"]);
    check("cat|.*", &[]);
}

#[test]
fn the_rarest_part_of_a_sequence_is_chosen() {
    check(r"the\d+x-powered-by", &["x-powered-by"]);
    check(r"a+<script", &["<script"]);
    check(r"e?<[^>]*>", &["<"]);
}

#[test]
fn a_byte_of_every_part_is_needed() {
    let lacks = |pattern: &str, value: &str| {
        let operator = build("rx", pattern.as_bytes()).unwrap();
        let set = crate::ByteSet::of(value.as_bytes());
        operator.needs_each().iter().any(|needs| !needs.meets(&set))
    };
    assert!(lacks(r"(?i)create\s+function", "created-function"));
    assert!(!lacks(r"(?i)create\s+function", "CREATE FUNCTION"));
    assert!(lacks(r"(?:exec|system)\s*\(", "system"));
    assert!(!lacks(r"(?:exec|system)\s*\(", "exec("));
    assert!(lacks("<a|<b|#;", "ab"));
    assert!(!lacks("<a|<b|#;", "<b") && !lacks("<a|<b|#;", "#;"));
    assert!(!lacks(r"a(?:;b)?|[^x]", "c") && !lacks("^$", "") && !lacks("(?:;|)", ""));
}

#[test]
fn a_count_repeats_its_words() {
    check(r"(?:\.\./){2,}", &["../../"]);
    check("(?:ab)?", &[]);
    check("x{3}y", &["xxxy"]);
}

#[test]
fn a_word_that_another_is_part_of_says_nothing_more() {
    check("etc/passwd|etc/passwd-|passwd", &["passwd"]);
}

#[test]
fn what_requires_nothing_says_so() {
    check(r"^[^x]*$", &[]);
    check(".*", &[]);
    assert!(build("rx", b".*").unwrap().needs().is_all());
}

type Texts = Vec<Vec<u8>>;

/// The text of the Core Rule Set's rules, and values to try them on.
fn core_rules() -> Option<(Texts, Texts)> {
    let folder = crate::trial::crs_folder();
    let mut patterns = Vec::new();
    let rules = std::fs::read_dir(folder.join("rules")).ok()?;
    for file in rules.flatten().filter(|file| file.path().extension().is_some_and(|ext| ext == "conf")) {
        let text = std::fs::read_to_string(file.path()).ok()?;
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for rest in lines.filter_map(|line| line.split_once("@rx ").map(|(_, rest)| rest)) {
            let end = rest.rfind("\" \\").or_else(|| rest.rfind('"')).unwrap_or(rest.len());
            patterns.push(rest[..end].replace("\\\"", "\"").into_bytes());
        }
    }
    let mut values = Vec::new();
    let folders = std::fs::read_dir(folder.join("tests/regression/tests")).ok()?.flatten();
    for folder in folders.filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).ok()?.flatten() {
            let text = std::fs::read(file.path()).ok()?;
            values
                .extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).filter(|line| line.len() > 16));
        }
    }
    Some((patterns, values))
}

fn holds_one(literals: &Literals, value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    literals.words.iter().any(|word| memchr::memmem::find(&value, &word.to_ascii_lowercase()).is_some())
}

#[test]
fn no_value_matches_an_expression_of_the_core_rules_without_its_words() {
    let Some((patterns, values)) = core_rules() else {
        println!("skipped: the core rules are not there (CRS_DIR)");
        return;
    };
    let slow = std::env::var_os("SLOW").is_some();
    let mut random = Random::new(5);
    let mut operators: Vec<(Vec<u8>, Box<dyn Operator>)> = Vec::new();
    for pattern in patterns.into_iter().filter(|pattern| !pattern.windows(2).any(|pair| pair == b"%{")) {
        let operator =
            build("rx", &pattern).unwrap_or_else(|fault| panic!("{}: {fault}", pattern.escape_ascii()));
        operators.push((pattern, operator));
    }
    assert!(operators.len() > 250, "{} expressions", operators.len());
    let worded = operators.iter().filter(|(_, operator)| operator.literals().is_some()).count();
    println!("{worded} of {} expressions have words", operators.len());
    assert!(worded * 10 > operators.len() * 8, "{worded} of {} expressions have words", operators.len());
    let required: Vec<_> = operators
        .iter()
        .map(|(_, operator)| (operator.literals(), operator.needs(), operator.needs_each()))
        .collect();
    let mut matches = 0;
    let step = if slow { 1 } else { 149 };
    for value in values.iter().step_by(step) {
        let mut value = value.clone();
        for round in 0..3 {
            if round > 0 {
                random.mutate(&mut value);
            }
            let in_value = value.iter().fold(crate::ByteSet::NONE, |set, byte| set.with(*byte));
            for ((pattern, operator), (literals, needs, needs_each)) in operators.iter().zip(&required) {
                let allowed = literals.as_ref().is_none_or(|literals| holds_one(literals, &value));
                let has_each = needs_each.iter().all(|needs| needs.meets(&in_value));
                if allowed && has_each && (needs.is_all() || needs.meets(&in_value)) {
                    continue;
                }
                let matched = operator.matches(&value, None, &mut Captures::default());
                assert!(!matched, "`{}` matches {}", value.escape_ascii(), pattern.escape_ascii());
            }
            matches += 1;
        }
    }
    println!("{matches} values tried");
    assert!(matches > 1_000, "{matches} values");
}
