//! What policies can ask for: roles, scopes, attributes, separation of duties, time, assurance, what is written.

use std::sync::Arc;

use super::{NOW_S, ask, ask_api, at, facts, guarded, user};
use crate::decide::{Circumstances, Decider, Query, Subject, SubjectKind, Target};

fn own() -> crate::Facts {
    facts(&[("tenant", "acme"), ("owner", "ann"), ("status", "open"), ("created_by", "ann")])
}

#[test]
fn a_role_permits() {
    let policies = guarded(
        r#"permit (principal, action == Action::"putOrder", resource) when { principal.roles.contains("clerk") };"#,
    );
    let clerk = Subject { roles: ["clerk".into()].into(), ..user("bob", "acme") };
    assert!(ask(&policies, &clerk, "putOrder", &own()).allowed);
    assert!(!ask(&policies, &user("bob", "acme"), "putOrder", &own()).allowed);
    assert!(!ask(&policies, &clerk, "getOrder", &own()).allowed, "another operation");
}

#[test]
fn a_scope_permits_a_group_of_operations() {
    let policies = guarded(
        r#"permit (principal, action in [Action::"read", Action::"list"], resource)
           when { principal.scopes.containsAll(["orders", "orders.read"]) };"#,
    );
    let reader = Subject { scopes: ["orders".into(), "orders.read".into()].into(), ..user("bob", "acme") };
    assert!(ask(&policies, &reader, "getOrder", &own()).allowed);
    assert!(ask(&policies, &reader, "listOrders", &own()).allowed);
    assert!(!ask(&policies, &reader, "putOrder", &own()).allowed);
    assert!(!ask(&policies, &user("bob", "acme"), "getOrder", &own()).allowed);
}

#[test]
fn attributes_of_principals_and_objects_are_compared() {
    let policies = guarded(
        r#"permit (principal, action, resource is Order)
           when { principal has department && principal.department == "sales" }
           when { resource has status && resource.status != "closed" };"#,
    );
    let seller =
        Subject { attributes: [("department".into(), "sales".into())].into(), ..user("bob", "acme") };
    assert!(ask(&policies, &seller, "getOrder", &own()).allowed);
    let closed = facts(&[("tenant", "acme"), ("status", "closed")]);
    assert!(!ask(&policies, &seller, "getOrder", &closed).allowed);
    assert!(
        !ask(&policies, &seller, "getOrder", &facts(&[("tenant", "acme")])).allowed,
        "no status is known"
    );
    assert!(!ask(&policies, &user("bob", "acme"), "getOrder", &own()).allowed, "no department");
}

#[test]
fn who_made_an_order_may_not_also_approve_it() {
    let policies = guarded(
        r#"permit (principal, action == Action::"putOrder", resource is Order)
           when { resource has created_by && resource.created_by != principal.subject };"#,
    );
    assert!(!ask(&policies, &user("ann", "acme"), "putOrder", &own()).allowed);
    assert!(ask(&policies, &user("bob", "acme"), "putOrder", &own()).allowed);
    assert!(!ask(&policies, &user("bob", "acme"), "putOrder", &facts(&[("tenant", "acme")])).allowed);
}

#[test]
fn a_forbid_outweighs_every_permit_and_is_named() {
    let policies = guarded(
        r#"permit (principal, action, resource);
           @id("frozen") forbid (principal, action, resource is Order)
           when { resource has status && resource.status == "frozen" };"#,
    );
    let decision =
        ask(&policies, &user("ann", "acme"), "getOrder", &facts(&[("tenant", "acme"), ("status", "frozen")]));
    assert!(!decision.allowed);
    assert_eq!(decision.policies, ["frozen".into()]);
}

