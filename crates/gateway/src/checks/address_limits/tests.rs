#![allow(clippy::unwrap_used)]

use model::Code;

use super::AddressLimits;
use crate::check::Check;
use crate::checks::table::{Table, code, from_address, limit, refused};
use crate::question::Answers;
use crate::settings::Per;

fn passed(check: &AddressLimits, address: &str, times: usize) -> usize {
    (0..times).filter(|_| code(check.step(&from_address(address), &Answers::default())).is_none()).count()
}

#[test]
fn counts_ipv4_by_address_and_ipv6_by_network() {
    let mut table = Table::new();
    table.settings.limits = vec![limit("address", Per::Address, 3)];
    let check: AddressLimits = table.prepare("any");
    assert_eq!(passed(&check, "192.0.2.1", 5), 3);
    assert_eq!(passed(&check, "::ffff:192.0.2.1", 5), 0, "the same address in other clothes");
    assert_eq!(passed(&check, "192.0.2.2", 5), 3);
    assert_eq!(passed(&check, "2001:db8::1", 2), 2);
    assert_eq!(passed(&check, "2001:db8::ffff:ffff:1:2", 5), 1, "the same /64");
    assert_eq!(passed(&check, "2001:db8:0:1::1", 5), 3, "another /64");
    let refusal = refused(check.step(&from_address("192.0.2.1"), &Answers::default()));
    assert_eq!((refusal.code, refusal.retry_after_s), (Code::AddressLimited, Some(20)));
    table.clock.advance_ms(20_000);
    assert_eq!(passed(&check, "192.0.2.1", 5), 1);
}

#[test]
fn is_prepared_only_where_a_limit_per_address_applies() {
    let mut table = Table::new();
    assert!(table.try_prepare::<AddressLimits>("any").unwrap().is_none());
    table.settings.limits = vec![limit("client", Per::Client, 3)];
    assert!(table.try_prepare::<AddressLimits>("any").unwrap().is_none());
    table.api().limits = vec![limit("address", Per::Address, 3)];
    assert!(table.try_prepare::<AddressLimits>("any").unwrap().is_some());
    assert!(table.try_prepare::<AddressLimits>("unmatched").unwrap().is_some());
}
