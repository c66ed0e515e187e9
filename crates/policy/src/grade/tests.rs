#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Grade, Sketch, sampled};

fn grade(ids: &[&str]) -> Grade {
    sampled(ids)
}

#[test]
fn a_counter_is_told_from_a_random_number_by_its_gaps() {
    assert_eq!(grade(&["1", "2", "3", "5"]), Grade::Counted);
    assert_eq!(grade(&["100017", "100021", "100390", "101002"]), Grade::Counted);
    assert_eq!(
        grade(&["9223372036854775807", "1311768467294899695", "5124095576030430", "17279655951921914625"]),
        Grade::Random
    );
    // Snowflakes: 41 bits of milliseconds in front.
    assert_eq!(
        grade(&["1541815603606036480", "1541815603606036481", "1541815603690036480", "1541815604706036480"]),
        Grade::Ordered
    );
}

#[test]
fn time_in_front_is_seen() {
    let v7 = [
        "0190163d-8694-739b-aea5-966c26f8ad91",
        "0190163d-8695-7c1b-8a04-1f2d7b1f5f10",
        "0190163d-8699-7000-bea5-066c26f8ad91",
        "0190163d-869a-7111-8ea5-166c26f8ad91",
    ];
    assert_eq!(grade(&v7), Grade::Ordered);
    let ulid = [
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "01ARZ3NDEKTSV4RRFFQ69G5FAW",
        "01ARZ3NDEMTSV4RRFFQ69G5FAV",
        "01ARZ3NDENTSV4RRFFQ69G5FAV",
    ];
    assert_eq!(grade(&ulid), Grade::Ordered);
    let objects = [
        "507f1f77bcf86cd799439011",
        "507f1f77bcf86cd799439012",
        "507f1f78bcf86cd799439013",
        "507f1f79bcf86cd799439014",
    ];
    assert_eq!(grade(&objects), Grade::Ordered);
}

#[test]
fn random_uuids_are_random_and_short_codes_are_short() {
    let v4 = [
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "9b2e6a51-7d3f-4c1e-8a90-5f1c2d3e4b5a",
        "1c9d8e7f-6a5b-4c3d-9e2f-1a0b9c8d7e6f",
        "e2d1c0b9-a8f7-4e6d-b5c4-a3f2e1d0c9b8",
    ];
    assert_eq!(grade(&v4), Grade::Random);
    assert_eq!(grade(&["a7k2", "q9zp", "m3xw", "b8tr"]), Grade::Short);
    // A constant in front is no part of what has to be guessed.
    assert_eq!(grade(&["ord_a7k2", "ord_q9zp", "ord_m3xw", "ord_b8tr"]), Grade::Short);
}

#[test]
fn a_number_in_another_writing_is_decoded() {
    // base64 of `Order:17` and its neighbours, as GraphQL servers make ids.
    assert_eq!(grade(&["T3JkZXI6MTc=", "T3JkZXI6MTg=", "T3JkZXI6MTk=", "T3JkZXI6MjA="]), Grade::Encoded);
}

#[test]
fn few_ids_say_nothing() {
    assert_eq!(grade(&["1", "2", "2", "1"]), Grade::Unknown);
    assert_eq!(Grade::Unknown.why(), None);
    assert!(Grade::Counted < Grade::Random);
}

#[test]
fn ids_that_come_one_by_one_and_in_lists_are_told_alike_and_none_is_kept() {
    let mut sketch = Sketch::default();
    for page in [["51", "54", "57"], ["60", "61", "62"]] {
        sketch.observe(&page);
    }
    sketch.observe(&["51"]);
    assert_eq!((sketch.grade(), sketch.grade().word(), sketch.seen()), (Grade::Counted, "enumerable", 7));
    assert_eq!(
        (sketch.neighbours_percent(), sketch.guess_bits(), sketch.bytes()),
        (Some(50), Some(0), (2, 2))
    );
    let size = std::mem::size_of::<Sketch>();
    assert!(size < 512, "{size} bytes, whatever was seen");
    assert!(!format!("{sketch:?}").contains("57"), "{sketch:?}");
}

#[test]
fn another_way_of_making_ids_shows_in_time() {
    let mut sketch = Sketch::default();
    (0..1_000_u32).for_each(|page| {
        let ids: Vec<String> = (0..50).map(|id| (page * 50 + id).to_string()).collect();
        sketch.observe(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    });
    assert_eq!(sketch.grade().word(), "enumerable");
    let mut state = 1_u128;
    for _ in 0..60_000 {
        let mut next = || {
            state = state.wrapping_mul(0xda94_2042_e4dd_58b5_0000_0000_0000_0001).wrapping_add(0x9e37_79b9);
            let (a, b) = (state >> 64, state);
            format!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                a as u32,
                b as u16,
                (a >> 40) as u16 & 0xFFF,
                (a >> 20) as u16 & 0xFFF,
                b as u64 >> 16
            )
        };
        let ids = [next(), next(), next(), next(), next(), next(), next(), next(), next(), next()];
        sketch.observe(&ids.each_ref().map(String::as_str));
    }
    assert_eq!(sketch.grade(), Grade::Random);
    assert!(sketch.seen() <= 100_010);
}
