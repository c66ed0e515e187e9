#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{KEPT_NS, MARKS_MAX, Marks};

#[test]
fn what_began_before_a_change_or_at_its_very_moment_counts_no_more() {
    let mut marks = Marks::default();
    marks.note("a", 7);
    assert_eq!([6, 7, 8].map(|begun_ns| marks.is_since(&"a", begun_ns)), [true, true, false]);
    assert!(!marks.is_since(&"b", 0));
}

#[test]
fn a_change_that_there_is_no_room_for_is_one_of_everything() {
    let mut marks = Marks::default();
    let last = u64::try_from(MARKS_MAX).unwrap();
    for number in 0..=last {
        marks.note(number, 5);
    }
    assert!(marks.is_since(&0, 5) && marks.is_since(&(last + 1), 5));
    assert!(!marks.is_since(&0, 6));
    assert!(marks.marks.len() <= MARKS_MAX);
}

#[test]
fn a_mark_that_gives_way_still_counts_for_what_began_before_it() {
    let mut marks = Marks::default();
    marks.note(u64::MAX, 5);
    for number in 1..u64::try_from(MARKS_MAX).unwrap() {
        marks.note(number, KEPT_NS);
    }
    marks.note(0, KEPT_NS + 6);
    assert!(!marks.marks.contains_key(&u64::MAX));
    assert!(marks.is_since(&u64::MAX, 5));
    assert!(!marks.is_since(&u64::MAX, 7));
}
