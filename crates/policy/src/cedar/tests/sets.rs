//! Sets of policies that are refused, and with which findings.

use super::{GUARD, codes, guarded, read};
use crate::codes::*;
use crate::decide::Decider;

fn refused(text: &str) -> Vec<model::Finding> {
    let (policies, findings) = read(text);
    assert!(policies.is_none(), "{findings:#?}");
    findings
}

#[test]
fn a_set_without_the_guard_is_refused_for_each_kind() {
    assert_eq!(codes(&refused("permit (principal, action, resource);")), [POLICY_GUARD, POLICY_GUARD]);
    let one = "forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };";
    assert_eq!(codes(&refused(one)), [POLICY_GUARD]);
}

#[test]
fn a_guard_with_an_exception_is_no_guard() {
    for exception in [
        r#"forbid (principal, action, resource) unless { resource.tenant == principal.tenant || principal.roles.contains("root") };"#,
        r#"forbid (principal, action, resource) when { context.hour_utc < 8 } unless { resource.tenant == principal.tenant };"#,
        r#"forbid (principal, action in Action::"write", resource) unless { resource.tenant == principal.tenant };"#,
        r#"forbid (principal, action, resource is Order) unless { resource.tenant == principal.tenant };"#,
        r#"forbid (principal == User::"ann", action, resource) unless { resource.tenant == principal.tenant };"#,
        r#"forbid (principal, action, resource) unless { resource.tenant == resource.tenant };"#,
        r#"permit (principal, action, resource) unless { resource.tenant == principal.tenant };"#,
        r#"forbid (principal, action, resource) when { resource.tenant == principal.tenant };"#,
        r#"forbid (principal, action, resource) unless { resource.tenant like "*" };"#,
    ] {
        let found = refused(exception);
        assert!(found.iter().any(|finding| finding.code == POLICY_GUARD), "{exception}: {found:#?}");
    }
}

#[test]
fn a_guard_of_an_equivalent_shape_counts() {
    for shape in [
        "forbid (principal, action, resource) unless { resource.tenant == principal.tenant };",
        "forbid (principal, action, resource) when { principal.tenant != resource.tenant };",
        "forbid (principal, action, resource) when { principal is User } unless { resource.tenant == principal.tenant };
         forbid (principal is Client, action, resource) when { !(resource.tenant == principal.tenant) };",
    ] {
        let (policies, findings) = read(shape);
        assert!(policies.is_some(), "{shape}: {findings:#?}");
    }
}

#[test]
fn what_is_not_cedar_is_marked_where_it_stands() {
    let found = refused("permit (principal, action, resource)\nwhen { principal. };\n");
    assert_eq!(codes(&found)[0], POLICY_SYNTAX);
    let place = found[0].place.as_ref().unwrap();
    assert_eq!((&*place.file, place.line, place.column), ("orders.cedar", 2, 19));
}

