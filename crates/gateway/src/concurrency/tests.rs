#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod simulated;

use std::sync::Arc;

use super::Concurrencies;
use crate::settings::{Concurrency, Importance};

fn fixed(max: usize) -> Concurrency {
    Concurrency { adaptive: false, max, ..Concurrency::default() }
}

const ALL: [Importance; 4] = [Importance::Low, Importance::Normal, Importance::High, Importance::Critical];

#[test]
fn the_least_important_give_way_first_and_the_critical_have_a_reserve() {
    let concurrencies = Concurrencies::default();
    let gate = concurrencies.gate(&"orders".into(), fixed(10));
    let mut held = Vec::new();
    for (importance, most) in ALL.into_iter().zip([7, 9, 10, 11]) {
        while let Some(place) = gate.enter(importance) {
            held.push(place);
        }
        assert_eq!(held.len(), most, "{importance:?}");
    }
    held.truncate(8);
    assert!(gate.enter(Importance::Low).is_none());
    assert!(gate.enter(Importance::Normal).is_some());
    drop(held);
    assert_eq!(gate.in_flight(), 0);
    assert!(gate.enter(Importance::Low).is_some());
}

#[test]
fn even_a_bound_of_one_lets_everybody_in_when_nobody_is() {
    let gate = Concurrencies::default().gate(&"orders".into(), fixed(1));
    for importance in ALL {
        let place = gate.enter(importance);
        assert!(place.is_some(), "{importance:?}");
    }
}

#[test]
fn what_is_in_flight_is_counted_over_a_reload_and_forgotten_with_its_api() {
    let concurrencies = Concurrencies::default();
    let (orders, users): (Arc<str>, Arc<str>) = ("orders".into(), "users".into());
    let before = concurrencies.gate(&orders, fixed(10));
    let place = before.enter(Importance::High).unwrap();
    let after = concurrencies.gate(&orders, fixed(2));
    assert_eq!((after.in_flight(), after.bound()), (1, 2));
    drop((before, after, place));
    let _users = concurrencies.gate(&users, fixed(10));
    assert_eq!(concurrencies.states.lock().unwrap().len(), 1);
}
