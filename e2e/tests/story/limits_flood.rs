//! A flood of addresses that use up what they have: no count of others is reset by it, and no caller is kept out.

use e2e::{Gateway, Reply, Server};

const DESCRIPTION: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
security: [{ key: [] }]
paths:
  /report: { get: { operationId: report, x-bartizan: { cost: 4 }, responses: { "200": { description: ok } } } }
  /first: { get: { operationId: first, responses: { "200": { description: ok } } } }
  /form: { get: { operationId: form, security: [], responses: { "200": { description: ok } } } }
  /search:
    get: { operationId: search, security: [], x-bartizan: { cost: 4 }, responses: { "200": { description: ok } } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Api-Key } }
"#;

const LIMITS: &str = "limits:
  - { name: work, per: client, counts: cost, rate: 10/h, daily: 10, operations: [report] }
  - { name: first, per: client, rate: 1/h, operations: [first] }
  - { name: forms, per: address, rate: 1/h, operations: [form] }
  - { name: searches, per: address, counts: cost, rate: 10/h, daily: 10, operations: [search] }
";

/// Clients that are seen for the first time after the flood; there is one more before.
const NEWCOMERS: usize = 40;
/// Addresses of the flood, sent by so many at a time; some three for each place that there is.
const FLOOD: usize = 3_000;
const SENDERS: usize = 4;

fn secret(client: usize) -> String {
    format!("a-long-secret-key-of-the-client-{client}")
}

fn start(folder: &std::path::Path, upstream: &Server) -> Gateway {
    std::fs::write(folder.join("shop.yaml"), DESCRIPTION).unwrap();
    let clients = 0..=NEWCOMERS;
    let keys: String = clients
        .clone()
        .map(|client| {
            format!("      - {{ id: c{client}, key: \"${{env:KEY_{client}}}\", authorizes: true }}\n")
        })
        .collect();
    let file = format!(
        "listen: {{ address: \"127.0.0.1:0\", trusted_proxies: [127.0.0.0/8] }}\nsizes: {{ limit_keys_max: 1000 }}\n\
         apis:\n  shop:\n    spec: shop.yaml\n    upstream: http://{}\nauth:\n  key:\n    keys:\n{keys}{LIMITS}",
        upstream.address
    );
    let environment: Vec<_> = clients.map(|client| (format!("KEY_{client}"), secret(client))).collect();
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Gateway::start_with(folder, &file, &environment)
}

#[test]
fn a_flood_of_addresses_resets_no_count_and_keeps_no_caller_out() {
    let folder = e2e::folder("limits-flood");
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let gateway = start(&folder, &upstream);
    let from = |address: &str, target: &str| {
        gateway.client().send("GET", target, &[("X-Forwarded-For", address)], b"").status
    };
    let calls = |client: usize, target: &str, times: usize| -> Vec<u16> {
        let key = secret(client);
        (0..times).map(|_| gateway.client().send("GET", target, &[("X-Api-Key", &key)], b"").status).collect()
    };
    // Two of what is left are not enough for a call, and never are used up.
    assert_eq!(calls(0, "/report", 4), [200, 200, 429, 429]);
    assert_eq!([(); 4].map(|()| from("192.0.2.1", "/search")), [200, 200, 429, 429]);
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let from = &from;
            scope.spawn(move || {
                for number in (sender..FLOOD).step_by(SENDERS) {
                    let status = from(&format!("2001:db8:{:x}:{:x}::1", number >> 8, number & 255), "/form");
                    assert!(status == 200 || status == 429, "{status}");
                }
            });
        }
    });
    assert_eq!(calls(0, "/report", 2), [429, 429], "the client was reset");
    assert_eq!([(); 2].map(|()| from("192.0.2.1", "/search")), [429, 429], "the address was reset");
    for client in 1..=NEWCOMERS {
        assert_eq!(calls(client, "/first", 2), [200, 429], "the client {client} has a quota of its own");
    }
    // The flood was more than there is room for.
    let metrics = gateway.metrics();
    let shared = metrics.lines().find_map(|line| line.strip_prefix("bartizan_limit_decisions_shared_total "));
    assert!(shared.and_then(|count| count.parse().ok()).is_some_and(|count: u64| count > 500), "{shared:?}");
}
