#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use model::{Caller, Code, LimitKind, LimitState, LimitUnit, Principal};

use super::Limits;
use crate::check::{Check, Edit, Step};
use crate::checks::table::{Table, code, edits, exchange, from_address, limit, refused, with_caller};
use crate::counters::{Counted, Room};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::{Class, Declared, Limit, Per};

fn person(subject: &str, client: Option<&str>) -> Exchange {
    let principal = Some(Principal { issuer: "https://login.example/".into(), subject: subject.into() });
    with_caller(Caller { principal, client: client.map(Into::into), ..Caller::anonymous() })
}

fn client(client: &str) -> Exchange {
    with_caller(Caller { client: Some(client.into()), ..Caller::anonymous() })
}

fn table(limits: Vec<Limit>) -> Table {
    let mut table = Table::new();
    table.settings.limits = limits;
    table
}

/// How many of `times` calls pass.
fn passed(check: &Limits, exchange: &Exchange, times: usize) -> usize {
    (0..times).filter(|_| code(check.step(exchange, &Answers::default())).is_none()).count()
}

fn state(step: Step) -> LimitState {
    let edits = match step {
        Step::Continue(edits) | Step::RefuseWith(edits, _) => edits,
        other => panic!("{other:?}"),
    };
    match edits.into_iter().next() {
        Some(Edit::Limit(state)) => state,
        other => panic!("no limit: {other:?}"),
    }
}

#[test]
fn each_kind_of_limit_counts_by_what_it_names() {
    let same_client = [person("ada", Some("shop")), person("bob", Some("shop"))];
    let same_person = [person("ada", Some("shop")), person("ada", Some("desk"))];
    for (per, two, shared) in [
        (Per::Client, &same_client, true),
        (Per::Client, &same_person, false),
        (Per::Principal, &same_client, false),
        (Per::Principal, &same_person, true),
        (Per::Api, &same_client, true),
        (Per::Operation, &same_person, true),
    ] {
        let check: Limits = table(vec![limit("x", per, 3)]).prepare("any");
        assert_eq!(passed(&check, &two[0], 5), 3, "{per:?}");
        assert_eq!(passed(&check, &two[1], 5), if shared { 0 } else { 3 }, "{per:?}");
    }
}

#[test]
fn callers_without_what_is_counted_by_are_counted_by_what_they_have() {
    let check: Limits = table(vec![limit("x", Per::Client, 3)]).prepare("any");
    assert_eq!(passed(&check, &from_address("192.0.2.1"), 5), 3);
    assert_eq!(passed(&check, &from_address("192.0.2.2"), 5), 3);
    assert_eq!(passed(&check, &person("ada", None), 5), 3);
    assert_eq!(passed(&check, &person("bob", None), 5), 3);
    let check: Limits = table(vec![limit("x", Per::Principal, 3)]).prepare("any");
    assert_eq!(passed(&check, &from_address("192.0.2.1"), 5), 3);
    assert_eq!(passed(&check, &client("shop"), 5), 3);
    assert_eq!(passed(&check, &client("192.0.2.1"), 5), 3, "a client is not an address");
}

#[test]
fn only_what_anybody_can_make_up_is_kept_among_what_anybody_can_make_up() {
    let check: Limits = table(vec![limit("x", Per::Client, 3)]).prepare("any");
    for (per, caller, room) in [
        (Per::Api, from_address("192.0.2.1"), Room::Configured),
        (Per::Operation, client("shop"), Room::Configured),
        (Per::Tenant, tenant(Some("acme"), "shop"), Room::Callers),
        (Per::Client, client("shop"), Room::Callers),
        (Per::Principal, person("ada", None), Room::Callers),
        (Per::Principal, from_address("192.0.2.1"), Room::Anyone),
        (Per::Tenant, from_address("192.0.2.1"), Room::Anyone),
    ] {
        assert_eq!(check.key(per, &caller).room(), room, "{per:?}");
    }
}

#[test]
fn clients_of_two_issuers_are_two_clients() {
    let check: Limits = table(vec![limit("x", Per::Client, 3)]).prepare("any");
    let mut other = person("ada", Some("shop"));
    if let Some(principal) = other.caller.as_mut().and_then(|caller| caller.principal.as_mut()) {
        principal.issuer = "https://other.example/".into();
    }
    assert_eq!(passed(&check, &person("ada", Some("shop")), 5), 3);
    assert_eq!(passed(&check, &other, 5), 3);
}

#[test]
fn operations_share_a_limit_unless_it_is_per_operation_or_names_others() {
    let table = table(vec![limit("all", Per::Api, 4), limit("each", Per::Operation, 3)]);
    let (any, read): (Limits, Limits) = (table.prepare("any"), table.prepare("read"));
    assert_eq!(passed(&any, &client("shop"), 5), 3);
    assert_eq!(passed(&read, &client("shop"), 5), 1);
    let some = Limit { operations: vec!["read".to_owned()], ..limit("some", Per::Client, 1) };
    let mut table = Table::new();
    table.api().limits = vec![some];
    assert!(table.try_prepare::<Limits>("any").unwrap().is_none());
    assert!(table.try_prepare::<Limits>("unmatched").unwrap().is_none());
    assert_eq!(passed(&table.prepare("read"), &client("shop"), 5), 1);
}

