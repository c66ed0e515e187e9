use serde_json::json;

#[test]
fn how_fetches_go_is_told_issuer_by_issuer() {
    let fetch = |issuer: &str, failing: bool, last: Option<&str>| {
        let failures = last.map(|kind| json!([[kind, 3]])).unwrap_or_else(|| json!([]));
        json!({
            "what": "keys", "issuer": issuer, "source": "discovery", "failing": failing,
            "last_failure": last, "failures": failures,
        })
    };
    let answer = json!({ "status": {
        "connections_open": 7,
        "connections_max": 465,
        "connections_ended": [["address_full", 3], ["gone", 1]],
        "fetches": [
            fetch("https://a.example", true, Some("timed_out")),
            fetch("https://b.example", false, None),
            fetch("", false, Some("status")),
        ],
    } });
    let text = super::text(&answer);
    for line in [
        "connections    7 open of at most 465; ended by us: 3 address_full, 1 gone\n",
        "keys of https://a.example by discovery: failing; last failure: timed_out (3 timed_out)\n",
        "keys of https://b.example by discovery: works\n",
        "keys by discovery: works; last failure: status (3 status)\n",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
}
