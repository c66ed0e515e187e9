//! Bytes that are not one well-formed request: refused, the connection closed, and nothing smuggled.

use crate::Stage;

#[test]
fn malformed_requests_are_refused_and_nothing_is_smuggled() {
    let stage = Stage::set("wire", "");
    let inner = "GET /status HTTP/1.1\r\nHost: inner\r\n\r\n";
    let rows = [
        ("GET /status HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), 400),
        ("GET /status HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(), 400),
        ("GET /status HTTP/1.1\nHost: a\n\n".to_owned(), 400),
        ("GET /status HTTP/1.1\r\nHost : a\r\n\r\n".to_owned(), 400),
        ("GET /status HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n".to_owned(), 400),
        ("GET /status HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n".to_owned(), 400),
        ("GET http://other/status HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n".to_owned(), 501),
        (
            format!(
                "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{inner}"
            ),
            400,
        ),
        (
            format!(
                "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"
            ),
            400,
        ),
        (
            format!(
                "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n{inner}"
            ),
            400,
        ),
        (format!("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n{inner}"), 400),
        (format!("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n{inner}"), 400),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(9000)), 414),
        (format!("GET /status HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(40_000)), 431),
    ];
    for (bytes, status) in rows {
        let answer = e2e::exchange(stage.gateway.address, bytes.as_bytes());
        let line = bytes.lines().next().unwrap_or_default().chars().take(60).collect::<String>();
        let answer = answer.unwrap_or_else(|| panic!("no answer to {line}"));
        assert_eq!(answer.status, status, "{line}: {}", answer.head);
    }
    assert_eq!(stage.upstream.count(), 0, "nothing reached the service");
}
