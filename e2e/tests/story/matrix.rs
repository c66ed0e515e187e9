//! The matrix of principals, objects, operations and properties: the application that checks nothing, behind the
//! gateway, answers and does what its hardened twin does.

use std::collections::BTreeSet;

use victim::Stage;
use victim::matrix::{self, Verdict};

#[test]
fn each_hole_of_the_weak_twin_is_open_and_the_hardened_twin_is_what_the_rule_says() {
    let stage = Stage::set(&e2e::folder("matrix-bare"), 0).unwrap();
    let mut open = BTreeSet::new();
    let mut patterns = BTreeSet::new();
    let mut wrong = Vec::new();
    for cell in matrix::cells() {
        let expected = matrix::rule::expected(&cell);
        let weak = matrix::run(&stage, stage.weak.address, &stage.weak.app, &cell).unwrap();
        let hardened = matrix::run(&stage, stage.hardened.address, &stage.hardened.app, &cell).unwrap();
        let row = matrix::Row { cell, expected, gateway: hardened.clone(), weak, hardened };
        patterns.insert(row.cell.operation.pattern);
        if !row.hole().is_empty() {
            open.insert(row.cell.operation.pattern);
        }
        if !row.misjudged().is_empty() {
            wrong.push(format!("{}: {}", row.cell.about(), row.misjudged()));
        }
        // What is refused changes nothing.
        let is_refused = !matches!(expected, Verdict::Allowed);
        assert!(!is_refused || row.hardened.changed.is_none(), "{}", row.cell.about());
    }
    assert!(wrong.is_empty(), "the hardened twin is the reference, and wrong:\n{}", wrong.join("\n"));
    patterns.remove("");
    open.remove("");
    assert!(patterns.len() >= 20, "{patterns:?}");
    assert_eq!(open, patterns, "what is not open cannot be shown to be closed");
}

#[test]
fn the_weak_twin_behind_the_gateway_equals_the_hardened_one_in_every_cell() {
    let report = matrix::report(&e2e::program(), &e2e::folder("matrix")).unwrap();
    eprintln!("{report}");
    assert!(report.rows.len() > 1000);
    assert!(report.rows.iter().filter(|row| row.expected == Verdict::Allowed).count() > 200);
    assert!(report.holds(), "{} cells are wrong", report.faults().len());
    let told = report.tells_missing_from_denied();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// A file by name.
struct Written;

impl openapi::Files for Written {
    fn read(&self, _: &str) -> Result<bytes::Bytes, String> {
        Ok(bytes::Bytes::from_static(victim::DESCRIPTION.as_bytes()))
    }
}

#[test]
fn description_bindings_and_policies_of_the_application_fit_each_other() {
    let (description, _) = openapi::load("openapi.yaml", &[], &Written);
    let description = description.unwrap();
    let text = bytes::Bytes::from_static(victim::BINDINGS.as_bytes());
    let (bindings, findings) = policy::bindings::read("bindings.yaml", text);
    assert!(findings.is_empty(), "{findings:#?}");
    let bindings = bindings.unwrap();
    let policies = [("policies.cedar".into(), bytes::Bytes::from_static(victim::POLICIES.as_bytes()))];
    let (decider, findings) = policy::cedar::build(&bindings, &description, &policies);
    assert!(decider.is_some() && findings.is_empty(), "{findings:#?}");
    let (authorization, findings) = policy::compile(bindings, &description, decider);
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(authorization.is_some() && errors.is_empty(), "{errors:#?}");
    for operation in &description.operations {
        let bound = authorization.as_ref().and_then(|whole| whole.plan(&operation.id));
        assert!(bound.is_some(), "{} is bound", operation.id);
    }
}
