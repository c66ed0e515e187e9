#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use model::Secret;

use super::*;
use crate::Path;
use crate::bindings::IdPlace;

fn keys(numbers: &[u8]) -> Keys {
    let key = |number: &u8| Key { number: *number, secret: Secret::new(vec![*number; 32]) };
    Keys::new(numbers.iter().map(key).collect()).unwrap()
}

fn seal_of(prefix: &str) -> Seal {
    Seal { prefix: prefix.into(), shared: false }
}

#[test]
fn an_id_is_one_text_for_one_tenant_and_opens_there_alone() {
    let (keys, seal) = (keys(&[1]), seal_of("inv"));
    let north = keys.sealer("shop", "Invoice", &seal, Audience::Tenant("north"));
    let text = north.seal("17").unwrap();
    assert_eq!(text, north.seal("17").unwrap());
    assert_eq!(north.open(&text).as_deref(), Some("17"));
    let others = [
        keys.sealer("shop", "Invoice", &seal, Audience::Tenant("south")),
        keys.sealer("shop", "Invoice", &seal, Audience::Operators("north")),
        keys.sealer("shop", "Invoice", &seal, Audience::Everybody),
        keys.sealer("shop", "Card", &seal, Audience::Tenant("north")),
        keys.sealer("bank", "Invoice", &seal, Audience::Tenant("north")),
        // Parts that would run together.
        keys.sealer("shopI", "nvoice", &seal, Audience::Tenant("north")),
    ];
    for other in others {
        assert_eq!(other.open(&text), None);
        assert_ne!(other.seal("17").unwrap(), text);
    }
}

#[test]
fn what_is_shared_is_one_text_for_all_and_operators_are_apart_from_their_tenants_users() {
    use crate::decide::SubjectKind::{Client, Operator, User};
    let keys = keys(&[1]);
    let text = |kind, tenant: &str, seal: &Seal| {
        let subject = Subject::new(kind, "kim", tenant);
        keys.sealer("shop", "Article", seal, Audience::of(&subject, seal)).seal("17").unwrap()
    };
    let shared = Seal { prefix: "art".into(), shared: true };
    let all = [(User, "north"), (User, "south"), (Client, "north"), (Operator, "north")];
    let texts: BTreeSet<String> = all.iter().map(|(kind, tenant)| text(*kind, tenant, &shared)).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let own = seal_of("art");
    let texts: BTreeSet<String> = all.iter().map(|(kind, tenant)| text(*kind, tenant, &own)).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(text(User, "north", &own), text(Client, "north", &own));
}

#[test]
fn the_text_of_an_id_stays_the_same_from_release_to_release() {
    let (keys, seal) = (keys(&[7]), seal_of("inv"));
    let sealer = keys.sealer("shop", "Invoice", &seal, Audience::Tenant("north"));
    let text = sealer.seal("17").unwrap();
    assert_eq!(text, PINNED);
}

const PINNED: &str = "inv_B6jhOClqZXSHov1RlwXno7hXeZJG3NqUp1zHB00lKPyhEsV9mErfK8RV";

#[test]
fn what_was_changed_or_never_sealed_does_not_open() {
    let (keys, seal) = (keys(&[1]), seal_of("inv"));
    let sealer = keys.sealer("shop", "Invoice", &seal, Audience::Tenant("north"));
    let text = sealer.seal("17").unwrap();
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(sealer.open(std::str::from_utf8(&changed).unwrap()), None, "at {at}");
    }
    let shorter = &text[..text.len() - 1];
    let padded = format!("{text}=");
    let long = format!("inv_{}", "A".repeat(100_000));
    for other in ["", "17", "inv", "inv_", "inv_17", "_", shorter, &padded, &long, &text[4..]] {
        assert_eq!(sealer.open(other), None, "{other:.40}");
    }
}