#[test]
fn time_of_day_and_day_of_the_week_count() {
    let policies = guarded(
        r#"permit (principal, action, resource)
           when { context.weekday <= 5 && context.hour_utc >= 8 && context.hour_utc < 18 };"#,
    );
    let order = own();
    let subject = user("ann", "acme");
    let allowed = |now_unix_s: u64| {
        let target = Target::Object { kind: "Order", id: "7", facts: &order };
        let query = Query { subject: &subject, operation: "getOrder", target, circumstances: at(now_unix_s) };
        policies.decide(&query).allowed
    };
    let monday_noon = NOW_S + 33 * 3600;
    assert!(!allowed(NOW_S), "Sunday at three");
    assert!(!allowed(NOW_S + 9 * 3600), "Sunday at noon");
    assert!(allowed(monday_noon));
    assert!(!allowed(monday_noon + 6 * 3600), "Monday at six in the evening");
    assert!(allowed(monday_noon + 4 * 86_400), "Friday at noon");
    assert!(!allowed(monday_noon + 5 * 86_400), "Saturday at noon");
}

#[test]
fn assurance_counts_and_an_age_that_no_token_says_is_not_recent() {
    let policies = guarded(
        r#"permit (principal, action, resource)
           when { principal.acr == "gold" && principal has auth_age_s && principal.auth_age_s < 300 };"#,
    );
    let strong = Subject { acr: "gold".into(), auth_age_s: Some(10), ..user("ann", "acme") };
    assert!(ask(&policies, &strong, "getOrder", &own()).allowed);
    assert!(
        !ask(&policies, &Subject { auth_age_s: Some(300), ..strong.clone() }, "getOrder", &own()).allowed
    );
    assert!(!ask(&policies, &Subject { auth_age_s: None, ..strong.clone() }, "getOrder", &own()).allowed);
    assert!(!ask(&policies, &Subject { acr: "".into(), ..strong }, "getOrder", &own()).allowed);
}

#[test]
fn method_address_and_written_properties_are_seen() {
    let policies = guarded(
        r#"permit (principal, action, resource) when { context.method == "PATCH" && context.address == "192.0.2.7" };
           forbid (principal, action, resource) when { context.written.contains("role") };"#,
    );
    let subject = user("ann", "acme");
    let order = own();
    let ask = |method: &'static str, written: &[Arc<str>]| {
        let circumstances =
            Circumstances { method, now_unix_s: NOW_S, address: "192.0.2.7".parse().unwrap(), written };
        let target = Target::Object { kind: "Order", id: "7", facts: &order };
        policies.decide(&Query { subject: &subject, operation: "putOrder", target, circumstances }).allowed
    };
    assert!(ask("PATCH", &["name".into()]));
    assert!(!ask("PUT", &["name".into()]));
    assert!(!ask("PATCH", &["name".into(), "role".into()]));
}

#[test]
fn operators_cross_tenants_where_a_policy_says_so() {
    let policies = guarded(r#"permit (principal is Operator, action in Action::"read", resource);"#);
    let operator = Subject { kind: SubjectKind::Operator, ..user("eve", "support") };
    assert!(ask(&policies, &operator, "getOrder", &own()).allowed);
    assert!(!ask(&policies, &operator, "putOrder", &own()).allowed);
    assert!(!ask(&policies, &user("eve", "acme"), "getOrder", &own()).allowed);
}

#[test]
fn an_error_in_evaluating_refuses_even_where_something_permits() {
    let policies = guarded(
        r#"@id("all") permit (principal, action, resource);
           @id("soon") forbid (principal, action, resource) when { context.now_s * 9223372036854775807 > 0 };"#,
    );
    let decision = ask(&policies, &user("ann", "acme"), "getOrder", &own());
    assert!(!decision.allowed);
    assert_eq!(decision.faults, ["policy `soon`: a number is too large"]);
    assert!(!ask_api(&policies, &user("ann", "acme"), "createOrder").allowed);
}

#[test]
fn one_object_or_principal_can_be_named() {
    let policies = guarded(r#"permit (principal == User::"ann", action, resource == Order::"7");"#);
    assert!(ask(&policies, &user("ann", "acme"), "getOrder", &own()).allowed);
    assert!(!ask(&policies, &user("bob", "acme"), "getOrder", &own()).allowed);
}