#[test]
fn what_belongs_to_no_operation_is_limited_too() {
    let check: Limits = table(vec![limit("x", Per::Client, 2)]).prepare("unmatched");
    assert_eq!(passed(&check, &client("shop"), 5), 2);
}

#[test]
fn the_gateways_and_the_apis_limits_of_one_name_are_two() {
    let mut table = table(vec![limit("x", Per::Client, 5)]);
    table.api().limits = vec![limit("x", Per::Client, 3)];
    let check: Limits = table.prepare("any");
    assert_eq!(passed(&check, &client("shop"), 9), 3);
    table.api().limits.clear();
    assert_eq!(passed(&table.prepare("any"), &client("shop"), 9), 2);
}

#[test]
fn a_refused_call_takes_nothing_from_the_other_limits() {
    let table = table(vec![limit("wide", Per::Api, 10), limit("narrow", Per::Client, 2)]);
    let check: Limits = table.prepare("any");
    assert_eq!(passed(&check, &client("greedy"), 100), 2);
    let others: usize = (0..10).map(|n| passed(&check, &client(&format!("c{n}")), 1)).sum();
    assert_eq!(others, 8);
}

#[test]
fn the_tightest_limit_is_reported_and_survives_a_refusal() {
    let mut narrow = limit("narrow", Per::Client, 4);
    narrow.window = Duration::from_secs(8);
    let table = table(vec![limit("wide", Per::Api, 100), narrow]);
    let check: Limits = table.prepare("any");
    let first = state(check.step(&client("shop"), &Answers::default()));
    let expected = LimitState {
        name: "narrow".to_owned(),
        unit: LimitUnit::Requests,
        quota: 4,
        window_s: 8,
        remaining: 3,
        reset_s: 2,
    };
    assert_eq!(first, expected);
    passed(&check, &client("shop"), 3);
    let step = check.step(&client("shop"), &Answers::default());
    assert!(matches!(&step, Step::RefuseWith(..)));
    assert_eq!(state(step), LimitState { remaining: 0, reset_s: 8, ..expected });
    let refusal = refused(check.step(&client("shop"), &Answers::default()));
    assert_eq!((refusal.code, refusal.retry_after_s), (Code::RateLimited, Some(2)));
    assert!(refusal.detail.contains("narrow"));
    table.clock.advance_ms(2_000);
    assert_eq!(passed(&check, &client("shop"), 5), 1);
}

#[test]
fn a_burst_may_be_smaller_than_the_count() {
    let burst = Limit { burst: 2, ..limit("x", Per::Client, 60) };
    let table = table(vec![burst]);
    let check: Limits = table.prepare("any");
    assert_eq!(passed(&check, &client("shop"), 9), 2);
    table.clock.advance_ms(1_000);
    assert_eq!(passed(&check, &client("shop"), 9), 1);
}

#[test]
fn what_is_said_to_remain_is_never_more_than_the_quota() {
    let check: Limits = table(vec![Limit { burst: 9, ..limit("x", Per::Client, 3) }]).prepare("any");
    assert_eq!(state(check.step(&client("shop"), &Answers::default())).remaining, 3);
    assert_eq!(passed(&check, &client("shop"), 20), 8);
}

#[test]
fn address_limits_are_not_its_business() {
    assert!(table(vec![limit("x", Per::Address, 2)]).try_prepare::<Limits>("any").unwrap().is_none());
    assert!(
        edits(
            table(vec![limit("x", Per::Api, 2)])
                .prepare::<Limits>("any")
                .step(&exchange(&[]), &Answers::default())
        )
        .len()
            == 1
    );
}

fn tenant(name: Option<&str>, client: &str) -> Exchange {
    with_caller(Caller { tenant: name.map(Into::into), client: Some(client.into()), ..Caller::anonymous() })
}

#[test]
fn a_tenants_clients_share_its_limit_and_who_has_none_is_counted_by_client() {
    let check: Limits = table(vec![limit("x", Per::Tenant, 3)]).prepare("any");
    assert_eq!(passed(&check, &tenant(Some("acme"), "shop"), 2), 2);
    assert_eq!(passed(&check, &tenant(Some("acme"), "desk"), 5), 1);
    assert_eq!(passed(&check, &tenant(Some("other"), "shop"), 5), 3);
    assert_eq!(passed(&check, &tenant(None, "acme"), 5), 3, "a client is no tenant");
    assert_eq!(passed(&check, &tenant(None, "acme"), 5), 0);
    assert_eq!(passed(&check, &from_address("192.0.2.8"), 5), 3);
}