#[test]
fn texts_say_nothing_of_length_size_or_order() {
    let (keys, seal) = (keys(&[1]), seal_of("inv"));
    let sealer = keys.sealer("shop", "Invoice", &seal, Audience::Tenant("north"));
    let max = u128::MAX.to_string();
    let ids =
        ["0", "1", "2", "17", &max, "a", "a-text-of-22-characte", "6ba7b810-9dad-41d1-80b4-00c04fd430c8"];
    let texts: Vec<String> = ids.iter().map(|id| sealer.seal(id).unwrap()).collect();
    assert!(texts.iter().all(|text| text.len() == "inv_".len() + 56));
    assert!(
        texts.iter().all(|text| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
    );
    // A counter's neighbours differ everywhere but in the number of the key.
    let (one, two) = (&texts[1].as_bytes()[6..], &texts[2].as_bytes()[6..]);
    let same = one.iter().zip(two).filter(|(a, b)| a == b).count();
    assert!(same < 12, "{same} of 54 characters are the same");
    let counted: Vec<String> = (0..200).map(|id: u32| sealer.seal(&id.to_string()).unwrap()).collect();
    let rising = counted.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((60..140).contains(&rising), "{rising} of 199 rise");
}

#[test]
fn every_id_comes_back_as_it_was() {
    let (keys, seal) = (keys(&[1]), seal_of("x"));
    let sealer = keys.sealer("a", "T", &seal, Audience::Tenant("t"));
    let long = "é".repeat(256);
    let ids = [
        "0",
        "007",
        "-5",
        "18446744073709551616",
        "6BA7B810-9DAD-41D1-80B4-00C04FD430C8",
        "65f0c0ffee65f0c0ffee65f0",
        "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        "a b/c?d=e",
        "zażółć",
        "340282366920938463463374607431768211456",
        &long,
    ];
    let texts: BTreeSet<String> = ids.iter().map(|id| sealer.seal(id).unwrap()).collect();
    assert_eq!(texts.len(), ids.len());
    for id in ids {
        assert_eq!(sealer.open(&sealer.seal(id).unwrap()).as_deref(), Some(id));
    }
    assert_eq!(sealer.seal(""), Err(SealFault::Length));
    assert_eq!(sealer.seal(&format!("{long}x")), Err(SealFault::Length));
}

#[test]
fn an_older_key_opens_and_the_first_seals() {
    let seal = seal_of("inv");
    let (old, both, new) = (keys(&[1]), keys(&[2, 1]), keys(&[2]));
    let of = |keys: &Keys, id: &str| keys.sealer("a", "T", &seal, Audience::Tenant("t")).seal(id).unwrap();
    let open = |keys: &Keys, text: &str| keys.sealer("a", "T", &seal, Audience::Tenant("t")).open(text);
    let text = of(&old, "17");
    assert_eq!(open(&both, &text).as_deref(), Some("17"));
    assert_ne!(of(&both, "17"), text);
    assert_eq!(of(&both, "17"), of(&new, "17"));
    assert_eq!(open(&new, &text), None);
    assert!(both.opens(&old) && !new.opens(&old) && both.seals_like(&new) && !both.seals_like(&old));
}

#[test]
fn keys_that_are_too_short_or_share_a_number_are_none() {
    let key = |number, length| Key { number, secret: Secret::new(vec![7; length]) };
    assert!(Keys::new(vec![]).is_none());
    assert!(Keys::new(vec![key(1, 31)]).is_none());
    assert!(Keys::new(vec![key(1, 32), key(1, 32)]).is_none());
    assert!(Keys::new(vec![key(1, 32), key(0, 64)]).is_some());
}

fn parsed(text: &str) -> tape::Tape {
    tape::json::parse(Bytes::copy_from_slice(text.as_bytes()), &tape::Limits::default()).unwrap()
}

fn opening(stands: Stands, is_number: bool) -> Opening {
    Opening { kind: "Order".into(), stands, is_number }
}

fn body(path: &str) -> Stands {
    Stands::At(IdPlace::Body(Path::parse(path).unwrap()))
}

fn within(at: &str, inner: &str) -> Stands {
    Stands::Within { at: Path::parse(at).unwrap(), inner: Path::parse(inner).unwrap() }
}

fn spliced(text: &str, mut spans: Vec<(std::ops::Range<usize>, Bytes)>) -> String {
    spans.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, with) in spans {
        text.replace_range(range, std::str::from_utf8(&with).unwrap());
    }
    text
}

/// `s17` was sealed from 17.
fn open(_: &Opening, text: &str) -> Option<String> {
    text.strip_prefix('s').map(str::to_owned)
}

