//! Limits, and documents that are built to be expensive.

use bytes::Bytes;

use crate::json::parse;
use crate::{FaultKind, Limits};

fn kind(text: String, limits: &Limits) -> Option<FaultKind> {
    parse(Bytes::from(text), limits).err().map(|fault| fault.kind)
}

#[test]
fn each_limit_accepts_its_value_and_refuses_one_more() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let limits = Limits { depth_max: 5, values_max: 6, members_max: 3, bytes_max: 40 };
    assert_eq!(kind(nested(5), &limits), None);
    assert_eq!(kind(nested(6), &limits), Some(FaultKind::DepthMax));
    assert_eq!(kind("[1,2,3,4,5]".into(), &limits), None);
    assert_eq!(kind("[1,2,3,4,5,6]".into(), &limits), Some(FaultKind::ValuesMax));
    assert_eq!(kind("[1,2,3,4,5,[]]".into(), &limits), Some(FaultKind::ValuesMax));
    assert_eq!(kind(r#"{"a":1,"b":2,"c":3}"#.into(), &limits), None);
    assert_eq!(kind(r#"{"a":1,"b":2,"c":3,"d":4}"#.into(), &limits), Some(FaultKind::MembersMax));
    assert_eq!(kind(format!("\"{}\"", "x".repeat(38)), &limits), None);
    assert_eq!(kind(format!("\"{}\"", "x".repeat(39)), &limits), Some(FaultKind::BytesMax));
}

#[test]
fn no_setting_lifts_the_ceiling_on_nesting() {
    let limits =
        Limits { depth_max: u32::MAX, values_max: u32::MAX, members_max: u32::MAX, bytes_max: usize::MAX };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let bomb = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(kind(bomb(1_000), &limits), None);
        assert_eq!(kind(bomb(1_001), &limits), Some(FaultKind::DepthMax));
    }
    assert_eq!(kind("[".repeat(10_000_000), &limits), Some(FaultKind::DepthMax));
}

#[test]
fn a_number_of_endless_digits_is_refused() {
    assert_eq!(kind("1".repeat(300), &Limits::default()), None);
    assert_eq!(kind("1".repeat(309), &Limits::default()), None);
    assert_eq!(kind("1".repeat(310), &Limits::default()), Some(FaultKind::Number));
    assert_eq!(kind(format!("0.{}", "1".repeat(511)), &Limits::default()), Some(FaultKind::Number));
    assert_eq!(kind(format!("1e{}", "9".repeat(100_000)), &Limits::default()), Some(FaultKind::Number));
}

/// An object of so many members, the name of each made by `name`.
fn object(members: usize, name: impl Fn(usize) -> String) -> String {
    let members: Vec<_> = (0..members).map(|at| format!("\"{}\":{at}", name(at))).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn a_million_members_are_told_apart_and_found() {
    let text = object(1_000_000, |at| format!("m{at}"));
    let tape = parse(Bytes::from(text), &Limits::document()).unwrap();
    let root = tape.root();
    assert_eq!(root.len(), 1_000_000);
    // Each lookup over the members one by one would take minutes.
    for at in 0..100_000 {
        assert_eq!(root.get(&format!("m{}", at * 10)).and_then(|node| node.as_u64()), Some(at * 10));
    }
    assert!(root.get("m1000000").is_none());
    assert_eq!(root.members().nth(77).unwrap().key, "m77");
}

#[test]
fn one_duplicate_among_many_is_found_at_its_second_place() {
    for members in [2, 31, 32, 33, 34, 1_000, 200_000] {
        let twin = |at: usize| if at == members - 1 { "n0".to_owned() } else { format!("n{at}") };
        let text = object(members, twin);
        let offset = text.rfind("\"n0\"").unwrap();
        let fault = parse(Bytes::from(text), &Limits::document()).unwrap_err();
        assert_eq!((fault.kind, fault.offset), (FaultKind::DuplicateMember, offset), "{members}");
    }
}

#[test]
fn names_around_the_border_between_few_and_many_are_found() {
    for members in [1, 31, 32, 33, 64] {
        let text = object(members, |at| format!("k\\u0030{at}"));
        let tape = parse(Bytes::from(text), &Limits::default()).unwrap();
        for at in 0..members {
            let member = tape.root().member(&format!("k0{at}")).unwrap();
            assert_eq!(member.value.as_u64(), Some(at as u64));
            assert_eq!(member.key, format!("k0{at}"));
        }
        assert!(tape.root().get("k0").is_none());
    }
}

/// Two names of one hash, found by trying: 32 bits meet after some ten thousand.
fn colliding_names() -> (String, String) {
    let mut random = mutate::Random::new(0xC011_1DE5);
    let mut seen = std::collections::HashMap::new();
    loop {
        let name = format!("{:x}", random.number());
        if let Some(other) = seen.insert(crate::builder::hash(name.as_bytes()), name.clone()) {
            return (other, name);
        }
    }
}

#[test]
fn names_with_one_hash_cost_sorting_and_not_squares() {
    let pair = colliding_names();
    let (one, other) = (pair.0.as_str(), pair.1.as_str());
    let text = format!("{{\"{one}\":1,\"{other}\":2}}");
    let tape = parse(Bytes::from(text), &Limits::default()).unwrap();
    assert_eq!(tape.root().get(other).unwrap().as_u64(), Some(2));
    let text = object(100, |at| match at {
        3 => one.to_owned(),
        96 => other.to_owned(),
        _ => format!("g{at}"),
    });
    let tape = parse(Bytes::from(text), &Limits::default()).unwrap();
    assert_eq!(tape.root().get(other).unwrap().as_u64(), Some(96));
    assert_eq!(tape.root().get(one).unwrap().as_u64(), Some(3));
}