#[test]
fn a_call_takes_what_its_operation_costs() {
    let mut table = table(vec![Limit { unit: LimitUnit::Cost, ..limit("work", Per::Client, 10) }]);
    table.api().declared.insert("read".into(), Declared { class: None, cost: Some(4) });
    table.api().declared.insert("key".into(), Declared { class: None, cost: Some(0) });
    let (read, any): (Limits, Limits) = (table.prepare("read"), table.prepare("any"));
    assert_eq!(passed(&read, &client("shop"), 9), 2);
    assert_eq!(passed(&any, &client("shop"), 9), 2);
    assert_eq!(passed(&table.prepare("key"), &client("shop"), 50), 50, "what costs nothing always passes");
}

#[test]
fn a_daily_cap_refuses_what_the_rate_would_let_pass() {
    let table = table(vec![Limit { daily: Some(7), ..limit("x", Per::Client, 5) }]);
    let check: Limits = table.prepare("any");
    assert_eq!(passed(&check, &client("shop"), 9), 5);
    table.clock.advance_ms(60_000);
    assert_eq!(passed(&check, &client("shop"), 9), 2);
    let refusal = refused(check.step(&client("shop"), &Answers::default()));
    let limited = refusal.limited.unwrap();
    assert_eq!((limited.limit.as_str(), limited.kind), ("x-daily", LimitKind::Daily));
    // 08:01 UTC, see `NOW_S`.
    assert_eq!(refusal.retry_after_s, Some(16 * 3_600 - 60));
    let state = state(check.step(&client("shop"), &Answers::default()));
    assert_eq!(
        (state.name.as_str(), state.quota, state.window_s, state.remaining),
        ("x-daily", 7, 86_400, 0)
    );
    assert_eq!(passed(&check, &client("other"), 9), 5);
}

#[test]
fn bytes_are_owed_and_the_next_call_waits() {
    let bytes = Limit { unit: LimitUnit::Bytes, daily: Some(5_000), ..limit("bytes", Per::Client, 600) };
    let table = table(vec![bytes]);
    let check: Limits = table.prepare("any");
    assert!(check.meters_response());
    assert_eq!(passed(&check, &client("shop"), 50), 50, "nothing has been answered");
    check.on_response_bytes(&client("shop"), 1_200);
    let refusal = refused(check.step(&client("shop"), &Answers::default()));
    assert_eq!((refusal.retry_after_s, refusal.limited.unwrap().kind), (Some(61), LimitKind::Bytes));
    assert_eq!(passed(&check, &client("other"), 1), 1);
    table.clock.advance_ms(61_000);
    assert_eq!(passed(&check, &client("shop"), 1), 1);
    check.on_response_bytes(&client("shop"), 3_800);
    table.clock.advance_ms(3_600_000);
    let refusal = refused(check.step(&client("shop"), &Answers::default()));
    assert_eq!(refusal.limited.unwrap().kind, LimitKind::Daily);
    let check: Limits = self::table(vec![limit("x", Per::Api, 2)]).prepare("any");
    assert!(!check.meters_response());
}

fn classes(classes: Vec<Class>) -> Table {
    let mut table = Table::new();
    table.settings.classes = classes.into_iter().map(Arc::new).collect();
    table
}

#[test]
fn an_operations_class_brings_its_limits_and_counts_over_all_its_operations() {
    let form = Class {
        operations: vec!["any".into(), "read".into()],
        limits: vec![limit("form", Per::Client, 3)],
        ..Class::plain("form")
    };
    let table = classes(vec![form]);
    let (any, read): (Limits, Limits) = (table.prepare("any"), table.prepare("read"));
    assert_eq!(passed(&any, &client("shop"), 2), 2);
    assert_eq!(passed(&read, &client("shop"), 5), 1);
    assert!(table.try_prepare::<Limits>("key").unwrap().is_none());
}

#[test]
fn a_callers_class_brings_its_limits_beside_the_operations() {
    let batch = Class {
        clients: vec!["nightly".into()],
        limits: vec![limit("batch", Per::Client, 2)],
        ..Class::plain("batch")
    };
    let form = Class {
        operations: vec!["any".into()],
        limits: vec![limit("form", Per::Client, 4)],
        ..Class::plain("form")
    };
    let table = classes(vec![batch, form]);
    let (any, read): (Limits, Limits) = (table.prepare("any"), table.prepare("read"));
    assert_eq!(passed(&any, &client("shop"), 9), 4);
    assert_eq!(passed(&any, &client("nightly"), 9), 2);
    assert_eq!(passed(&read, &client("nightly"), 9), 0, "a class counts over all operations");
    assert_eq!(passed(&read, &client("shop"), 9), 9);
}

#[test]
fn a_class_of_both_the_operation_and_the_caller_counts_once() {
    let both = Class {
        clients: vec!["nightly".into()],
        operations: vec!["any".into()],
        limits: vec![limit("both", Per::Client, 4)],
        ..Class::plain("both")
    };
    let check: Limits = classes(vec![both]).prepare("any");
    assert_eq!(passed(&check, &client("nightly"), 9), 4);
}
