//! Why was this refused? Before and after the fact.

use crate::Stage;

#[test]
fn a_refusal_is_explained_by_its_request_id() {
    let stage = Stage::set("explain", "");
    let client = stage.gateway.client_with(&stage.token());
    let answer =
        client.send("PUT", "/orders/1", &[("Content-Type", "application/json")], br#"{"quantity":-31337}"#);
    assert_eq!((answer.status, answer.code().as_str()), (400, "body_invalid"));
    assert_eq!(answer.json()["violations"][0]["pointer"], "/quantity");
    assert!(!answer.text().contains("31337"), "the value is not repeated");
    let said = stage.gateway.explained(&answer.request_id(), &[]);
    for part in ["putOrder", "body_invalid", "/quantity", "minimum"] {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
    assert!(!said.contains("31337"));
}

#[test]
fn a_request_is_explained_before_it_is_sent() {
    let stage = Stage::set("plan", "");
    let output = stage.gateway.verb(&["explain", "PUT", "/orders/42"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in ["putOrder", "orders.yaml:", "scopes", "orders.write", "body"] {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
    let output = stage.gateway.verb(&["explain", "GET", "/nowhere"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("operation_undeclared"));
}

#[test]
fn routes_and_status_speak_json() {
    let stage = Stage::set("status", "");
    assert_eq!(stage.gateway.client().get("/status").status, 200);
    for verb in [&["routes", "--json"][..], &["status", "--json"], &["check", "--json"]] {
        let output = stage.gateway.verb(verb);
        let value: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{verb:?}: {error}: {}", String::from_utf8_lossy(&output.stdout)));
        assert_eq!(value["version"], 1, "{verb:?}");
    }
}

#[test]
fn a_difference_says_what_became_weaker() {
    let stage = Stage::set("diff", "limits: [{ per: client, rate: 20/s }]\n");
    let other = stage.folder.join("other");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(
        other.join("orders.yaml"),
        crate::ORDERS.replace("security: [{ bearerAuth: [orders.write] }]", "security: []"),
    )
    .unwrap();
    let text = std::fs::read_to_string(&stage.gateway.file).unwrap().replace("20/s", "200/s");
    std::fs::write(other.join("bartizan.yaml"), text).unwrap();
    let new = other.join("bartizan.yaml");
    let arguments =
        ["diff", stage.gateway.file.to_str().unwrap(), new.to_str().unwrap(), "--fail-on", "weaker"];
    let output = e2e::verb_in(&stage.folder, &arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("putOrder") && said.contains("anonymous"), "{said}");
    assert!(said.contains("20/s") && said.contains("200/s"), "{said}");
}
