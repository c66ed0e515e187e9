//! Certificates by ACME from Pebble: by HTTP-01, by TLS-ALPN-01, and renewed while requests run.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use e2e::pebble::Pebble;
use e2e::tls::TlsClient;
use e2e::{Gateway, Reply, Server};
use e2e::{PATIENCE, free_port};

const SPEC: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /status: { get: { operationId: getStatus, security: [], responses: { "200": { description: Fine } } } }
"#;

struct Ordered {
    pebble: Pebble,
    gateway: Gateway,
    _upstream: Server,
    folder: std::path::PathBuf,
    tls: std::net::SocketAddr,
}

/// A gateway whose only certificate is one that it has to order.
fn order(story: &str, challenge: &str, lifetime_s: u32) -> Option<Ordered> {
    let folder = e2e::folder(story);
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    let (http, tls) = (free_port(), free_port());
    let pebble = Pebble::start(&folder, http, tls, lifetime_s)?;
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let text = format!(
        "listen:\n  - address: 127.0.0.1:{tls}\n    tls:\n      acme:\n        names: [shop.example, www.shop.example]\n        \
         contact: [\"mailto:ops@shop.example\"]\n        directory: {}\n        ca: ca.pem\n        terms_agreed: true\n        \
         challenge: {challenge}\n  - {{ address: 127.0.0.1:{http}, http: redirect }}\n\
         apis:\n  shop:\n    spec: shop.yaml\n    hosts: [shop.example, www.shop.example]\n    upstream: http://{}\n",
        pebble.directory, upstream.address
    );
    let gateway = Gateway::start(&folder, &text);
    Some(Ordered { pebble, gateway, _upstream: upstream, folder, tls: ([127, 0, 0, 1], tls).into() })
}

impl Ordered {
    fn client(&self) -> TlsClient {
        TlsClient::trusting(&self.pebble.root)
    }

    /// The certificate that is shown, when there is one that a client of Pebble's takes.
    fn shown(&self, name: &str) -> Result<Vec<u8>, String> {
        let shown = self.client().get(self.tls, name, "/status")?;
        assert_eq!(shown.answer.status, 200);
        Ok(shown.certificate)
    }

    /// Like [`e2e::eventually`], and tells what the gateway said.
    fn within(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < 2 * PATIENCE, "not in time: {what}\n{}", self.gateway.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_certificate_is_ordered_by_http_01_and_kept_for_the_owner_alone() {
    let Some(ordered) = order("acme-http", "http-01", 7_776_000) else { return };
    ordered.within("a certificate for both names", |ordered| {
        ["shop.example", "www.shop.example"].iter().all(|name| ordered.shown(name).is_ok())
    });
    let status = String::from_utf8(ordered.gateway.verb(&["status"]).stdout).unwrap();
    assert!(status.contains("shop.example, www.shop.example (acme), 89 days left"), "{status}");
    assert!(status.contains("certificate ordered for shop.example, www.shop.example: has one"), "{status}");
    let kept = ordered.folder.join("state/acme");
    let mut files = 0;
    for entry in std::fs::read_dir(kept).unwrap() {
        files += 1;
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(files, 2, "the account and the certificate");
    // The listener for validations sends everybody else to TLS, and no longer knows the token.
    let answer = e2e::exchange(
        ordered.gateway.listeners[1],
        b"GET /.well-known/acme-challenge/abc HTTP/1.1\r\nHost: shop.example\r\n\r\n",
    );
    assert_eq!(answer.unwrap().status, 308);
    // Validations are in the records.
    let records = std::fs::read_dir(ordered.folder.join("state/records")).unwrap();
    let is_recorded = records.flatten().any(|segment| {
        std::fs::read_to_string(segment.path())
            .is_ok_and(|text| text.contains("/.well-known/acme-challenge/{token}"))
    });
    assert!(is_recorded, "validations are not recorded");
    // A second start finds what was kept, and orders nothing.
    let first = ordered.shown("shop.example").unwrap();
    let Ordered { pebble, gateway, _upstream, folder, tls } = ordered;
    let text = std::fs::read_to_string(&gateway.file).unwrap();
    assert_eq!(gateway.stop(), Some(0));
    let gateway = Gateway::start(&folder, &text);
    let again = Ordered { pebble, gateway, _upstream, folder, tls };
    assert!(again.shown("shop.example").unwrap() == first);
}

/// Of a certificate that is renewed while a story lasts: at two thirds of it, and the last third is for the order.
const LIFETIME_S: u32 = 45;

#[test]
fn a_certificate_is_ordered_by_tls_alpn_01_and_renewed_while_requests_run() {
    let Some(ordered) = order("acme-tls", "tls-alpn-01", LIFETIME_S) else { return };
    ordered.within("a certificate", |ordered| ordered.shown("shop.example").is_ok());
    let first = ordered.shown("shop.example").unwrap();
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..2)
        .map(|_| {
            let (client, stop, served) = (ordered.client(), Arc::clone(&stop), Arc::clone(&served));
            let address = ordered.tls;
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let shown = client.get(address, "www.shop.example", "/status").unwrap();
                    assert_eq!(shown.answer.status, 200);
                    served.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    ordered.within("another certificate", |ordered| ordered.shown("shop.example").unwrap() != first);
    let before = served.load(Ordering::SeqCst);
    ordered.within("requests go on", |_| served.load(Ordering::SeqCst) > before + 20);
    stop.store(true, Ordering::SeqCst);
    for thread in load {
        thread.join().unwrap();
    }
}

#[test]
fn an_authority_that_refuses_is_told_of_and_handshakes_are_refused_meanwhile() {
    let folder = e2e::folder("acme-refused");
    // Nothing listens at the ports where Pebble validates.
    let Some(pebble) = Pebble::start(&folder, free_port(), free_port(), 3600) else { return };
    std::fs::write(folder.join("shop.yaml"), SPEC).unwrap();
    let text = format!(
        "listen:\n  - address: 127.0.0.1:0\n    tls: {{ acme: {{ names: shop.example, directory: \"{}\", ca: ca.pem, \
         terms_agreed: true }} }}\napis:\n  shop: {{ spec: shop.yaml, upstream: \"http://127.0.0.1:1\" }}\n",
        pebble.directory
    );
    let gateway = Gateway::start(&folder, &text);
    let refused = TlsClient::trusting(&pebble.root).get(gateway.address, "shop.example", "/status");
    assert!(refused.err().unwrap().contains("InternalError"));
    let start = Instant::now();
    let mut status = String::new();
    while !status.contains("1 failures") {
        assert!(start.elapsed() < PATIENCE, "{status}\n{}", gateway.said());
        std::thread::sleep(Duration::from_millis(100));
        status = String::from_utf8(gateway.verb(&["status"]).stdout).unwrap();
    }
    assert!(
        status.contains("none yet, handshakes are refused") && status.contains("`shop.example`"),
        "{status}"
    );
}
