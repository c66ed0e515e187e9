//! The Core Rule Set, when it is there.

use crate::trial::{crs_rules, ids, run};
use crate::{Engine, Limits, Outcome, Transaction};

fn with(engine: Engine, raw: &[u8]) -> Option<(Transaction, Outcome)> {
    let mut transaction = Transaction::new(crs_rules("")?, Limits::default()).with_engine(engine);
    let outcome = run(&mut transaction, raw);
    Some((transaction, outcome))
}

const ATTACK: &[u8] =
    b"GET /?id=1'%20or%201=1-- HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: a\r\nAccept: */*\r\n\r\n";

#[test]
fn scores_an_injection_and_refuses_it() {
    let Some((done, outcome)) = with(Engine::On, ATTACK) else { return };
    assert!(ids(&done).contains(&942_100), "{:?}", ids(&done));
    let Outcome::Interrupted(found) = outcome else { panic!("let through: {:?}", ids(&done)) };
    assert_eq!((found.rule_id, found.status), (949_110, 403));
}

#[test]
fn only_detects_when_told_so() {
    let Some((done, outcome)) = with(Engine::DetectionOnly, ATTACK) else { return };
    assert_eq!(outcome, Outcome::Continue);
    assert_eq!(done.would_interrupt().map(|found| found.rule_id), Some(949_110));
}

#[test]
fn lets_an_honest_request_through_without_a_match() {
    let raw = b"GET /api/v1/orders?status=open&limit=20 HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: a\r\nAccept: */*\r\n\r\n";
    let Some((done, outcome)) = with(Engine::On, raw) else { return };
    assert_eq!((outcome, ids(&done)), (Outcome::Continue, vec![]));
}
