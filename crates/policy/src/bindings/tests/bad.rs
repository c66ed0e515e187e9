//! Faults of bindings files: the code, the line, and what the picture says.

use super::{WHOLE, read_text};

/// Text, code, line, and a part of the sentence or label.
pub(super) const CASES: &[(&str, &str, u32, &str)] = &[
    ("version: 1\noperations: [\n", "B4001", 2, "cannot be parsed"),
    ("version: 1\nversion: 1\noperations: {}\n", "B4001", 2, "repeated"),
    ("[]", "B4003", 1, "a mapping of keys"),
    ("version: 2\noperations: {}\n", "B4006", 1, "1 is the only version"),
    ("operations: {}\n", "B4004", 1, "has no `version`"),
    ("version: 1\n", "B4004", 1, "has no `operations`"),
    ("version: 1\noperation: {}\noperations: {}\n", "B4002", 2, "did you mean `operations`?"),
    ("version: 1\ntenants: clam\noperations: {}\n", "B4005", 2, "did you mean `claim`?"),
    ("version: 1\noperations: []\n", "B4003", 2, "by the id of an operation"),
    ("version: 1\noperations:\n  a: { class: user, colour: red }\n", "B4002", 3, "has no key `colour`"),
    ("version: 1\noperations:\n  a: { acton: read }\n", "B4002", 3, "did you mean `action`?"),
    ("version: 1\noperations:\n  a: { action: reed }\n", "B4005", 3, "did you mean `read`?"),
    ("version: 1\noperations:\n  a: { deny: maybe }\n", "B4003", 3, "`true` or `false`"),
    ("version: 1\noperations:\n  a: { object: Order }\n", "B4003", 3, "an object is a mapping"),
    ("version: 1\noperations:\n  a:\n    object: { type: Order }\n", "B4004", 4, "has no `id`"),
    (
        "version: 1\noperations:\n  a: { object: { type: O, id: pth.x } }\n",
        "B4005",
        3,
        "did you mean `path`?",
    ),
    (
        "version: 1\noperations:\n  a: { object: { type: O, id: order_id } }\n",
        "B4005",
        3,
        "it begins with `path.`",
    ),
    (
        "version: 1\noperations:\n  a: { object: { type: O, id: \"body.$.a[0]\" } }\n",
        "B4005",
        3,
        "after `body.`",
    ),
    ("version: 1\noperations:\n  a: { evidence: [produces] }\n", "B4005", 3, "did you mean `producer`?"),
    ("version: 1\noperations:\n  a: { evidence: [{ claim: $.a..b }] }\n", "B4005", 3, "it is no path"),
    (
        "version: 1\nprincipals: { roles: \"$.realm.roles[*]\" }\noperations: {}\n",
        "B4005",
        2,
        "names one of them",
    ),
    ("version: 1\noperations:\n  a: { evidence: [{}] }\n", "B4007", 3, "none of them"),
    (
        "version: 1\noperations:\n  a: { evidence: [{ claim: sub, related: { type: O, id: path.o } }] }\n",
        "B4007",
        3,
        "several of them",
    ),
    (
        "version: 1\noperations:\n  a: { preset: { user: { principal: me } } }\n",
        "B4005",
        3,
        "one of subject, tenant",
    ),
    ("version: 1\noperations:\n  a: { preset: { user: {} } }\n", "B4007", 3, "exactly one of"),
    ("version: 1\noperations:\n  a: { assurance: { max_age: 5m } }\n", "B4005", 3, "a duration reads"),
    ("version: 1\noperations:\n  a: { shows: [{ at: $ }] }\n", "B4004", 3, "has no `type`"),
    ("version: 1\noperations:\n  a: { list: { type: O, items: \"$.a[1]\" } }\n", "B4005", 3, "it is no path"),
    ("version: 1\noperations:\n  a: { list: { type: O, overfetch: {} } }\n", "B4007", 3, "how further pages"),
    (
        "version: 1\noperations:\n  a: { object: { type: O, id: path.o }, objects: [] }\n",
        "B4007",
        3,
        "the same thing twice",
    ),
    ("version: 1\nresources: { O: {} }\noperations: {}\n", "B4004", 2, "the tenant of O"),
    (
        "version: 1\ntenants: single\nresources: { O: { owner: { from: producer } } }\noperations: {}\n",
        "B4007",
        3,
        "known from producers and has none",
    ),
    (
        "version: 1\ntenants: single\nresources:\n  O:\n    producers:\n      - { operation: a, cache: 2min }\noperations: {}\n",
        "B4005",
        6,
        "60000 ms",
    ),
    (
        "version: 1\ntenants: single\nresources:\n  O:\n    producers:\n      - { operation: a, page: { cursor: c } }\noperations: {}\n",
        "B4007",
        6,
        "where the next one stands",
    ),
    (
        "version: 1\ntenants: single\nresources:\n  O:\n    producers:\n      - { operation: a, page: { limit: l } }\noperations: {}\n",
        "B4007",
        6,
        "exactly one of",
    ),
    (
        "version: 1\ntenants: single\nresources: { O: { resolver: {} } }\noperations: {}\n",
        "B4004",
        3,
        "a resolver has no",
    ),
    (
        "version: 1\ntenants: single\nresources: { O: { owner: { property: $.a, from: none } } }\noperations: {}\n",
        "B4007",
        3,
        "several of them",
    ),
    ("version: 1\noperations: {}\nproperties: { O: { reed: {} } }\n", "B4002", 3, "did you mean `read`?"),
    ("version: 1\noperations: {}\nproperties: { O: { read: [a] } }\n", "B4003", 3, "`read` is a mapping"),
    (
        "version: 1\noperations: {}\nprincipals: { whoami: { subject: $.id } }\n",
        "B4004",
        3,
        "has no `operation`",
    ),
];

#[test]
fn every_fault_is_told_where_it_stands() {
    for (text, code, line, said) in CASES {
        let (_, findings) = read_text(text);
        let one = findings.iter().find(|finding| finding.code == *code);
        let one = one.unwrap_or_else(|| panic!("no {code}: {text}\n{findings:#?}"));
        assert!(one.is_error(), "{text}");
        assert_eq!(
            one.place.as_ref().map(|place| (&*place.file, place.line)),
            Some(("bindings.yaml", *line)),
            "{text}"
        );
        let told = format!("{} {}", one.sentence, one.label);
        assert!(told.contains(said), "{text}\n{told}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let text =
        WHOLE.replace("whoami:", "whoim:").replace("action: list", "action: lst").replace("$.user_id", "$..");
    let (bindings, findings) = read_text(&text);
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["B4002", "B4005", "B4005"], "{findings:#?}");
    // For finding more faults, never to be served.
    assert!(bindings.is_some());
}
