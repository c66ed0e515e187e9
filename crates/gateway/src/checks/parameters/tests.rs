#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use super::Parameters;
use crate::check::Check;
use crate::checks::media_type::tests::{said, sent, table};
use crate::question::Answers;

fn step(id: &str, query: Option<&str>, headers: &[(&str, &str)]) -> String {
    let check: Parameters = table().prepare("get");
    let mut exchange = sent(headers, None);
    exchange.route.path_values = vec![(Arc::from("id"), id.to_owned())];
    exchange.route.query = query.map(str::to_owned);
    said(check.step(&exchange, &Answers::default()))
}

#[test]
fn parameters_are_what_the_description_says() {
    for (id, query, expected) in [
        ("1", Some("q=a"), "pass"),
        ("1", Some("q=a&page=2"), "pass"),
        ("x", Some("q=a"), "parameter_invalid [path id type]"),
        ("1", None, "parameter_missing [query q required]"),
        ("1", Some("q=a&page=0"), "parameter_invalid [query page minimum]"),
        ("1", Some("q=a&q=b"), "parameter_repeated [query q "),
        ("1", Some("q=a&admin=1"), "parameter_undeclared [query admin "),
        ("1", Some("q=a&sk_live_LEAKabcdefgh"), "parameter_undeclared [query ******************** "),
    ] {
        let said = step(id, query, &[]);
        assert!(said.starts_with(expected), "{id} {query:?}: {said}");
    }
    assert!(
        step("1", Some("q=a"), &[("x-trace", "too long")])
            .starts_with("parameter_invalid [header X-Trace maxLength")
    );
    assert!(
        step("1", Some("q=a"), &[("cookie", "theme=pink")])
            .starts_with("parameter_invalid [cookie theme enum")
    );
}

#[test]
fn undeclared_headers_and_cookies_are_dropped_and_reported() {
    for (headers, expected) in [
        (&[("accept", "a/b"), ("user-agent", "x"), ("x-trace", "abc")][..], "pass"),
        (&[("x-secret7", "1")][..], "remove x-secret7; undeclared headers dropped: *********"),
        (&[("cookie", "hunter2=1")][..], "remove cookie; undeclared cookies dropped: *******"),
        (&[("x-admin", "1")][..], "remove x-admin; undeclared headers dropped: x-admin"),
        (
            &[("x-forwarded-user", "root")][..],
            "remove x-forwarded-user; undeclared headers dropped: x-forwarded-user",
        ),
        // Identify decides what becomes of the credential.
        (&[("x-api-key", "secret")][..], "pass"),
        (&[("cookie", "theme=dark")][..], "pass"),
        (
            &[("cookie", "a=secret; theme=dark; b=secret")][..],
            "set cookie=theme=dark; undeclared cookies dropped: a, b",
        ),
        (
            &[("cookie", "theme=dark"), ("cookie", "a=secret")][..],
            "set cookie=theme=dark; undeclared cookies dropped: a",
        ),
        (&[("cookie", "a=secret")][..], "remove cookie; undeclared cookies dropped: a"),
        (&[("cookie", "secret")][..], "remove cookie; undeclared cookies dropped: "),
    ] {
        assert_eq!(step("1", Some("q=a"), headers), expected, "{headers:?}");
    }
    let names: Vec<String> = ('a'..='h').map(|n| format!("x-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "secret")).collect();
    assert!(
        step("1", Some("q=a"), &many)
            .ends_with("undeclared headers dropped: x-a, x-b, x-c, x-d, x-e, and 3 more")
    );
}
