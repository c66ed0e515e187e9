#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use http::StatusCode;
use model::ManualClock;

use super::{Forgotten, Renaming, is_refusal};
use crate::learned::Owner;
use crate::objects::{ObjectKey, ObjectName};
use crate::settings::Sizes;
use crate::shared::Shared;

fn owner() -> Owner {
    Owner { space: "docs".into(), subject: "vic".into(), tenant: "single".into() }
}

fn known() -> (Arc<Shared>, ObjectKey) {
    let shared = Shared::new(Arc::new(ManualClock::new(0)), &Sizes::default());
    let object = shared.objects.key("docs", ObjectName { kind: "Doc", id: "v" });
    shared.learned.learn(object, owner(), 7);
    (shared, object)
}

fn renaming(shared: &Arc<Shared>) -> Renaming {
    Renaming {
        shared: Arc::clone(shared),
        names: ["vic".into(), "vera".into()].into(),
        given_up: ["vic".into()].into(),
        deletes: false,
        owners: vec![owner()],
        objects: Vec::new(),
        asked_again: Vec::new(),
        is_under_way: false,
    }
}

#[test]
fn what_never_left_renames_nothing() {
    let (shared, object) = known();
    drop(renaming(&shared));
    assert_eq!(shared.learned.owner(object, 7), Some(owner()));
}

#[test]
fn nothing_is_said_of_a_name_while_it_may_change_and_nothing_is_lost_when_it_did_not() {
    let (shared, object) = known();
    let mut renaming = renaming(&shared);
    renaming.sent();
    assert_eq!(shared.learned.owner(object, 7), None);
    renaming.ended(false);
    assert_eq!(shared.learned.owner(object, 7), Some(owner()));
    drop(renaming);
    assert_eq!(shared.learned.owner(object, 7), Some(owner()), "it has ended before");
}

#[test]
fn what_may_be_renamed_or_is_never_heard_of_again_is_forgotten() {
    let (shared, object) = known();
    let mut seen = renaming(&shared);
    seen.sent();
    seen.ended(true);
    assert_eq!(shared.learned.owner(object, 7), None);
    let (shared, object) = known();
    let mut unseen = renaming(&shared);
    unseen.sent();
    drop(unseen);
    assert_eq!(shared.learned.owner(object, 7), None);
    shared.learned.learn(object, owner(), 7);
    assert_eq!(shared.learned.owner(object, 7), Some(owner()), "the next of that name");
}

#[test]
fn whoever_gives_up_a_name_is_not_known_by_it_in_requests_from_before() {
    let (shared, _) = known();
    let is_renamed = |name: &str, begun_ns| shared.evidence.is_renamed(&name.into(), begun_ns);
    let mut refused = renaming(&shared);
    refused.sent();
    refused.ended(false);
    assert!(!is_renamed("vic", 0));
    let mut made = renaming(&shared);
    made.sent();
    made.ended(true);
    assert_eq!([is_renamed("vic", 1), is_renamed("vic", 2), is_renamed("vera", 1)], [true, false, false]);
}

#[test]
fn what_the_service_does_not_have_is_deleted_and_not_renamed() {
    let (shared, _) = known();
    let mut one = renaming(&shared);
    let may_be_made = |one: &Renaming, status: u16| one.may_be_made(StatusCode::from_u16(status).unwrap());
    assert_eq!(
        [404, 410, 409, 204, 503].map(|status| may_be_made(&one, status)),
        [false, false, false, true, true]
    );
    one.deletes = true;
    assert_eq!(
        [404, 410, 409, 204, 503].map(|status| may_be_made(&one, status)),
        [true, true, false, true, true]
    );
}

#[test]
fn only_a_clear_refusal_says_that_nothing_was_renamed() {
    let refuses = |status: u16| is_refusal(StatusCode::from_u16(status).unwrap());
    assert_eq!([400, 404, 409, 422].map(refuses), [true; 4]);
    assert_eq!([200, 204, 303, 408, 500, 503, 504].map(refuses), [false; 7]);
}

#[test]
fn an_answer_asked_for_before_the_last_forgetting_does_not_count() {
    let forgotten = Forgotten::default();
    assert!(!forgotten.is_since(0));
    forgotten.note(7);
    forgotten.note(3);
    assert_eq!([6, 7, 8].map(|begun_ns| forgotten.is_since(begun_ns)), [true, true, false]);
}
