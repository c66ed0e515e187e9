//! Variables of TX, and the sums that are told.

use crate::trial::get;
use crate::{Exhausted, Limits, Outcome, Transaction};

#[test]
fn adds_once_for_every_value_that_matches() {
    let rules = "SecAction \"id:1,phase:1,nolog,setvar:tx.critical=5\"\n\
        SecRule ARGS \"@contains x\" \"id:2,setvar:tx.score=+%{TX.Critical}\"";
    let (done, _) = get(rules, "/?a=x&b=x&c=y");
    assert_eq!(done.tx("score"), Some(&b"10"[..]));
    let scored: Vec<_> =
        done.matches()[0].scored.iter().map(|s| (s.name.as_str(), s.before, s.after)).collect();
    assert_eq!(scored, [("tx.score", 0, 5), ("tx.score", 5, 10)]);
    assert_eq!(done.matches()[0].seen_count, 2);
}

#[test]
fn sets_subtracts_switches_on_and_removes() {
    let rules = "SecAction \"id:1,setvar:tx.a=7,setvar:TX.A=-2,setvar:tx.on,setvar:tx.gone=1,setvar:!tx.gone,\
        setvar:tx.words=abc,setvar:tx.words=+2\"";
    let (done, _) = get(rules, "/");
    assert_eq!(done.tx("a"), Some(&b"5"[..]));
    assert_eq!(done.tx("on"), Some(&b"1"[..]));
    assert_eq!(done.tx("gone"), None);
    assert_eq!(done.tx("words"), Some(&b"2"[..]));
}

#[test]
fn collections_live_as_long_as_their_transaction() {
    let rules = "SecAction \"id:1,phase:1,nolog,initcol:ip=%{REQUEST_METHOD},setvar:ip.seen=+1,setenv:mark=on\"\n\
        SecRule IP:seen \"@eq 1\" \"id:2,expirevar:ip.seen=60\"\nSecRule IP:key \"@streq GET\" \"id:3\"\n\
        SecRule ENV:mark \"@streq on\" \"id:4\"";
    assert_eq!(crate::trial::ids(&get(rules, "/").0), [2, 3, 4]);
}

#[test]
fn variables_are_bounded() {
    let text = "SecRule ARGS \"@rx .\" \"id:1,setvar:tx.v_%{MATCHED_VAR}=1\"";
    let limits = Limits { variables_max: 2, ..Limits::default() };
    let mut transaction = Transaction::new(crate::trial::rules(text), limits);
    let outcome = crate::trial::run(&mut transaction, b"GET /?a=1&a=2&a=3 HTTP/1.1\r\n\r\n");
    assert_eq!(outcome, Outcome::Exhausted(Exhausted::Variables));
}
