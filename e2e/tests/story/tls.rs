//! TLS on both sides: certificates by name, exchanged under load, the way from cleartext, upstreams recognised.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use e2e::tls::{Authority, TlsClient};
use e2e::{Client, Gateway, Reply, Server, eventually};

const SPEC: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /status: { get: { operationId: getStatus, security: [], responses: { "200": { description: Fine } } } }
"#;

fn apis(upstream: &str) -> String {
    format!(
        "apis:\n  shop:\n    spec: shop.yaml\n    hosts: [a.example, b.example]\n    upstream: {upstream}\n"
    )
}

fn listen(more: &str) -> String {
    format!(
        "listen:\n  - address: 127.0.0.1:0\n    tls:\n      certificate: a.pem\n      key: \"${{file:a.key}}\"\n      \
         certificates: [{{ certificate: b.pem, key: \"${{file:b.key}}\" }}]\n{more}"
    )
}

#[test]
fn two_names_have_two_certificates_and_another_name_none() {
    let (folder, authority) = (e2e::folder("tls-names"), Authority::new());
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    let (a, b) = (authority.give(&["a.example"]), authority.give(&["b.example"]));
    a.put(&folder, "a");
    b.put(&folder, "b");
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let text = apis(&format!("http://{}", upstream.address));
    let hsts = "      hsts: { max_age: 1y, include_subdomains: true }\n      min_version: 1.3\n";
    let gateway = Gateway::start(&folder, &(listen(hsts) + &text));
    let client = TlsClient::trusting(&authority.pem);
    for (name, given) in [("a.example", &a), ("b.example", &b)] {
        let shown = client.get(gateway.address, name, "/status").unwrap();
        assert_eq!(shown.answer.status, 200);
        assert!(shown.certificate == given.der(), "{name} has another's certificate");
        let hsts = shown.answer.header("strict-transport-security");
        assert_eq!(hsts, Some("max-age=31536000; includeSubDomains"));
    }
    // Refusals have it too.
    let refused = client.get(gateway.address, "a.example", "/none").unwrap().answer;
    assert_eq!((refused.status, refused.code().as_str()), (404, "operation_undeclared"));
    assert!(refused.header("strict-transport-security").is_some());
    let unknown = client.get(gateway.address, "c.example", "/status").err().unwrap();
    assert!(unknown.contains("UnrecognisedName") || unknown.contains("UnrecognizedName"), "{unknown}");
    let old = TlsClient::of_tls_1_2(&authority.pem).get(gateway.address, "a.example", "/status");
    assert!(old.err().unwrap().contains("ProtocolVersion"));
    let status = String::from_utf8(gateway.verb(&["status"]).stdout).unwrap();
    assert!(status.contains(": a.example (file), ") && status.contains("days left"), "{status}");
    // Both until the beginning of 2090.
    let metrics = gateway.metrics();
    for name in ["a.example", "b.example"] {
        let ends = format!(",name=\"{name}\"}} 3786912000");
        let is_told = |line: &str| {
            line.starts_with("bartizan_certificate_expires_timestamp_seconds{listener=\"")
                && line.ends_with(&ends)
        };
        assert!(metrics.lines().any(is_told), "{name} is missing:\n{metrics}");
    }
}

