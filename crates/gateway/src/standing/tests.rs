#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use model::{EvidenceTrace, Judgement};

use super::*;

#[test]
fn grades_are_of_one_api_and_type_and_hold_no_id() {
    let standing = Standing::default();
    let (shop, bank, order) = (Arc::from("shop"), Arc::from("bank"), Arc::from("Order"));
    standing.observe(&shop, &order, || vec!["8801", "8802", "8803", "8804"]);
    standing.observe(&bank, &order, || vec!["1"]);
    let told = standing.grade("shop", "Order").unwrap();
    assert_eq!((told.grade, told.seen, told.neighbours_percent), ("enumerable", 4, Some(100)));
    assert_eq!(standing.grade("bank", "Order").unwrap().grade, "unknown");
    assert_eq!(standing.grade("shop", "Card"), None);
    let kept = format!("{:?} {}", standing.grades, serde_json::to_string(&told).unwrap());
    assert!(!kept.contains("880"), "{kept}");
}

#[test]
fn a_busy_moment_is_passed_over() {
    let standing = Standing::default();
    let _busy = standing.grades.lock().unwrap();
    standing.observe(&Arc::from("shop"), &Arc::from("Order"), || -> Vec<String> { panic!("not asked for") });
}

#[test]
fn evidence_that_failed_is_counted_by_source_and_the_last_comes_first() {
    let standing = Standing::default();
    let evidence = |source: &str, outcome: &str| EvidenceTrace {
        source: source.to_owned(),
        operation: Some("getOrder".to_owned()),
        outcome: outcome.to_owned(),
        calls: 1,
    };
    let mut trace = AuthorizationTrace::new(Judgement::Unknown);
    trace.evidence = vec![evidence("producer", "found"), evidence("resolver", "failed")];
    let api = Arc::from("shop");
    standing.failed(&api, &trace, 1_000);
    standing.failed(&api, &trace, 2_000);
    trace.evidence = vec![evidence("external", "failed")];
    standing.failed(&api, &trace, 3_000);
    let told = standing.failures("shop");
    let counts: Vec<_> = told.iter().map(|one| (one.source.as_str(), one.count, one.last.as_str())).collect();
    assert_eq!(
        counts,
        [("external", 1, "1970-01-01T00:00:03.000Z"), ("resolver", 2, "1970-01-01T00:00:02.000Z")]
    );
    assert!(standing.failures("other").is_empty());
}
