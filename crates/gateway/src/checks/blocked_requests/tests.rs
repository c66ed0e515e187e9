#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use model::Code;

use super::BlockedRequests;
use crate::blocks::{By, End, Target, Wanted};
use crate::check::{Check, Edit, Step};
use crate::checks::table::{Table, code, from_address};
use crate::question::Answers;

fn blocked(table: &Table, target: Target) -> String {
    let wanted =
        Wanted { target, reason: "drill".into(), by: By::default(), end: End::ForMs(60_000), drill: false };
    table.shared.blocks.add(vec![wanted], false).unwrap().blocks[0].id.to_string()
}

fn said(table: &Table, operation: &str, address: &str) -> Option<Code> {
    code(table.prepare::<BlockedRequests>(operation).step(&from_address(address), &Answers::default()))
}

#[test]
fn an_address_is_refused_everywhere_and_its_neighbour_nowhere() {
    let table = Table::new();
    blocked(&table, Target { network: Some("203.0.113.0/24".parse().unwrap()), ..Target::default() });
    for operation in ["any", "unmatched"] {
        assert_eq!(said(&table, operation, "203.0.113.9"), Some(Code::Blocked));
        assert_eq!(said(&table, operation, "203.0.112.9"), None);
    }
}

#[test]
fn an_operation_or_an_api_is_refused_for_everybody() {
    let table = Table::new();
    let (api, operation) = (Some("orders".into()), Some("any".into()));
    blocked(&table, Target { api: api.clone(), operation, ..Target::default() });
    assert_eq!(said(&table, "any", "192.0.2.1"), Some(Code::Blocked));
    assert_eq!(said(&table, "key", "192.0.2.1"), None);
    blocked(&table, Target { api, ..Target::default() });
    assert_eq!(said(&table, "key", "192.0.2.1"), Some(Code::Blocked));
}

#[test]
fn conditions_hold_together_or_not_at_all() {
    let table = Table::new();
    let network = Some("203.0.113.7".parse().unwrap());
    let (api, operation) = (Some("orders".into()), Some("any".into()));
    blocked(&table, Target { network, api, operation, ..Target::default() });
    assert_eq!(said(&table, "any", "203.0.113.7"), Some(Code::Blocked));
    assert_eq!(said(&table, "any", "203.0.113.8"), None);
    assert_eq!(said(&table, "key", "203.0.113.7"), None);
}

#[test]
fn the_record_names_the_block_and_the_caller_is_told_nothing() {
    let table = Table::new();
    let id = blocked(&table, Target { network: Some("203.0.113.7".parse().unwrap()), ..Target::default() });
    let check: BlockedRequests = table.prepare("any");
    let Step::RefuseWith(edits, refusal) = check.step(&from_address("203.0.113.7"), &Answers::default())
    else {
        panic!("passed")
    };
    assert_eq!((refusal.code, refusal.detail.as_str()), (Code::Blocked, ""));
    assert!(matches!(&edits[..], [Edit::Report(text)] if *text == format!("block {id} of this address")));
}

#[test]
fn a_block_ends_by_itself() {
    let table = Table::new();
    blocked(&table, Target { network: Some("203.0.113.7".parse().unwrap()), ..Target::default() });
    table.clock.advance_ms(59_999);
    assert_eq!(said(&table, "any", "203.0.113.7"), Some(Code::Blocked));
    table.clock.advance_ms(1);
    assert_eq!(said(&table, "any", "203.0.113.7"), None);
}
