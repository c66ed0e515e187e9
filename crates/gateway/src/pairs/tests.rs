use super::{decoded, pairs, with_pair};

#[test]
fn pairs_are_parted_alike_for_those_who_read_and_those_who_change() {
    let text = "a=1;b=2&&c&d=x%3by;b=3=4";
    let read: Vec<_> = pairs(text).map(|pair| (pair.name, pair.value)).collect();
    assert_eq!(read, [("a", "1"), ("b", "2"), ("c", ""), ("d", "x%3by"), ("b", "3=4")]);
    assert_eq!(with_pair(text, "b", "7 8"), "a=1;b=7%208&&c&d=x%3by;b=7%208");
    assert_eq!(with_pair(text, "c", "7"), text, "what has no value has none to replace");
    assert_eq!(with_pair("%62=1", "b", "2"), "%62=2");
    assert_eq!((decoded("a+b%20c"), decoded("%ff")), (Some("a b c".to_owned()), None));
}
