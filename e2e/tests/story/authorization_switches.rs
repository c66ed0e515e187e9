//! Switches of authorization, each seen from outside: with the switch cut, the story ends otherwise.

use serde_json::{Value, json};

use crate::ledger::{Ledger, claims};

const GET: &str = "getNote: { object: { type: Note, id: path.id }, evidence: [resolver] }";
const PUT: &str = "putNote: { object: { type: Note, id: path.id }, evidence: [resolver] }";
const OWNER: &str = "    owner: { property: $.owner }\n";

#[test]
fn what_the_resolver_showed_is_the_condition_of_the_write() {
    for (name, put, expected) in [
        ("if-match", PUT.replace("[resolver] }", "[resolver], if_match: true }"), Some("\"v1\"")),
        ("no-if-match", PUT.to_owned(), None),
    ] {
        let ledger = Ledger::with(name, &[(PUT, &put)]);
        let client = ledger.client("ann", &Value::Null);
        let answer =
            client.send("PUT", "/notes/1", &[("Content-Type", "application/json")], br#"{"text":"t"}"#);
        assert_eq!(answer.status, 200, "{put}: {}", answer.text());
        let requests = ledger.service.requests();
        let written = requests.iter().find(|request| request.line.starts_with("PUT")).unwrap();
        assert_eq!(written.header("if-match"), expected, "{put}");
    }
}

#[test]
fn a_weak_or_old_authentication_is_asked_to_be_stepped_up() {
    let vault = "openVault: { action: read, assurance: { acr: gold, max_age: 5min } }";
    let ledger = Ledger::with("assurance", &[("openVault: { action: read }", vault)]);
    let now = e2e::now_s();
    for (claims, status) in [
        (json!({ "acr": "gold", "auth_time": now }), 200),
        (json!({ "acr": "silver", "auth_time": now }), 401),
        (json!({ "auth_time": now }), 401),
        (json!({ "acr": "gold", "auth_time": now - 400 }), 401),
        (json!({ "acr": "gold" }), 401),
    ] {
        let answer = ledger.client("ann", &claims).get("/vault");
        assert_eq!(answer.status, status, "{claims}: {}", answer.text());
        if status == 401 {
            // RFC 9470 section 3.
            let challenge = answer.header("www-authenticate").unwrap_or_default().to_owned();
            assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
            assert!(
                challenge.contains("acr_values=\"gold\"") && challenge.contains("max_age=\"300\""),
                "{challenge}"
            );
        }
    }
}

#[test]
fn who_somebody_is_is_asked_once_for_as_long_as_is_said() {
    for (cache, calls) in [("60s", 1), ("0s", 3)] {
        let whoami = format!(
            "principals: {{ whoami: {{ operation: getMe, subject: $.id, cache: {cache} }} }}\nresources:"
        );
        let ledger = Ledger::with(&format!("whoami-{cache}"), &[("resources:", &whoami)]);
        let client = ledger.client("ann", &Value::Null);
        for _ in 0..3 {
            assert_eq!(client.get("/notes/1").status, 200);
        }
        assert_eq!(ledger.calls("GET /me"), calls, "{cache}");
    }
}

fn produced(story: &str, pages_max: u32, cache: &str) -> Ledger {
    let producer = format!(
        "    owner: {{ from: producer }}\n    producers: [{{ operation: listNotes, page: {{ offset: skip, size: 1 }}, \
         pages_max: {pages_max}, cache: {cache} }}]\n"
    );
    Ledger::with(story, &[(OWNER, &producer), (GET, &GET.replace("resolver", "producer"))])
}

#[test]
fn a_list_is_read_as_far_as_is_said() {
    for (pages_max, found) in [(3, [true, true, false]), (10, [true, true, true])] {
        let ledger = produced(&format!("pages-{pages_max}"), pages_max, "0s");
        let allowed =
            ["/notes/1", "/notes/3", "/notes/5"].map(|target| ledger.get("ann", target).status == 200);
        assert_eq!(allowed, found, "{pages_max}");
        assert_ne!(ledger.get("ann", "/notes/6").status, 200);
    }
}

#[test]
fn a_list_is_kept_for_as_long_as_is_said() {
    let counts = ["60s", "0s"].map(|cache| {
        let ledger = produced(&format!("list-cache-{cache}"), 10, cache);
        let client = ledger.client("ann", &Value::Null);
        for _ in 0..3 {
            assert_eq!(client.get("/notes/1").status, 200);
        }
        ledger.calls("GET /notes?") + ledger.calls("GET /notes ")
    });
    assert!(counts[0] * 2 < counts[1], "{counts:?}");
}

#[test]
fn each_key_of_the_legacy_token_reaches_the_service() {
    let token = "    identity:\n      legacy_token:\n        algorithm: HS256\n        key: \"${env:LEDGER_SECRET}\"\n        \
                 claims: { sub: { principal: subject }, of: { principal: issuer }, app: { principal: client }, can: { \
                 principal: scopes }, mail: { claim: email }, kind: { value: customer } }\n        header: X-Legacy\n        \
                 scheme: none\n        lifetime: 5min\n";
    let ledger = Ledger::set("legacy-token", &[], "", token);
    let answer = ledger.client("ann", &json!({ "email": "ann@a.example" })).get("/vault");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sent =
        ledger.service.requests().into_iter().find(|request| request.line.starts_with("GET /vault")).unwrap();
    // One credential, in the header that is said, with nothing before it.
    assert!(sent.header("authorization").is_none(), "{:?}", sent.headers);
    assert!(sent.header("x-legacy").unwrap().starts_with("eyJ"), "{:?}", sent.headers);
    let said = claims(&sent, "x-legacy");
    for (claim, value) in [
        ("sub", json!("ann")),
        ("of", json!(ledger.issuer.url)),
        ("app", json!("story")),
        ("can", json!("notes")),
        ("mail", json!("ann@a.example")),
        ("kind", json!("customer")),
    ] {
        assert_eq!(said[claim], value, "{claim}");
    }
    assert_eq!(said["exp"].as_u64().unwrap() - said["iat"].as_u64().unwrap(), 300);
    let by_default = token.split_once("        header").unwrap().0;
    let ledger = Ledger::set("legacy-token-default", &[], "", by_default);
    assert_eq!(ledger.get("ann", "/notes/1").status, 200);
    let sent = ledger.service.requests().into_iter().next_back().unwrap();
    let said = claims(&sent, "authorization");
    assert!(sent.header("authorization").unwrap().starts_with("Bearer eyJ"));
    assert_eq!(said["exp"].as_u64().unwrap() - said["iat"].as_u64().unwrap(), 60);
}
