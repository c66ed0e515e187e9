#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use super::super::tests::{NOTES, proposed};
use super::{Inferred, Listing};

fn cards() -> (Inferred, Listing) {
    let (inferred, ..) = proposed(NOTES);
    let listing = inferred.listings().into_iter().find(|listing| listing.kind == "Card").unwrap();
    assert_eq!(listing.path, "/api/cards");
    (inferred, listing)
}

fn heard(inferred: &Inferred, listing: &Listing, body: &'static str) -> super::Heard {
    inferred.heard(listing, 200, Bytes::from_static(body.as_bytes()))
}

#[test]
fn disjoint_lists_confirm_a_producer() {
    let (mut inferred, listing) = cards();
    let (a, b) =
        (heard(&inferred, &listing, r#"[{"id":1},{"id":2}]"#), heard(&inferred, &listing, r#"[{"id":7}]"#));
    inferred.compare(&listing, &a, &b);
    let card = &inferred.types["Card"];
    assert_eq!((card.owner.what.as_str(), card.owner.confidence), ("{ from: producer }", 95));
    assert_eq!(card.producers[0].confidence, 95);
    let text = inferred.text();
    assert!(text.contains("GET /api/cards as A: 200 (2 objects), as B: 200 (1 object): disjoint"), "{text}");
}

#[test]
fn equal_lists_are_public_or_broken_and_no_evidence() {
    let (mut inferred, listing) = cards();
    let a = heard(&inferred, &listing, r#"[{"id":1},{"id":2}]"#);
    inferred.compare(&listing, &a, &a.clone());
    let card = &inferred.types["Card"];
    assert_eq!((card.owner.what.as_str(), card.producers.len()), ("{ from: none }", 0));
    assert!(inferred.text().contains("equal: public, or broken"));
}

#[test]
fn an_empty_list_and_a_refusal_say_nothing() {
    for body in ["[]", "no json", r#"{"error":1}"#] {
        let (mut inferred, listing) = cards();
        let a = heard(&inferred, &listing, r#"[{"id":1}]"#);
        let b = heard(&inferred, &listing, body);
        inferred.compare(&listing, &a, &b);
        assert_eq!(inferred.types["Card"].producers[0].confidence, 40, "{body}");
    }
}

#[test]
fn an_owners_property_has_one_value_each() {
    let (mut inferred, _) = cards();
    let listing = inferred.listings().into_iter().find(|listing| listing.kind == "Note").unwrap();
    let a =
        heard(&inferred, &listing, r#"{"items":[{"note_id":"x","user_id":1},{"note_id":"y","user_id":1}]}"#);
    let b = heard(&inferred, &listing, r#"{"items":[{"note_id":"z","user_id":2}]}"#);
    let read = inferred.cross_reads(&listing, &a, &b).unwrap();
    assert_eq!((read.path.as_str(), &*read.template), ("/api/notes/x", "/api/notes/{noteId}"));
    inferred.compare(&listing, &a, &b);
    assert_eq!(inferred.types["Note"].owner.confidence, 95);
    inferred.crossed(&read, 200);
    let text = inferred.text();
    assert!(text.contains("GET /api/notes/{noteId} of the other's: 200: shown"), "{text}");
    // No value that was seen is written.
    assert!(!text.contains("/api/notes/x"), "{text}");
    let mixed =
        heard(&inferred, &listing, r#"{"items":[{"note_id":"p","user_id":1},{"note_id":"q","user_id":2}]}"#);
    inferred.compare(&listing, &mixed, &b);
    assert_eq!(inferred.types["Note"].owner.confidence, 20);
}

#[test]
fn an_id_cannot_leave_its_segment() {
    assert_eq!(super::escaped("../admin?x=1"), "..%2Fadmin%3Fx%3D1");
    assert_eq!(super::escaped(".."), "%2E%2E");
    assert_eq!(super::escaped("a-b_c~1.x"), "a-b_c~1.x");
}
