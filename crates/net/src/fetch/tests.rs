#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::tests::{LONG, describe, ok, patient, raw_service, start, start_with};
use crate::{ResponseBody, TlsServer};

const ROOT: &[u8] = include_bytes!("../../fixtures/tls/root.pem");

fn fetcher(allow: &[(&str, u8)]) -> Fetcher {
    let allow = allow.iter().map(|(network, prefix)| (network.parse().unwrap(), *prefix)).collect();
    Fetcher::new(Guard { allow }, &Roots::from_pem(ROOT).unwrap()).unwrap()
}

#[test]
fn public_addresses_are_public_and_the_others_are_not() {
    let guard = Guard::default();
    for public in [
        "8.8.8.8",
        "100.63.0.1",
        "172.32.0.1",
        "192.167.1.1",
        "2606:4700::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ] {
        assert!(guard.permits(public.parse().unwrap()), "{public}");
    }
    for special in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "3fff::1",
        "100::1",
        "::7f00:1",
    ] {
        assert!(!guard.permits(special.parse().unwrap()), "{special}");
    }
}

#[test]
fn a_named_network_is_permitted_and_nothing_beside_it() {
    let guard = Guard {
        allow: vec![
            ("10.1.0.0".parse().unwrap(), 16),
            ("fd00::".parse().unwrap(), 8),
            ("0.0.0.0".parse().unwrap(), 32),
        ],
    };
    for (address, permitted) in [
        ("10.1.255.1", true),
        ("::ffff:10.1.0.1", true),
        ("10.2.0.1", false),
        ("fd12::1", true),
        ("fe80::1", false),
        ("127.0.0.1", false),
    ] {
        assert_eq!(guard.permits(address.parse().unwrap()), permitted, "{address}");
    }
    let everything = Guard { allow: vec![("0.0.0.0".parse().unwrap(), 0), ("::".parse().unwrap(), 0)] };
    assert!(everything.permits("127.0.0.1".parse().unwrap()) && everything.permits("::1".parse().unwrap()));
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_permitted() {
    let served = start(patient(), |_| panic!("a request arrived"));
    let port = served.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{port}/");
        let refused = fetcher(&[]).get(&url, 100, LONG).await.unwrap_err();
        assert_eq!(refused, FetchError::AddressRefused, "{host}");
        assert!(refused.to_string().contains("`egress.allow`"), "the key that would allow it is named");
    }
    let public_cleartext = fetcher(&[]).get("http://192.88.98.1/", 100, LONG).await;
    assert_eq!(public_cleartext.unwrap_err(), FetchError::Cleartext);
    for url in [
        "ftp://x/",
        "x",
        "/x",
        "http://a:b@x/",
        "http://x:99999/",
        "file:///etc/passwd",
        "http://",
        "https://x y/",
    ] {
        assert_eq!(fetcher(&[]).get(url, 100, LONG).await.unwrap_err(), FetchError::Url, "{url}");
    }
}

#[tokio::test]
async fn fetches_over_tls_and_posts_forms() {
    let tls = TlsServer::new(
        include_bytes!("../../fixtures/tls/server.pem"),
        include_bytes!("../../fixtures/tls/server.key.pem"),
    );
    let served = start_with("127.0.0.1:0".parse().unwrap(), patient(), Some(tls.unwrap()), |request| {
        assert!(request.method() == "GET" || request.headers().contains_key("content-type"));
        describe(request)
    });
    let port = served.address.port();
    let fetcher = fetcher(&[("127.0.0.0", 8)]);
    let got = fetcher.get(&format!("https://localhost:{port}/k?a#f"), 100, LONG).await.unwrap();
    assert_eq!(
        (got.status.as_u16(), got.body),
        (200, Bytes::from(format!("GET /k?a host=localhost:{port} body=\n")))
    );
    let form = Bytes::from_static(b"token=t");
    let url = format!("https://127.0.0.1:{port}");
    let got = fetcher.post_form(&url, Some("Basic eA=="), form, 100, LONG).await.unwrap();
    assert_eq!(got.body, format!("POST / host=127.0.0.1:{port} body=token=t\n"));
    let got =
        fetcher.post(&url, "application/x-protobuf", Bytes::from_static(b"x"), 100, LONG).await.unwrap();
    assert_eq!(got.body, format!("POST / host=127.0.0.1:{port} body=x\n"));
}

#[tokio::test]
async fn follows_no_redirection_and_stops_at_size_and_time() {
    let address =
        raw_service(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
            .await;
    let fetcher = fetcher(&[("127.0.0.1", 32)]);
    let got = fetcher.get(&format!("http://{address}/"), 100, LONG).await.unwrap();
    assert_eq!(
        (got.status.as_u16(), got.headers["location"].to_str().unwrap()),
        (302, "http://169.254.169.254/")
    );

    let served = start(patient(), |request| {
        Box::pin(async move {
            match request.uri().path() {
                "/large" => ok("a".repeat(101)),
                "/endless" => {
                    let pieces = crate::tests::Pieces(|| Some(Bytes::from_static(b"aaaaaaaaaa")));
                    http::Response::new(ResponseBody::boxed(pieces))
                }
                _ => std::future::pending().await,
            }
        })
    });
    for (path, error) in
        [("large", FetchError::TooLarge), ("endless", FetchError::TooLarge), ("silent", FetchError::TimedOut)]
    {
        let url = format!("http://{}/{path}", served.address);
        assert_eq!(fetcher.get(&url, 100, Duration::from_millis(500)).await.unwrap_err(), error, "{path}");
    }
    let large = fetcher.get(&format!("http://{}/large", served.address), 101, LONG).await.unwrap();
    assert_eq!(large.body.len(), 101);
}