#[test]
fn ids_of_a_body_are_opened_wherever_they_are_declared() {
    let openings = [
        opening(body("$.order"), true),
        opening(body("$.orders[*]"), false),
        opening(within("$.items[*]", "$.of.id"), true),
        opening(within("$", "order"), true),
    ];
    let text =
        r#"{"order":"s1","orders":["s2","s3"],"items":[{"of":{"id":"s4"}},{"of":null},{}],"note":"s9"}"#;
    let tape = parsed(text);
    let spans = opened(tape.root(), &openings, &mut open).unwrap();
    let wanted = r#"{"order":1,"orders":["2","3"],"items":[{"of":{"id":4}},{"of":null},{}],"note":"s9"}"#;
    assert_eq!(spliced(text, spans), wanted);
}

#[test]
fn a_body_with_an_id_that_is_raw_hidden_or_no_scalar_is_not_opened() {
    let openings = [opening(body("$.order"), true), opening(body("$.items[*].id"), true)];
    for (text, why) in [
        (r#"{"order":1}"#, Unreadable::Unsealed),
        (r#"{"order":"1"}"#, Unreadable::Unsealed),
        (r#"{"order":["s1",2]}"#, Unreadable::Unsealed),
        (r#"{"order":"s1","Order":1}"#, Unreadable::Disguised),
        (r#"{"ORDER":"1"}"#, Unreadable::Disguised),
        (r#"{"order":{"id":"s1"}}"#, Unreadable::NotScalar),
        (r#"{"order":true}"#, Unreadable::NotScalar),
        (r#"{"items":{"id":"s1"}}"#, Unreadable::Misshapen),
        (r#"["s1"]"#, Unreadable::Misshapen),
        (r#"{"or_der":1}"#, Unreadable::Disguised),
    ] {
        let tape = parsed(text);
        assert_eq!(opened(tape.root(), &openings, &mut open), Err(why), "{text}");
    }
    // Nor one whose container is another, or is not there.
    let openings = [opening(within("$.invoice", "$.of"), true)];
    for (text, why) in [
        (r#"{"Invoice":{"of":1}}"#, Unreadable::Disguised),
        (r#"{"invoice":{"of":"s1"},"INVOICE":{"of":1}}"#, Unreadable::Disguised),
        (r#"{"of":1}"#, Unreadable::Misshapen),
    ] {
        let tape = parsed(text);
        assert_eq!(opened(tape.root(), &openings, &mut open), Err(why), "{text}");
    }
}

#[test]
fn values_of_a_patch_are_opened_by_where_they_go() {
    let openings = [opening(within("$", "client.id"), true), opening(within("$", "tags[*].id"), false)];
    let text = r#"[{"op":"replace","path":"/client/id","value":"s1"},{"op":"add","path":"/tags/-","value":{"id":"s2"}},{"op":"add","path":"/client","value":{"id":"s3","n":"s4"}},{"op":"remove","path":"/client/id"},{"op":"test","path":"/note","value":"s5"}]"#;
    let tape = parsed(text);
    let spans = opened_in_patch(tape.root(), &openings, &mut open).unwrap();
    let wanted = r#"[{"op":"replace","path":"/client/id","value":1},{"op":"add","path":"/tags/-","value":{"id":"2"}},{"op":"add","path":"/client","value":{"id":3,"n":"s4"}},{"op":"remove","path":"/client/id"},{"op":"test","path":"/note","value":"s5"}]"#;
    assert_eq!(spliced(text, spans), wanted);
    for (text, why) in [
        (r#"[{"op":"add","path":"/client/id","value":1}]"#, Unreadable::Unsealed),
        (r#"[{"op":"add","path":"/Client/id","value":"s1"}]"#, Unreadable::Disguised),
        (r#"[{"op":"add","path":"","value":{"client":{"id":1}}}]"#, Unreadable::Unsealed),
        (r#"{"op":"add"}"#, Unreadable::Misshapen),
        (r#"[{"op":"add","value":1}]"#, Unreadable::Misshapen),
        (r#"[{"op":"add","path":"/note","value":"n","Value":1}]"#, Unreadable::Misshapen),
        (r#"[{"op":"copy","from":"/note","path":"/client/id"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"move","from":"/note","path":"/client"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"copy","from":"/client/id","path":"/note"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"copy","from":"/note","path":"/client/id/0"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"copy","from":"/tags/0","path":"/note"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"copy","from":"","path":"/note"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"copy","from":"/note","path":"/CLIENT/id"}]"#, Unreadable::Disguised),
        (r#"[{"op":"add","path":"/client/id/$oid","value":"1"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"add","path":"/tags/+1/id","value":"1"}]"#, Unreadable::Misshapen),
        (r#"[{"op":"add","path":"/0/client/id","value":1}]"#, Unreadable::Unsealed),
        (r#"[{"op":"add","path":"","value":[{"client":{"id":1}}]}]"#, Unreadable::Unsealed),
    ] {
        let tape = parsed(text);
        assert_eq!(opened_in_patch(tape.root(), &openings, &mut open), Err(why), "{text}");
    }
}

#[test]
fn an_item_that_a_patch_puts_into_an_array_of_ids_is_an_id() {
    let openings = [opening(body("$.invoice_ids"), true), opening(within("$.items", "of.id"), true)];
    for (path, raw, sealed, wanted) in [
        ("/invoice_ids/-", "1", r#""s1""#, "1"),
        ("/invoice_ids/0", r#""1""#, r#""s1""#, "1"),
        ("/invoice_ids", r#"["s1",2]"#, r#"["s1","s2"]"#, "[1,2]"),
        ("/items/0/of/id", "1", r#""s1""#, "1"),
        ("/items/-", r#"{"of":{"id":1}}"#, r#"{"of":{"id":"s1"}}"#, r#"{"of":{"id":1}}"#),
        ("/items", r#"[{"of":{"id":1}}]"#, r#"[{"of":{"id":"s1"}}]"#, r#"[{"of":{"id":1}}]"#),
    ] {
        let patch = |value: &str| format!(r#"[{{"op":"add","path":"{path}","value":{value}}}]"#);
        let tape = parsed(&patch(raw));
        assert_eq!(opened_in_patch(tape.root(), &openings, &mut open), Err(Unreadable::Unsealed), "{path}");
        let tape = parsed(&patch(sealed));
        let spans = opened_in_patch(tape.root(), &openings, &mut open).unwrap();
        assert_eq!(spliced(&patch(sealed), spans), patch(wanted), "{path}");
    }
    let harmless =
        r#"[{"op":"copy","from":"/note","path":"/title"},{"op":"remove","path":"/invoice_ids/0"}]"#;
    assert_eq!(opened_in_patch(parsed(harmless).root(), &openings, &mut open), Ok(Vec::new()));
}

#[test]
fn ids_of_an_answer_are_sealed_once_each_whatever_they_are_named_by() {
    let showing = |at: &str, inner: &str| Showing {
        kind: Arc::from("Order"),
        at: Path::parse(at).unwrap(),
        inner: Path::parse(inner).unwrap(),
    };
    let showings = [showing("$.data[*]", "id"), showing("$.data", "id"), showing("$", "next")];
    let text = r#"{"data":[{"id":1,"n":1},{"id":"b"},{"id":null},{}],"next":3,"total":1}"#;
    let tape = parsed(text);
    let mut seal = |_: &Arc<str>, id: &str| Ok(format!("s{id}"));
    let spans = sealed(tape.root(), &showings, &mut seal).unwrap();
    let wanted = r#"{"data":[{"id":"s1","n":1},{"id":"sb"},{"id":null},{}],"next":"s3","total":1}"#;
    assert_eq!(spliced(text, spans), wanted);
    for (text, why) in [
        (r#"{"data":[{"id":{"$oid":"b"}}]}"#, Unreadable::NotScalar),
        (r#"{"data":[{"id":1.5}]}"#, Unreadable::NotScalar),
        (r#"{"data":[7]}"#, Unreadable::Misshapen),
        (r#"{"data":[{"id":1,"ID":1}]}"#, Unreadable::Disguised),
    ] {
        let tape = parsed(text);
        assert_eq!(sealed(tape.root(), &showings, &mut seal), Err(why), "{text}");
    }
}
