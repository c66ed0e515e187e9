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
    learned.learn(key(&keys, 1), owner("anna"), 7);
    assert_eq!(learned.owner(key(&keys, 1), 7), Some(owner("anna")));
    assert_eq!(learned.owner(key(&keys, 2), 7), None);
    learned.forget(key(&keys, 1), 0);
    assert_eq!(learned.owner(key(&keys, 1), 7), None);
}

#[test]
fn what_was_somebodys_is_nobodys_when_they_have_another_name() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    learned.learn(key(&keys, 1), owner("anna"), 7);
    learned.learn(key(&keys, 2), owner("ben"), 7);
    learned.forget_owner(&owner("anna"), 0);
    learned.learn(key(&keys, 3), owner("anna"), 7);
    assert_eq!(learned.owner(key(&keys, 1), 7), None);
    assert_eq!(learned.owner(key(&keys, 2), 7), Some(owner("ben")));
    assert_eq!(learned.owner(key(&keys, 3), 7), Some(owner("anna")), "the next of that name");
    learned.learn(key(&keys, 1), owner("ben"), 7);
    assert_eq!(learned.owner(key(&keys, 1), 7), Some(owner("ben")));
}

#[test]
fn an_id_that_is_given_to_another_is_nobodys() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    learned.learn(key(&keys, 1), owner("anna"), 7);
    learned.learn(key(&keys, 1), owner("ben"), 7);
    assert_eq!(learned.owner(key(&keys, 1), 7), None);
    learned.learn(key(&keys, 1), owner("ben"), 7);
    learned.learn(key(&keys, 1), owner("ben"), 7);
    assert_eq!(learned.owner(key(&keys, 1), 7), Some(owner("ben")));
    assert_eq!(learned.len(), 1);
}

#[test]
fn the_same_id_of_another_type_or_api_is_another_object() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    let named = |api, kind, id| keys.key(api, ObjectName { kind, id });
    learned.learn(named("shop", "Order", "1"), owner("anna"), 7);
    for other in [named("shop", "Card", "1"), named("bank", "Order", "1"), named("shop", "Orde", "r1")] {
        assert_eq!(learned.owner(other, 7), None);
    }
    assert!(learned.owner(named("shop", "Order", "1"), 7).is_some());
}

#[test]
fn the_oldest_gives_way_and_nothing_grows_without_bound() {
    let (learned, keys) = (Learned::new(100), ObjectKeys::default());
    for id in 0..5_000 {
        learned.learn(key(&keys, id), owner(&format!("p{}", id % 7)), 7);
        if id % 3 == 0 {
            learned.forget(key(&keys, id), 0);
        }
    }
    assert!(learned.len() <= 100);
    assert_eq!(learned.owner(key(&keys, 4_999), 7), Some(owner(&format!("p{}", 4_999 % 7))));
    assert_eq!(learned.owner(key(&keys, 1), 7), None);
    let state = learned.state();
    assert!(state.objects.places() <= 100, "{}", state.objects.places());
    assert!(state.names.len() <= 7 && state.owners.len() <= 7);
}

#[test]
fn what_may_be_renamed_is_nobodys_while_one_request_for_it_is_under_way() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    for id in 1..4 {
        learned.learn(key(&keys, id), owner(if id == 3 { "ben" } else { "anna" }), 7);
    }
    let whose = || (1..4).map(|id| learned.owner(key(&keys, id), 7).map(|owner| owner.subject.to_string()));
    let names = || whose().map(Option::unwrap_or_default).collect::<Vec<_>>();
    learned.doubt(&[owner("anna")], &[]);
    learned.doubt(&[owner("anna")], &[key(&keys, 3)]);
    assert_eq!(names(), ["", "", ""]);
    // Not another's either, although nothing is said of it.
    learned.learn(key(&keys, 2), owner("ben"), 7);
    learned.settle(&[owner("anna")], &[key(&keys, 3)], None);
    assert_eq!(names(), ["", "", "ben"]);
    learned.settle(&[owner("anna")], &[], None);
    assert_eq!(names(), ["anna", "", "ben"]);
    learned.doubt(&[owner("anna")], &[key(&keys, 3)]);
    learned.settle(&[owner("anna")], &[key(&keys, 3)], Some(0));
    assert_eq!(names(), ["", "", ""]);
    learned.learn(key(&keys, 4), owner("anna"), 7);
    assert_eq!(learned.owner(key(&keys, 4), 7), Some(owner("anna")), "the next of that name");
}

#[test]
fn what_began_before_a_name_or_an_id_was_given_up_says_nothing_of_whose_it_is() {
    let (learned, keys) = (Learned::new(10), ObjectKeys::default());
    learned.forget_owner(&owner("anna"), 5);
    learned.learn(key(&keys, 1), owner("anna"), 5);
    assert_eq!(learned.owner(key(&keys, 1), 9), None, "the maker was called so before");
    learned.learn(key(&keys, 1), owner("anna"), 6);
    assert_eq!(learned.owner(key(&keys, 1), 6), Some(owner("anna")));
    assert_eq!(learned.owner(key(&keys, 1), 5), None, "who asks was called so before");
    learned.doubt(&[], &[key(&keys, 1)]);
    learned.settle(&[], &[key(&keys, 1)], Some(8));
    learned.learn(key(&keys, 1), owner("anna"), 7);
    assert_eq!(learned.owner(key(&keys, 1), 9), None, "it was made before it was deleted");
    learned.learn(key(&keys, 1), owner("anna"), 9);
    assert_eq!(learned.owner(key(&keys, 1), 9), Some(owner("anna")));
}

#[test]
fn places_of_what_was_forgotten_are_taken_again_and_the_order_stays() {
    let (learned, keys) = (Learned::new(3), ObjectKeys::default());
    let learn = |id| learned.learn(key(&keys, id), owner("anna"), 9);
    (1..=3).for_each(learn);
    learned.forget(key(&keys, 2), 0);
    (4..=5).for_each(learn);
    let left = |range: std::ops::RangeInclusive<usize>| -> Vec<usize> {
        range.filter(|id| learned.owner(key(&keys, *id), 9).is_some()).collect()
    };
    assert_eq!(left(1..=5), [3, 4, 5]);
    learned.forget(key(&keys, 5), 0);
    learned.forget(key(&keys, 3), 0);
    (6..=8).for_each(learn);
    assert_eq!(left(1..=8), [6, 7, 8]);
    assert_eq!(learned.state().objects.places(), 3);
}
