//! One fixture a check: what it refuses, an attack, an honest request, and the outcome with the check and without it.
//!
//! `fixtures/NAME.md` reads as a specification; see `fixtures/README.md` beside them for what may stand in one. Every
//! case runs through the whole gateway over loopback, with a service behind it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod format;
mod observed;
mod placeholders;
mod play;
mod service;
pub(crate) mod stage;
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use format::{Case, Fixture, Misread};
use observed::Played;
use play::Theatre;

use crate::check::Kind;
use crate::checks;

/// What is wrong with a fixture, or with what it says.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    file: String,
    line: usize,
    sentence: String,
    /// Whether `UPDATE=1` makes it good.
    rewritten: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.sentence)
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The names of the files, without README.
fn names() -> BTreeSet<String> {
    let files = std::fs::read_dir(directory()).expect("the directory of fixtures");
    let stems =
        files.filter_map(|file| file.unwrap().file_name().to_str()?.strip_suffix(".md").map(str::to_owned));
    stems.filter(|stem| stem != "README").collect()
}

#[test]
fn every_check_has_a_fixture_and_every_fixture_a_check() {
    let checks: BTreeSet<String> = checks::ALL.iter().map(|kind| kind.about().name.to_owned()).collect();
    let fixtures = names();
    let without_fixture: Vec<_> = checks.difference(&fixtures).collect();
    let without_check: Vec<_> = fixtures.difference(&checks).collect();
    assert!(without_fixture.is_empty(), "checks without a fixture: {without_fixture:?}");
    assert!(without_check.is_empty(), "fixtures without a check: {without_check:?}");
}

#[tokio::test]
async fn every_check_does_what_its_fixture_says() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let theatre = Theatre::new();
    let mut faults = Vec::new();
    for kind in checks::ALL {
        let name = kind.about().name;
        let path = directory().join(format!("{name}.md"));
        // A missing file is the other test's to say.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let (written, mut found) = run(&theatre, &text, *kind).await;
        found.retain(|fault| !(update && fault.rewritten));
        faults.append(&mut found);
        if update && written != text {
            std::fs::write(&path, written).unwrap();
            eprintln!("rewritten: {}", path.display());
        }
    }
    let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert!(faults.is_empty(), "\n{}\n(UPDATE=1 rewrites expected outcomes)", faults.join("\n"));
}

/// Runs one fixture; gives back its text with the outcomes as they were.
async fn run(theatre: &Theatre, text: &str, kind: &'static dyn Kind) -> (String, Vec<Fault>) {
    let name = kind.about().name;
    let file = format!("fixtures/{name}.md");
    let at = |(line, sentence)| Fault { file: file.clone(), line, sentence, rewritten: false };
    let fixture = match Fixture::parse(name, text) {
        Ok(fixture) => fixture,
        Err(misread) => return (text.to_owned(), vec![at(misread)]),
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut faults = Vec::new();
    for case in &fixture.cases {
        match theatre.play(&fixture, case, name).await {
            Ok(played) => {
                let differ = compare(case, &played, &mut lines);
                faults.extend(differ.into_iter().map(|misread| Fault { rewritten: true, ..at(misread) }));
                faults.extend(judge(case, &played).map(&at));
            }
            Err(misread) => faults.push(at(misread)),
        }
    }
    (lines.join("\n") + "\n", faults)
}

/// Compares what is expected with what was seen, and puts the latter into the fixture's lines.
fn compare(case: &Case, played: &Played, lines: &mut [String]) -> Vec<Misread> {
    let mut faults = Vec::new();
    for expected in &case.expected {
        let seen = expected.rewritten(played);
        if seen != expected.text {
            faults.push((expected.line, format!("expected `{}`, but it is `{seen}`", expected.text)));
            lines[expected.line - 1] = seen;
        }
    }
    faults
}

/// What no expectation can make good: an attack to which the check makes no difference, an honest request refused.
fn judge(case: &Case, played: &Played) -> Option<Misread> {
    if case.hostile && played.on.ends_like(&played.off) {
        return Some((case.line, format!("`{}` ends the same with the check and without it", case.title)));
    }
    if !case.hostile && played.on.code.is_some() {
        let answer = played.on.answer();
        return Some((case.line, format!("`{}` is honest and is refused: {answer}", case.title)));
    }
    None
}
