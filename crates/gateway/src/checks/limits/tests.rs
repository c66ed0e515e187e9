#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use model::{Caller, Code, LimitState, Principal};

use super::Limits;
use crate::check::{Check, Edit, Step};
use crate::checks::table::{Table, code, edits, exchange, from_address, limit, refused, with_caller};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::{Limit, Per};

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
    let expected = LimitState { name: "narrow".to_owned(), quota: 4, window_s: 8, remaining: 3, reset_s: 2 };
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
