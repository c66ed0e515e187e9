#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use super::{Outcome, read};
use crate::cedar::tests::{bound, description};

fn outcomes(cases: &str) -> Vec<Outcome> {
    let text = format!("version: 1\ncases:\n{cases}");
    let (table, findings) = read("table.yaml", Bytes::from(text));
    let table = table.unwrap_or_else(|| panic!("{findings:#?}"));
    let (decider, _) = crate::cedar::build(&bound(), &description(), &[]);
    let authorization = crate::compile(bound(), &description(), decider).0.unwrap();
    table.cases.iter().map(|case| case.run(&authorization)).collect()
}

#[test]
fn a_case_is_met_when_verdict_and_policy_are_as_expected() {
    let outcomes = outcomes(
        r#"
- { name: owner, principal: { subject: ann, tenant: acme }, operation: getOrder,
    object: { type: Order, id: 7, tenant: acme, owner: ann }, expect: allow, by: owner }
- { name: thief, principal: { subject: bob, tenant: acme }, operation: getOrder,
    object: { type: Order, id: 7, tenant: acme, owner: ann }, expect: deny }
- { name: guard, principal: { subject: ann, tenant: evil }, operation: getOrder,
    object: { type: Order, id: 7, tenant: acme, owner: ann }, expect: deny, by: tenant-guard-user }
- { name: role, principal: { subject: ann, tenant: acme }, operation: delete,
    object: { type: Order, id: 7, tenant: acme, owner: ann }, expect: deny }
- { name: nobody, operation: health, expect: allow }
- { name: unbound, operation: unbound, expect: deny }
"#,
    );
    for (index, outcome) in outcomes.iter().enumerate() {
        assert!(outcome.met, "case {index}: {:?}", outcome.lines());
    }
    assert_eq!(outcomes[3].lines(), ["refused: the caller holds none of the roles"]);
}

#[test]
fn another_verdict_or_another_policy_is_not_met() {
    let outcomes = outcomes(
        r#"
- { name: thief, principal: { subject: bob, tenant: acme }, operation: getOrder,
    object: { type: Order, id: 7, tenant: acme, owner: ann }, expect: allow }
- { name: by, principal: { subject: ann, tenant: acme }, operation: getOrder,
    object: { type: Order, id: 7, tenant: acme, owner: ann }, expect: allow, by: class }
"#,
    );
    assert!(outcomes.iter().all(|outcome| !outcome.met));
    assert!(
        outcomes[0].lines().iter().any(|line| line == "would be allowed if the principal owned the object")
    );
}

#[test]
fn what_is_wrong_in_a_table_is_told_where_it_stands() {
    let text = "version: 2\ncases:\n- { name: a, operation: x, expect: maybe }\n- { nmae: b, operation: y, expect: deny }\n";
    let (table, findings) = read("table.yaml", Bytes::from(text));
    assert!(table.is_none());
    let told: Vec<(u32, &str)> =
        findings.iter().map(|finding| (finding.place.as_ref().unwrap().line, &*finding.sentence)).collect();
    assert_eq!(
        told,
        [
            (1, "`version` is 1"),
            (3, "`expect` is `allow` or `deny`"),
            (4, "a case has no key `nmae`"),
            (4, "`name` is missing"),
        ]
    );
    assert_eq!(findings[2].advice.as_deref(), Some("did you mean `name`?"));
    assert!(read("table.yaml", Bytes::from_static(b"[")).0.is_none());
}
