#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request};

use super::Handshake;

const GOOD: [(&str, &str); 5] = [
    ("host", "story"),
    ("connection", "keep-alive, Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    // The example of RFC 6455 section 1.3.
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

fn head(fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri("/chat");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    fields.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

#[test]
fn the_example_of_the_rfc_is_read_and_agreed_to() {
    let handshake = Handshake::read(&head(&GOOD)).unwrap();
    let accept = ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    let answer = [("upgrade", "WebSocket"), ("connection", "Upgrade"), accept];
    assert!(handshake.is_agreed(&headers(&answer)));
    for wrong in [
        [("upgrade", "h2c"), ("connection", "Upgrade"), accept],
        [("upgrade", "websocket"), ("connection", "close"), accept],
        [
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOO="),
        ],
    ] {
        assert!(!handshake.is_agreed(&headers(&wrong)), "{wrong:?}");
    }
}

#[test]
fn what_is_not_exactly_a_handshake_is_refused() {
    let with = |name: &'static str, value: &'static str| {
        let mut fields = GOOD.to_vec();
        fields.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
        head(&fields)
    };
    for (name, value) in [
        ("upgrade", ""),
        ("upgrade", "h2c"),
        ("upgrade", "websocket, h2c"),
        ("connection", "keep-alive"),
        ("sec-websocket-version", "8"),
        ("sec-websocket-version", ""),
        ("sec-websocket-key", ""),
        ("sec-websocket-key", "c2hvcnQ="),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZR=="),
        ("content-length", "0"),
        ("transfer-encoding", "chunked"),
    ] {
        assert!(Handshake::read(&with(name, value)).is_err(), "{name}: {value}");
    }
    let mut twice = GOOD.to_vec();
    twice.push(("upgrade", "websocket"));
    assert!(Handshake::read(&head(&twice)).is_err());
    let mut post = head(&GOOD);
    post.method = http::Method::POST;
    assert!(Handshake::read(&post).is_err());
    let mut old = head(&GOOD);
    old.version = http::Version::HTTP_10;
    assert!(Handshake::read(&old).is_err());
}