#[test]
fn certificates_are_exchanged_under_load_without_one_failed_request() {
    let (folder, authority) = (e2e::folder("tls-exchange"), Authority::new());
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    authority.give(&["a.example"]).put(&folder, "a");
    authority.give(&["b.example"]).put(&folder, "b");
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let text = apis(&format!("http://{}", upstream.address));
    let gateway = Gateway::start(&folder, &(listen("") + &text));
    let client = TlsClient::trusting(&authority.pem);
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..3)
        .map(|_| {
            let (client, stop, served) = (client.clone(), Arc::clone(&stop), Arc::clone(&served));
            let address = gateway.address;
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    for name in ["a.example", "b.example"] {
                        assert_eq!(client.get(address, name, "/status").unwrap().answer.status, 200);
                        served.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    // Beside them two connections from before the first exchange, which last beyond the last.
    let mut kept = client.keep(gateway.address, "a.example").unwrap();
    let mut kept_http2 = client.keep_http2(gateway.address, "a.example").unwrap();
    let mut kept_are_served = || {
        assert_eq!(kept.get("/status").unwrap().status, 200);
        assert_eq!(kept_http2.get("https", "a.example", "/status"), Some(200));
        assert!(!kept_http2.is_leaving());
    };
    kept_are_served();
    for _ in 0..3 {
        let new = authority.give(&["a.example"]);
        new.put(&folder, "a");
        let before = served.load(Ordering::SeqCst);
        eventually("the new certificate is shown", || {
            client.get(gateway.address, "a.example", "/status").unwrap().certificate == new.der()
        });
        kept_are_served();
        eventually("requests go on", || served.load(Ordering::SeqCst) > before + 10);
    }
    // What does not fit, or has expired, changes nothing and is told of.
    let good = client.get(gateway.address, "a.example", "/status").unwrap().certificate;
    std::fs::write(folder.join("a.key"), authority.give(&["a.example"]).key).unwrap();
    eventually("the unfit key is told of", || gateway.said().contains("B2008"));
    authority.give_until(&["a.example"], 2021).put(&folder, "a");
    eventually("the expired one is told of", || gateway.said().contains("is not valid now"));
    assert!(client.get(gateway.address, "a.example", "/status").unwrap().certificate == good);
    kept_are_served();
    stop.store(true, Ordering::SeqCst);
    for thread in load {
        thread.join().unwrap();
    }
    assert!(served.load(Ordering::SeqCst) > 50);
}

#[test]
fn cleartext_is_sent_to_tls_or_refused_and_nothing_is_forwarded() {
    let (folder, authority) = (e2e::folder("tls-redirect"), Authority::new());
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    authority.give(&["a.example"]).put(&folder, "a");
    authority.give(&["b.example"]).put(&folder, "b");
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let text = apis(&format!("http://{}", upstream.address));
    let more = "      hsts: 1y\n  - { address: 127.0.0.1:0, http: redirect }\n  - { address: \"[::1]:0\", http: refuse }\n  \
                - { address: \"127.0.0.2:0\", http: redirect, https_port: 8443 }\n";
    let gateway = Gateway::start(&folder, &(listen(more) + &text));
    let ask = |listener: usize, host: &str, target: &str| {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer secret\r\nConnection: close\r\n\r\n"
        );
        e2e::exchange(gateway.listeners[listener], request.as_bytes()).unwrap()
    };
    for (listener, host, place) in [
        (1, "a.example", "https://a.example/status?x=1"),
        (1, "B.example:8080", "https://b.example/status?x=1"),
        (3, "a.example", "https://a.example:8443/status?x=1"),
    ] {
        let answer = ask(listener, host, "/status?x=1");
        assert_eq!((answer.status, answer.header("location")), (308, Some(place)), "{}", answer.text());
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    let unknown = ask(1, "evil.example", "/status");
    assert_eq!((unknown.status, unknown.code().as_str()), (421, "host_unknown"));
    assert_eq!(unknown.header("location"), None);
    // Two slashes do not become another host.
    let slashes = ask(1, "a.example", "//evil.example/");
    assert_eq!(slashes.header("location"), Some("https://a.example//evil.example/"));
    let refused = ask(2, "a.example", "/status");
    assert_eq!((refused.status, refused.code().as_str()), (403, "tls_required"));
    let token = ask(1, "a.example", "/.well-known/acme-challenge/abc");
    assert_eq!(token.status, 308);
    assert_eq!(upstream.count(), 0);
    assert!(gateway.explained(&refused.request_id(), &[]).contains("tls_required"));
}

#[test]
fn check_tells_of_certificates_that_expire_and_of_names_that_do_not_meet() {
    let (folder, authority) = (e2e::folder("tls-check"), Authority::new());
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    authority.give_until(&["a.example", "spare.example"], 2021).put(&folder, "a");
    authority.give(&["other.example"]).put(&folder, "b");
    let text = format!("version: 1\n{}{}", listen(""), apis("http://127.0.0.1:1"));
    std::fs::write(folder.join("bartizan.yaml"), text).unwrap();
    let output = e2e::verb_in(&folder, &["check"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    for part in ["B2050", "expired on 2021-01-01", "B2052", "`b.example`", "B2053", "`spare.example`"] {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
}

#[test]
fn an_upstream_is_recognised_by_name_pin_and_roots_and_shown_a_certificate() {
    let (folder, authority) = (e2e::folder("tls-upstream"), Authority::new());
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    let service = authority.give(&["shop.internal"]);
    service.put(&folder, "service");
    authority.give(&["gateway.internal"]).put(&folder, "gateway");
    std::fs::write(folder.join("ca.pem"), &authority.pem).unwrap();
    let Some(nginx) = crate::clients::nginx_with(&folder, |port, at| {
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {at}/service.pem; ssl_certificate_key {at}/service.key; \
             ssl_client_certificate {at}/ca.pem; ssl_verify_client on; \
             location / {{ default_type application/json; return 200 '{{\"by\":\"$ssl_client_s_dn\",\"name\":\"$ssl_server_name\"}}'; }} }}"
        )
    }) else {
        return;
    };
    let sum = &service.public_key_sha256;
    let file = |more: &str| {
        let tls = format!("tls: {{ ca: ca.pem, server_name: shop.internal, {more} }}");
        apis(&format!("{{ url: \"https://127.0.0.1:{}\", {tls} }}", nginx.port))
    };
    let identity = "certificate: gateway.pem, key: \"${file:gateway.key}\"";
    let gateway = Gateway::start(&folder, &file(&format!("{identity}, pins: [{sum}]")));
    let get = |gateway: &Gateway| {
        let request = "GET /status HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
        e2e::exchange(gateway.address, request.as_bytes()).unwrap()
    };
    let answer = get(&gateway);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["name"], "shop.internal");
    for (more, why) in [
        (format!("{identity}, pins: [{}]", "ab".repeat(32)), "none of the pinned keys"),
        (format!("{identity}, server_name: other.internal"), "for another name"),
    ] {
        let text = file(&more).replace("server_name: shop.internal, certificate", "certificate");
        let text = if more.contains("other.internal") { text } else { file(&more) };
        gateway.rewrite(&text);
        assert_eq!(gateway.verb(&["reload"]).status.code(), Some(0), "{}", gateway.said());
        let answer = get(&gateway);
        assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_unreachable"));
        let said = gateway.explained(&answer.request_id(), &[]);
        assert!(said.contains(why), "{why}:\n{said}");
    }
    // Without our certificate nginx says so itself.
    gateway.rewrite(&file(&format!("pins: [{sum}]")));
    assert_eq!(gateway.verb(&["reload"]).status.code(), Some(0));
    assert_eq!(get(&gateway).status, 400);
    let _ = Client::new(gateway.address);
}
