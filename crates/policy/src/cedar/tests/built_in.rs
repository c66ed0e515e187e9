//! The set that holds where no policies are named.

use super::{ask, ask_api, built_in, facts, user};
use crate::decide::{Subject, SubjectKind};

fn of_kind(kind: SubjectKind) -> Subject {
    Subject { kind, ..user("ann", "acme") }
}

#[test]
fn an_owner_reaches_an_order_of_their_own_and_the_policy_is_named() {
    let decision =
        ask(&built_in(), &user("ann", "acme"), "getOrder", &facts(&[("tenant", "acme"), ("owner", "ann")]));
    assert!(decision.allowed);
    assert_eq!(decision.policies, ["owner".into()]);
}

#[test]
fn an_order_of_another_is_refused_because_nothing_permits() {
    let decision =
        ask(&built_in(), &user("ann", "acme"), "getOrder", &facts(&[("tenant", "acme"), ("owner", "bob")]));
    assert!(!decision.allowed);
    assert!(decision.policies.is_empty() && decision.faults.is_empty(), "{decision:?}");
}

#[test]
fn an_own_order_in_another_tenant_is_refused_by_the_guard() {
    for kind in [SubjectKind::User, SubjectKind::Client] {
        let decision =
            ask(&built_in(), &of_kind(kind), "getOrder", &facts(&[("tenant", "evil"), ("owner", "ann")]));
        assert!(!decision.allowed);
        assert!(decision.policies[0].starts_with("tenant-guard-"), "{decision:?}");
    }
}

#[test]
fn an_object_without_a_tenant_or_with_contradicting_facts_is_refused() {
    let unknown = ask(&built_in(), &user("ann", "acme"), "getOrder", &facts(&[("owner", "ann")]));
    assert!(!unknown.allowed && !unknown.faults.is_empty());
    let empty = ask(&built_in(), &user("ann", ""), "getOrder", &facts(&[("owner", "ann"), ("tenant", "")]));
    assert!(!empty.allowed && !empty.faults.is_empty());
    let disputed = facts(&[("tenant", "acme"), ("owner", "ann"), ("owner", "bob")]);
    let decision = ask(&built_in(), &user("ann", "acme"), "getOrder", &disputed);
    assert!(!decision.allowed && !decision.faults.is_empty());
}

#[test]
fn an_object_without_an_owner_is_nobodys() {
    let decision = ask(&built_in(), &user("ann", "acme"), "getOrder", &facts(&[("tenant", "acme")]));
    assert!(!decision.allowed && decision.faults.is_empty());
}

#[test]
fn operations_without_objects_are_for_everyone_who_is_known() {
    for (kind, allowed) in [
        (SubjectKind::User, true),
        (SubjectKind::Client, true),
        (SubjectKind::Operator, true),
        (SubjectKind::Anonymous, false),
    ] {
        assert_eq!(ask_api(&built_in(), &of_kind(kind), "createOrder").allowed, allowed, "{kind:?}");
        assert!(ask_api(&built_in(), &of_kind(kind), "health").allowed, "{kind:?}");
    }
}

#[test]
fn a_class_lets_its_callers_reach_objects_of_others_within_their_tenant_only() {
    let of_another = facts(&[("tenant", "acme"), ("owner", "bob")]);
    assert!(ask(&built_in(), &user("ann", "acme"), "delete", &of_another).allowed);
    assert!(!ask(&built_in(), &user("ann", "evil"), "delete", &of_another).allowed);
    assert!(
        ask(&built_in(), &Subject { kind: SubjectKind::Operator, ..user("eve", "") }, "delete", &of_another)
            .allowed
    );
    assert!(!ask(&built_in(), &of_kind(SubjectKind::Anonymous), "delete", &of_another).allowed);
}

#[test]
fn an_operation_that_is_not_bound_is_refused() {
    let decision = ask_api(&built_in(), &user("ann", "acme"), "unbound");
    assert!(!decision.allowed && !decision.faults.is_empty());
}

#[test]
fn a_type_that_is_called_like_a_principal_is_told_apart_from_it() {
    use crate::decide::{Decider, Query, Target};
    let policies = built_in();
    let subject = user("ann", "acme");
    let own = facts(&[("tenant", "acme"), ("owner", "ann")]);
    let target = Target::Object { kind: "User", id: "ann", facts: &own };
    let query =
        Query { subject: &subject, operation: "getUser", target, circumstances: super::at(super::NOW_S) };
    assert!(policies.decide(&query).allowed);
}