#[test]
fn a_misspelt_attribute_type_or_operation_is_marked_where_it_stands() {
    for (policy, marked) in [
        (r#"permit (principal, action, resource is Order) when { resource.stauts == "open" };"#, 54),
        (r#"permit (principal, action, resource is Ordre);"#, 40),
        (r#"permit (principal, action == Action::"getOdrer", resource);"#, 30),
    ] {
        let found = refused(&format!("{GUARD}{policy}"));
        assert_eq!(codes(&found)[0], POLICY_INVALID, "{policy}");
        let place = found[0].place.as_ref().unwrap();
        assert_eq!((place.line, place.column), (4, marked), "{policy}: {found:#?}");
    }
}

#[test]
fn an_optional_attribute_must_be_asked_for_first() {
    let found = refused(&format!(
        "{GUARD}permit (principal, action, resource is Order) when {{ resource.owner == principal.subject }};"
    ));
    assert_eq!(codes(&found)[0], POLICY_INVALID);
}

#[test]
fn a_policy_that_can_never_apply_is_told() {
    let (policies, findings) = read(&format!(
        "{GUARD}permit (principal, action, resource);
         permit (principal, action == Action::\"createOrder\", resource is UserObject);"
    ));
    assert!(policies.is_some());
    assert_eq!(codes(&findings), [POLICY_IDLE]);
}

#[test]
fn an_operation_that_nothing_permits_is_told() {
    let (policies, findings) = read(&format!(
        "{GUARD}permit (principal, action in [Action::\"read\", Action::\"create\", Action::\"class:admin\"], resource);
         permit (principal is User, action == Action::\"putOrder\", resource is Order);"
    ));
    assert!(policies.is_some());
    assert_eq!(codes(&findings), [POLICY_NOTHING_PERMITS]);
    assert_eq!(findings[0].sentence, "no policy permits listOrders");
}

#[test]
fn templates_and_double_names_are_refused() {
    let found = refused(&format!("{GUARD}permit (principal == ?principal, action, resource);"));
    assert_eq!(codes(&found), [POLICY_TEMPLATE]);
    let found = refused(&format!("{GUARD}@id(\"guard-user\") permit (principal, action, resource);"));
    assert_eq!(codes(&found), [POLICY_TWICE]);
}

#[test]
fn an_operation_sees_only_the_policies_that_can_concern_it() {
    let policies = guarded(
        r#"permit (principal, action == Action::"getOrder", resource);
           permit (principal, action in [Action::"write", Action::"class:admin"], resource);
           permit (principal, action, resource) when { action == Action::"listOrders" || action in Action::"create" };
           permit (principal, action, resource is UserObject);"#,
    );
    let count = |operation: &str| policies.slices.get(operation).unwrap().rules.len();
    // The guard's two, the one of all operations on users, and what names the operation.
    assert_eq!(count("getOrder"), 4);
    assert_eq!(count("putOrder"), 4);
    assert_eq!(count("delete"), 4);
    assert_eq!(count("listOrders"), 4);
    assert_eq!(count("getUser"), 3);
}

#[test]
fn an_operation_called_like_a_group_is_told_apart_from_it() {
    let policies = guarded(r#"permit (principal, action == Action::"operation:delete", resource);"#);
    assert_eq!(policies.slices.get("delete").unwrap().rules.len(), 3);
    assert_eq!(policies.slices.get("getOrder").unwrap().rules.len(), 2);
}

#[test]
fn attributes_that_an_operations_policies_look_at_are_asked_for() {
    let policies = guarded(
        r#"permit (principal, action == Action::"putOrder", resource is Order)
           when { resource has status && resource.status == "open" && principal.subject == "ann" };
           permit (principal, action in Action::"read", resource) when { resource has owner };"#,
    );
    let asked = |operation: &str| policies.asks_for(operation).iter().map(|name| &**name).collect::<Vec<_>>();
    assert_eq!(asked("putOrder"), ["status", "tenant"]);
    assert_eq!(asked("getOrder"), ["owner", "tenant"]);
    assert_eq!(asked("listOrders"), ["tenant"]);
    assert!(asked("unbound").is_empty());
}

#[test]
fn a_missing_guard_is_shown_by_an_example_that_crosses() {
    let found = refused(
        r#"permit (principal, action, resource is Order) when { principal.roles.contains("clerk") };"#,
    );
    assert_eq!(
        found[0].sentence,
        "no policy keeps a `User` within its tenant; for example, User `ann` of tenant `a` with the roles and scopes `clerk` may call createOrder on the Order of \
         tenant `b` that `ann` owns, permitted by `orders.cedar:1`"
    );
}

#[test]
fn isolation_names_the_guards_and_no_small_world_crosses() {
    let policies = guarded(
        r#"permit (principal, action, resource);
           permit (principal, action, resource is Order) when { resource has status && resource.status == "open" };"#,
    );
    let isolation = policies.isolation().unwrap();
    let ids: Vec<&str> = isolation.guards.iter().map(|(_, id, _)| &**id).collect();
    assert_eq!(ids, ["guard-user", "guard-client"]);
    assert!(isolation.crossing.is_none());
    assert!(isolation.questions > 50, "{}", isolation.questions);
    // Seven operations, two kinds of principal, two types and what has none.
    assert_eq!((isolation.guarded, isolation.unguarded), (42, Vec::new()));
}

/// What lets somebody cross, in a set that lacks the guard.
fn crossing(text: &str) -> crate::decide::Crossing {
    let (policies, findings) = crate::cedar::tests::unguarded(text);
    assert!(findings.iter().any(|finding| finding.code == POLICY_GUARD), "{findings:#?}");
    let isolation = policies.unwrap().isolation().unwrap();
    assert_eq!((isolation.guarded, isolation.unguarded.len()), (0, 7));
    isolation.crossing.unwrap()
}

#[test]
fn a_world_in_which_every_attribute_has_to_be_another_is_found() {
    for condition in [
        r#"resource has status && resource.status == "open" && resource has created_by && resource.created_by == "eve" && principal has department && principal.department == "ops""#,
        r#"context.method == "PATCH" && !context.written.contains("status") && context.written.contains("note")"#,
        r#"principal has auth_age_s && principal.auth_age_s < 77 && principal.auth_age_s > 75"#,
        r#"principal.roles.contains("clerk") && !principal.scopes.contains("clerk")"#,
        r#"context.now_s > 1795316500 && context.address == "10.0.0.1""#,
    ] {
        let text = format!("permit (principal is User, action, resource is Order) when {{ {condition} }};");
        let found = crossing(&text);
        assert_eq!(found.policies.len(), 1, "{condition}: {found:?}");
    }
}

#[test]
fn a_counterexample_is_a_case_that_shows_it_happen() {
    let text = r#"permit (principal is User, action == Action::"getOrder", resource is Order) when { resource has status && resource.status == "open" && principal has department && principal.department == "ops" };"#;
    let case = crossing(text).case();
    let table = serde_json::json!({ "version": 1, "cases": [case] }).to_string();
    let (table, findings) = crate::table::read("table.yaml", bytes::Bytes::from(table));
    let table = table.unwrap_or_else(|| panic!("{findings:#?}"));
    let (bound, description) = (crate::cedar::tests::bound(), crate::cedar::tests::description());
    let (own, _) = crate::cedar::build(&bound, &description, &[]);
    let authorization = crate::compile(bound, &description, own).0.unwrap();
    let (open, _) = crate::cedar::tests::unguarded(text);
    let by = |decider: &dyn Decider| table.cases[0].run_by(&authorization, decider);
    let outcome = by(&open.unwrap());
    assert!(outcome.allowed && !outcome.met, "{:?}", outcome.lines());
    assert!(by(&*authorization.decider).met);
}

#[test]
fn a_resource_that_is_called_like_a_principal_is_not_meant_by_that_name() {
    let found = refused(&format!("{GUARD}permit (principal, action, resource is User);"));
    let one =
        found.iter().find(|finding| finding.code == POLICY_NAME).unwrap_or_else(|| panic!("{found:#?}"));
    assert!(one.advice.as_deref().unwrap().contains("resource is UserObject"), "{one:?}");
    let (_, findings) = read(&format!(
        "{GUARD}permit (principal is User, action, resource is UserObject); permit (principal, action, resource);"
    ));
    assert!(!codes(&findings).contains(&POLICY_NAME), "{findings:#?}");
}
