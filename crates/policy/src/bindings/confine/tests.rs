use std::sync::Arc;

use super::Principals;
use crate::decide::{Subject, SubjectKind};

fn confined(principals: &Principals, kind: SubjectKind, issuer: &str) -> Subject {
    let mut subject = Subject { issuer: issuer.into(), ..Subject::new(kind, "ann", "acme") };
    principals.confine(&mut subject);
    subject
}

fn owns(principals: &Principals, kind: SubjectKind, issuer: &str) -> bool {
    confined(principals, kind, issuer).is("ann")
}

#[test]
fn who_is_called_like_an_owner_by_another_issuer_owns_nothing() {
    let principals =
        Principals { issuers: vec!["https://a".into(), "https://b".into()], ..Default::default() };
    for (issuer, expected) in [("https://a", true), ("https://b", true), ("https://c", false), ("", false)] {
        assert_eq!(owns(&principals, SubjectKind::User, issuer), expected, "{issuer}");
        assert_eq!(owns(&principals, SubjectKind::Operator, issuer), expected, "{issuer}");
    }
    assert!(owns(&Principals::default(), SubjectKind::User, "https://c"));
    let foreign = confined(&principals, SubjectKind::User, "https://c");
    // It keeps its name, and equals no empty owner either.
    assert_eq!((&*foreign.name, foreign.is("")), ("ann", false));
}

#[test]
fn clients_own_only_where_it_is_said() {
    let principals = Principals { issuers: vec!["https://a".into()], ..Default::default() };
    assert!(!owns(&principals, SubjectKind::Client, "https://a"));
    assert!(!owns(&Principals::default(), SubjectKind::Client, ""));
    let own = Principals { clients_own: true, ..principals };
    for (issuer, expected) in [("https://a", true), ("", true), ("https://b", false)] {
        assert_eq!(owns(&own, SubjectKind::Client, issuer), expected, "{issuer}");
    }
    assert!(!owns(&own, SubjectKind::Anonymous, "https://a"));
}

#[test]
fn issuers_that_share_their_names_are_one_space() {
    let principals =
        Principals { issuers: vec!["https://a".into(), "https://b".into()], ..Default::default() };
    let of = |principals: &Principals, issuer: &str| {
        principals.space(&confined(principals, SubjectKind::User, issuer))
    };
    assert_eq!(of(&principals, "https://b"), Arc::from("https://a"));
    assert_ne!(of(&Principals::default(), "https://a"), of(&Principals::default(), "https://b"));
}
