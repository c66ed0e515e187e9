#![allow(clippy::unwrap_used)]

use super::*;

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    fields.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

#[test]
fn nothing_of_the_hop_is_left() {
    let mut fields = headers(&[
        ("connection", "close, X-Named"),
        ("x-named", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("proxy-authorization", "Basic eA=="),
        ("proxy-connection", "keep-alive"),
        ("te", "trailers"),
        ("trailer", "Expires"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("http2-settings", "AAMAAABk"),
        ("x-kept", "1"),
        ("host", "x"),
    ]);
    strip_hop_by_hop(&mut fields);
    let mut left: Vec<_> = fields.keys().map(HeaderName::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["host", "x-kept"]);
}

#[test]
fn connection_cannot_take_an_essential_field_away() {
    let mut fields = headers(&[
        ("connection", "Set-Cookie, content-length"),
        ("set-cookie", "a"),
        ("content-length", "1"),
    ]);
    assert!(names_an_essential(&fields));
    strip_hop_by_hop(&mut fields);
    assert_eq!(fields, headers(&[("set-cookie", "a"), ("content-length", "1")]));
}
