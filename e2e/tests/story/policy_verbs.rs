//! `bartizan policy check|test|prove|infer`: the verbs as people run them.

use std::path::{Path, PathBuf};
use std::process::Output;

use e2e::verb_in;
use serde_json::Value;

use crate::ledger::{BINDINGS, NOTES, write};

const POLICIES: &str = r#"@id("guard of people") forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };
@id("guard of clients") forbid (principal is Client, action, resource) unless { resource.tenant == principal.tenant };
@id("own") permit (principal is User, action, resource) when { resource has owner && resource.owner == principal.subject };
@id("no object") permit (principal is User, action, resource is Api);
"#;

const TABLE: &str = r#"version: 1
cases:
  - { name: own, principal: { subject: ann, tenant: single }, operation: getNote, object: { type: Note, id: "1", tenant: single, owner: ann }, expect: allow, by: own }
  - { name: another's, principal: { subject: bob, tenant: single }, operation: getNote, object: { type: Note, id: "1", tenant: single, owner: ann }, expect: deny }
  - { name: a client of that name, principal: { type: client, subject: ann, tenant: single }, operation: getNote, object: { type: Note, id: "1", tenant: single, owner: ann }, expect: deny }
"#;

fn folder(story: &str) -> PathBuf {
    let folder = e2e::folder(story);
    write(&folder, "notes.yaml", NOTES);
    write(&folder, "bindings.yaml", BINDINGS);
    write(&folder, "policies.cedar", POLICIES);
    write(&folder, "table.yaml", TABLE);
    write(
        &folder,
        "bartizan.yaml",
        "version: 1\nlisten: 127.0.0.1:0\nstate_dir: state\napis:\n  notes:\n    spec: notes.yaml\n    upstream: \
         http://127.0.0.1:9\n    authorization: { bindings: bindings.yaml, policies: [policies.cedar] }\nauth:\n  \
         bearerAuth: { issuer: \"https://login.example/\", audience: notes }\n",
    );
    folder
}

fn policy(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, Output) {
    let arguments: Vec<&str> = std::iter::once("policy").chain(arguments.iter().copied()).collect();
    let output = verb_in(folder, &arguments);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said, output)
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stdout)))
}

#[test]
fn check_tells_good_sets_from_bad_ones() {
    let folder = folder("policy-check");
    let (code, said, _) = policy(&folder, &["check"]);
    assert_eq!(code, Some(0), "{said}");
    write(&folder, "misspelt.cedar", &POLICIES.replace("resource.owner ==", "resource.ownr =="));
    write(&folder, "open.cedar", POLICIES.split_once('\n').unwrap().1);
    for (file, found) in [("misspelt.cedar", "B4102"), ("open.cedar", "B4103")] {
        let (code, said, _) = policy(&folder, &["check", file]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(found) && said.contains(file), "{said}");
        let (_, _, output) = policy(&folder, &["check", file, "--json"]);
        assert!(document(&output).to_string().contains(found));
    }
    // What the bindings say is judged as well.
    write(&folder, "bindings.yaml", &BINDINGS.replace("{ property: $.owner }", "{ from: principal }"));
    let (code, said, _) = policy(&folder, &["check"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("B4024") && said.contains("per_caller"), "{said}");
}

#[test]
fn test_runs_a_table_and_ends_with_one_where_a_decision_differs() {
    let folder = folder("policy-test");
    let (code, said, _) = policy(&folder, &["test", "table.yaml"]);
    assert_eq!((code, said.contains("3 cases, 0 not as expected")), (Some(0), true), "{said}");
    write(&folder, "wrong.yaml", &TABLE.replacen("expect: deny", "expect: allow", 1));
    let (code, said, _) = policy(&folder, &["test", "wrong.yaml"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("B4111") && said.contains("another's") && said.contains("would"), "{said}");
    let (_, _, output) = policy(&folder, &["test", "wrong.yaml", "--json"]);
    let cases = document(&output)["cases"].as_array().cloned().unwrap();
    let met: Vec<_> = cases.iter().map(|case| case["met"].as_bool().unwrap()).collect();
    assert_eq!(met, [true, false, true]);
}

#[test]
fn prove_says_who_crosses_tenants_where_the_guard_is_missing() {
    let folder = folder("policy-prove");
    let (code, said, _) = policy(&folder, &["prove"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("tenants are isolated") && said.contains("guard of clients"), "{said}");
    let (_, _, output) = policy(&folder, &["prove", "--json"]);
    let proved = document(&output);
    assert_eq!(
        (&proved["isolated"], &proved["apis"][0]["isolated"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    write(&folder, "policies.cedar", POLICIES.split_once('\n').unwrap().1);
    let (code, said, _) = policy(&folder, &["prove"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("keeps a `User` within its tenant"), "{said}");
    let (code, _, output) = policy(&folder, &["prove", "--json"]);
    let found = document(&output);
    assert_eq!((code, &found["isolated"]), (Some(1), &Value::Bool(false)), "{found}");
    assert!(found["findings"][0]["sentence"].as_str().unwrap().contains("for example"), "{found}");
}

#[test]
fn infer_proposes_what_check_accepts() {
    let folder = folder("policy-infer");
    let (code, said, output) = policy(&folder, &["infer", "notes.yaml"]);
    assert_eq!(code, Some(0), "{said}");
    let proposed = String::from_utf8(output.stdout).unwrap();
    assert!(proposed.contains("property: $.owner") && proposed.contains("operation: getNote"), "{proposed}");
    write(&folder, "bindings.yaml", &proposed);
    let (code, said, _) = policy(&folder, &["check"]);
    assert_eq!(code, Some(0), "{proposed}\n{said}");
}

#[test]
fn the_reference_of_the_bindings_file_is_what_the_program_prints() {
    let folder = e2e::folder("schema-bindings");
    let printed = verb_in(&folder, &["schema", "bindings"]).stdout;
    let page = e2e::root().join("docs/reference/bindings.schema.json");
    assert_eq!(String::from_utf8(printed).unwrap(), std::fs::read_to_string(page).unwrap());
}

#[test]
fn the_demo_of_authorization_prints_a_matrix_without_a_leak() {
    let folder = e2e::folder("demo-authorization");
    let output = verb_in(&folder, &["demo", "--authorization", "--exit", "--json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stdout));
    let report = document(&output);
    assert_eq!(report["holds"], Value::Bool(true));
    let rows = report["rows"].as_array().unwrap();
    let holes = rows.iter().filter(|row| row["hole"] != "").count();
    assert!(rows.len() > 100 && holes > 10, "{} cells, {holes} holes of the bare service", rows.len());
    assert!(rows.iter().all(|row| row["fault"] == ""));
}
