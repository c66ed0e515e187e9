//! Facts: records, metrics, health, and what must never be in them.

use e2e::Client;

use crate::Stage;

#[test]
fn metrics_name_operations_and_never_paths() {
    let stage = Stage::set("metrics", "");
    let client = stage.gateway.client_with(&stage.token());
    assert_eq!(client.get("/orders/41414141").status, 200);
    assert_eq!(client.get("/orders/41414141/attack").status, 404);
    let admin = Client::new(stage.gateway.admin);
    assert_eq!(admin.get("/healthz").status, 200);
    assert_eq!(admin.get("/readyz").status, 200);
    assert_eq!(admin.get("/metrics").status, 401, "metrics take a token");
    let token = std::fs::read_to_string(stage.folder.join("state/admin.token")).unwrap();
    let metrics = Client::with_token(stage.gateway.admin, token.trim());
    e2e::eventually("both requests are counted", || {
        let text = metrics.get("/metrics").text();
        text.contains("operation=\"getOrder\"") && text.contains("operation=\"unmatched\"")
    });
    assert!(!metrics.get("/metrics").text().contains("41414141"));
    let elsewhere = metrics.send("GET", "/metrics", &[("Origin", "http://evil.example")], b"");
    assert_eq!(elsewhere.status, 403, "a page of another site may not read it");
}

#[test]
fn no_secret_and_no_value_is_ever_written_down() {
    let stage = Stage::set("secrets", "");
    let token = stage.token();
    let client = stage.gateway.client_with(&token);
    let headers = [("Content-Type", "application/json"), ("X-Canary", "canary-header")];
    let _ = client.send(
        "PUT",
        "/orders/1?canary-name=canary-query",
        &headers,
        br#"{"canary-member":"canary-body"}"#,
    );
    let _ = client.send("PUT", "/orders/1", &headers, br#"{"quantity":"canary-body"}"#);
    let _ = client.get("/orders/canary-path");
    // What is sent as a name may be a secret that went astray.
    let _ = client.get("/orders/1?eyJhbGciOiJFUzI1NiJ9.eyJjYW5hcnkiOjF9.c2ln=1");
    let _ = client.send("PUT", "/orders/1", &headers, br#"{"4111111111111111":1}"#);
    let id = client.get("/orders/7").request_id();
    let records = || -> String {
        let folder = std::fs::read_dir(stage.folder.join("state/records")).unwrap().flatten();
        folder.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
    };
    e2e::eventually("the record is written", || records().contains(&id));
    let all = records() + &stage.gateway.said();
    let signature = token.rsplit('.').next().unwrap();
    for canary in [
        signature,
        "canary-header",
        "canary-query",
        "canary-body",
        "canary-path",
        "eyJjYW5hcnkiOjF9",
        "4111111111111111",
    ] {
        assert!(!all.contains(canary), "`{canary}` was written down");
    }
}

#[test]
fn each_record_has_the_documented_shape() {
    let stage = Stage::set("records", "");
    let id = stage.gateway.client_with(&stage.token()).get("/orders/7").request_id();
    let mut found = None;
    e2e::eventually("the record is written", || {
        let folder = std::fs::read_dir(stage.folder.join("state/records")).unwrap().flatten();
        let all: String = folder.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        found = all.lines().find(|line| line.contains(&id)).map(str::to_owned);
        found.is_some()
    });
    let record: model::Record = serde_json::from_str(&found.unwrap()).unwrap();
    assert_eq!(
        (record.operation.as_str(), record.template.as_deref()),
        ("getOrder", Some("/orders/{order_id}"))
    );
    assert_eq!(record.caller.unwrap().principal.unwrap().subject.as_ref(), "alice");
    assert!(record.checks.len() >= 3);
    assert_eq!(record.upstream.unwrap().status, Some(200));
}
