use serde_json::json;

use super::*;

fn pairs(list: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    let owned: Vec<_> = list.iter().map(|(api, check)| ((*api).to_owned(), (*check).to_owned())).collect();
    owned.into_iter()
}

#[test]
fn a_check_keeps_its_time_while_it_watches_and_loses_it_when_it_does_not() {
    let first = Since::default().at(pairs(&[("orders", "waf"), ("orders", "limits")]), 1_000);
    let second = first.at(pairs(&[("orders", "waf")]), 5_000);
    assert_eq!(second.since["orders"]["waf"], 1_000);
    let third = second.at(pairs(&[("orders", "waf"), ("orders", "limits")]), 9_000);
    assert_eq!((third.since["orders"]["waf"], third.since["orders"]["limits"]), (1_000, 9_000));
}

#[test]
fn more_than_fourteen_days_are_told_of_and_fourteen_are_not() {
    let since = Since::default().at(pairs(&[("orders", "waf")]), 0);
    for (now_s, long) in [(15 * DAY_S - 1, 0), (15 * DAY_S, 1)] {
        let mut status =
            json!({ "apis": [{ "name": "orders", "watched": [{ "check": "waf", "operations": 2 }] }] });
        since.annotate(&mut status, now_s);
        assert_eq!(status["long_watched"].as_array().unwrap().len(), long);
        assert_eq!(status["apis"][0]["watched"][0]["days"], now_s / DAY_S);
        assert_eq!(status["apis"][0]["watched"][0]["since"], "1970-01-01T00:00:00.000Z");
    }
}

#[test]
fn a_clock_that_went_back_does_not_count_days_that_never_were() {
    let since = Since::default().at(pairs(&[("orders", "waf")]), 9_000);
    assert_eq!(since.at(pairs(&[("orders", "waf")]), 1_000).since["orders"]["waf"], 1_000);
}
