//! Paths that two parsers read differently: each is refused, or forwarded in one form only.

use crate::Stage;

#[test]
fn ambiguous_paths_never_reach_the_service() {
    let stage = Stage::set("paths", "");
    let client = stage.gateway.client_with(&stage.token());
    let rows = [
        ("/orders%2F1", 400),
        ("/orders%2f..%2fstatus", 400),
        ("//status", 400),
        ("/orders//1", 400),
        ("/orders/../status", 400),
        ("/orders/%2e%2e/status", 400),
        ("/orders/.%2e/status", 400),
        ("/./status", 400),
        ("/status;jsessionid=1", 404),
        ("/status%3bx", 404),
        ("/status\\..\\x", 400),
        ("/orders%5c1", 400),
        ("/status%00", 400),
        ("/status%0d%0aX:%20y", 400),
        ("/orders/%c0%ae%c0%ae/status", 400),
        ("/orders/%ff", 400),
        ("/orders/%zz", 400),
        ("/orders/%", 400),
        ("/status/", 404),
        ("/Status", 404),
        ("/status.json", 404),
        ("/%2573tatus", 400),
        ("/orders/%31%32/x", 404),
        ("/orders/1%2e5", 400),
    ];
    for (target, status) in rows {
        let answer = client.get(target);
        assert_eq!(answer.status, status, "{target}: {}", answer.text());
    }
    assert_eq!(stage.upstream.count(), 0);
}

#[test]
fn an_equivalent_spelling_is_forwarded_in_normal_form() {
    let stage = Stage::set("spelling", "");
    let client = stage.gateway.client_with(&stage.token());
    for target in ["/%6frders/%31", "/orders/1", "/order%73/1"] {
        assert_eq!(client.get(target).status, 200, "{target}");
        assert_eq!(stage.upstream.requests().pop().unwrap().target(), "/orders/1");
    }
}
