#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Learned, Owner};
use crate::objects::{ObjectKey, ObjectKeys, ObjectName};

fn owner(subject: &str) -> Owner {
    Owner { space: "https://login.example".into(), subject: subject.into(), tenant: "acme".into() }
}

fn key(keys: &ObjectKeys, id: usize) -> ObjectKey {
    keys.key("shop", ObjectName { kind: "Order", id: &id.to_string() })
}

#[test]
fn remembers_whose_an_object_is_until_it_is_deleted() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    learned.learn(key(&keys, 1), owner("anna"));
    assert_eq!(learned.owner(key(&keys, 1)), Some(owner("anna")));
    assert_eq!(learned.owner(key(&keys, 2)), None);
    learned.forget(key(&keys, 1));
    assert_eq!(learned.owner(key(&keys, 1)), None);
}

#[test]
fn what_was_somebodys_is_nobodys_when_they_have_another_name() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    learned.learn(key(&keys, 1), owner("anna"));
    learned.learn(key(&keys, 2), owner("ben"));
    learned.forget_owner(&owner("anna"));
    learned.learn(key(&keys, 3), owner("anna"));
    assert_eq!(learned.owner(key(&keys, 1)), None);
    assert_eq!(learned.owner(key(&keys, 2)), Some(owner("ben")));
    assert_eq!(learned.owner(key(&keys, 3)), Some(owner("anna")), "the next of that name");
    learned.learn(key(&keys, 1), owner("ben"));
    assert_eq!(learned.owner(key(&keys, 1)), Some(owner("ben")));
}

#[test]
fn an_id_that_is_given_to_another_is_nobodys() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    learned.learn(key(&keys, 1), owner("anna"));
    learned.learn(key(&keys, 1), owner("ben"));
    assert_eq!(learned.owner(key(&keys, 1)), None);
    learned.learn(key(&keys, 1), owner("ben"));
    learned.learn(key(&keys, 1), owner("ben"));
    assert_eq!(learned.owner(key(&keys, 1)), Some(owner("ben")));
    assert_eq!(learned.len(), 1);
}

#[test]
fn the_same_id_of_another_type_or_api_is_another_object() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    let named = |api, kind, id| keys.key(api, ObjectName { kind, id });
    learned.learn(named("shop", "Order", "1"), owner("anna"));
    for other in [named("shop", "Card", "1"), named("bank", "Order", "1"), named("shop", "Orde", "r1")] {
        assert_eq!(learned.owner(other), None);
    }
    assert!(learned.owner(named("shop", "Order", "1")).is_some());
}

#[test]
fn the_oldest_gives_way_and_nothing_grows_without_bound() {
    let (learned, keys) = (Learned::new(100), ObjectKeys::default());
    for id in 0..5_000 {
        learned.learn(key(&keys, id), owner(&format!("p{}", id % 7)));
        if id % 3 == 0 {
            learned.forget(key(&keys, id));
        }
    }
    assert!(learned.len() <= 100);
    assert_eq!(learned.owner(key(&keys, 4_999)), Some(owner(&format!("p{}", 4_999 % 7))));
    assert_eq!(learned.owner(key(&keys, 1)), None);
    let state = learned.state();
    assert!(state.order.len() <= 2 * 100 + 65, "{}", state.order.len());
    assert!(state.names.len() <= 7 && state.owners.len() <= 7);
}

#[test]
fn what_may_be_renamed_is_nobodys_while_one_request_for_it_is_under_way() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    for id in 1..4 {
        learned.learn(key(&keys, id), owner(if id == 3 { "ben" } else { "anna" }));
    }
    let whose = || (1..4).map(|id| learned.owner(key(&keys, id)).map(|owner| owner.subject.to_string()));
    let names = || whose().map(Option::unwrap_or_default).collect::<Vec<_>>();
    learned.doubt(&[owner("anna")], &[]);
    learned.doubt(&[owner("anna")], &[key(&keys, 3)]);
    assert_eq!(names(), ["", "", ""]);
    // Not another's either, although nothing is said of it.
    learned.learn(key(&keys, 2), owner("ben"));
    learned.settle(&[owner("anna")], &[key(&keys, 3)], false);
    assert_eq!(names(), ["", "", "ben"]);
    learned.settle(&[owner("anna")], &[], false);
    assert_eq!(names(), ["anna", "", "ben"]);
    learned.doubt(&[owner("anna")], &[key(&keys, 3)]);
    learned.settle(&[owner("anna")], &[key(&keys, 3)], true);
    assert_eq!(names(), ["", "", ""]);
    learned.learn(key(&keys, 4), owner("anna"));
    assert_eq!(learned.owner(key(&keys, 4)), Some(owner("anna")), "the next of that name");
}
