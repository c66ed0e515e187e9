//! Why, and what would have allowed it.

use super::{NOW_S, at, built_in, facts, guarded, user};
use crate::Facts;
use crate::decide::{Decider, Query, Subject, Target};
use crate::explain::{Change, Explanation, Outcome};

fn why(policies: &super::Policies, subject: &Subject, operation: &str, order: &Facts) -> Explanation {
    let target = Target::Object { kind: "Order", id: "7", facts: order };
    policies.explain(&Query { subject, operation, target, circumstances: at(NOW_S) })
}

#[test]
fn an_order_of_another_would_be_allowed_to_its_owner() {
    let order = facts(&[("tenant", "acme"), ("owner", "bob")]);
    let explained = why(&built_in(), &user("ann", "acme"), "getOrder", &order);
    assert!(!explained.decision.allowed);
    assert_eq!(explained.would_allow, [Change::Owner]);
    let owner = explained.considered.iter().find(|considered| &*considered.id == "owner").unwrap();
    assert!(owner.permits);
    assert_eq!(owner.outcome, Outcome::Unmet("resource.owner == principal.subject".to_owned()));
    let evidence = &explained.evidence[1];
    assert_eq!(
        (&*evidence.name, evidence.is_principals, evidence.origin.word()),
        ("owner", false, "resolver")
    );
}

#[test]
fn an_order_of_another_in_another_tenant_needs_both() {
    let order = facts(&[("tenant", "evil"), ("owner", "bob")]);
    let explained = why(&built_in(), &user("ann", "acme"), "getOrder", &order);
    assert_eq!(explained.would_allow, [Change::OwnerAndTenant]);
    let guard =
        explained.considered.iter().find(|considered| &*considered.id == "tenant-guard-user").unwrap();
    assert_eq!((guard.permits, &guard.outcome), (false, &Outcome::Applied));
    assert!(explained.considered.iter().all(|considered| &*considered.id != "tenant-guard-client"));
}

#[test]
fn roles_scopes_and_values_that_policies_name_are_told() {
    let policies = guarded(
        r#"permit (principal, action, resource) when { principal.roles.contains("clerk") };
           permit (principal, action, resource) when { principal.scopes.containsAny(["orders.all"]) };
           permit (principal, action, resource is Order) when { resource has status && resource.status == "open" };
           permit (principal, action, resource) when { principal.acr == "gold" };
           permit (principal, action, resource) when { principal.acr == "gold" && principal.roles.contains("both") };"#,
    );
    let order = facts(&[("tenant", "acme"), ("status", "closed")]);
    let explained = why(&policies, &user("ann", "acme"), "getOrder", &order);
    assert_eq!(
        explained.would_allow,
        [
            Change::Role("clerk".into()),
            Change::Scope("orders.all".into()),
            Change::Acr("gold".into()),
            Change::Attribute("status".into(), "open".into()),
        ]
    );
}

#[test]
fn what_is_allowed_needs_no_change_and_no_value_of_the_object_is_told() {
    let secret = facts(&[("tenant", "acme"), ("owner", "ann"), ("status", "s3cret")]);
    let explained = why(&built_in(), &user("ann", "acme"), "getOrder", &secret);
    assert!(explained.decision.allowed && explained.would_allow.is_empty());
    let text = explained.lines().join("\n");
    assert!(text.starts_with("allowed by `owner`"), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("acme"), "{text}");
}

#[test]
fn a_question_that_cannot_be_put_is_explained_by_its_fault() {
    let explained = why(&built_in(), &user("ann", "acme"), "getOrder", &facts(&[("owner", "ann")]));
    assert_eq!(explained.lines()[0], "refused: the object's tenant is not known");
    assert_eq!(explained.would_allow, [Change::Tenant]);
}
