//! The table of heads and bodies that are not what they should be: each with its status, its fault, and the end of the
//! connection. Behind every row follows a request that must never be answered.

use super::*;

const HEAD: &str = "GET / HTTP/1.1\r\nHost: x\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

/// Whole requests: bytes, status, fault.
const ROWS: &[(&str, u16, &str)] = &[
    // Line ends and field syntax (RFC 9112 sections 2.2 and 5).
    ("GET / HTTP/1.1\nHost: x\n\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\n\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA: b\x7f\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost\t: x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1\r\nHost: x\r\n\"A\": b\r\n\r\n", 400, "Syntax"),
    // The request line (RFC 9112 section 3).
    (" GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET /  HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET /\r\n\r\n", 400, "Syntax"),
    ("GET / http/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1.10\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, "Version"),
    ("GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505, "Version"),
    ("GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505, "Version"),
    ("\x16\x03\x01\x02\x00\x01\x00", 400, "Syntax"),
    // The target (RFC 9112 section 3.2).
    ("GET /#f HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Syntax"),
    ("GET /<a> HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", 400, "Target"),
    ("GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("OPTIONS *a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET http:/x HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Target"),
    ("GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "SchemeMismatch"),
    ("OPTIONS HTTPS://x HTTP/1.1\r\nHost: x\r\n\r\n", 400, "SchemeMismatch"),
    ("GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "HostMismatch"),
    ("GET http://x:81/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "HostMismatch"),
    ("GET http://a@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "HostMismatch"),
    ("GET http:///p HTTP/1.1\r\nHost: x\r\n\r\n", 400, "HostMismatch"),
    ("GET http://x/ HTTP/1.1\r\n\r\n", 400, "HostMissing"),
    ("CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", 501, "Connect"),
    // Host (RFC 9112 section 3.2).
    ("GET / HTTP/1.1\r\n\r\n", 400, "HostMissing"),
    ("GET / HTTP/1.0\r\n\r\n", 400, "HostMissing"),
    ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400, "HostRepeated"),
    ("GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n", 400, "HostRepeated"),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: a@x\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x,y\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x%41\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x:\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x:80:80\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: x..y\r\n\r\n", 400, "HostInvalid"),
    ("GET / HTTP/1.1\r\nHost: \u{e9}\r\n\r\n", 400, "HostInvalid"),
    // The length (RFC 9112 section 6).
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        400,
        "TransferEncoding",
    ),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        400,
        "TransferEncoding",
    ),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        400,
        "TransferEncoding",
    ),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 400, "TransferEncoding"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, "TransferEncoding"),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
        400,
        "TransferEncoding",
    ),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n", 400, "TransferEncoding"),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "TransferEncoding",
    ),
    ("POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "TransferEncoding"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400, "Syntax"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, "Syntax"),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        400,
        "LengthWithTransferEncoding",
    ),
    (
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        "LengthWithTransferEncoding",
    ),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400, "LengthRepeated"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "LengthRepeated"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5,5\r\n\r\nabcde", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5 5\r\n\r\nabcde", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nabcde", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5.0\r\n\r\nabcde", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400, "LengthInvalid"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\n", 400, "LengthInvalid"),
    // Fields that change what a message is.
    ("GET / HTTP/1.1\r\nHost: x\r\nConnection: host\r\n\r\n", 400, "ConnectionNames"),
    ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close, Content-Length\r\n\r\n", 400, "ConnectionNames"),
    (
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nConnection: Authorization\r\n\r\n",
        400,
        "ConnectionNames",
    ),
    ("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 501, "Upgrade"),
    ("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket, H2C\r\n\r\n", 501, "Upgrade"),
    ("GET / HTTP/1.1\r\nHost: x\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", 501, "Upgrade"),
    ("POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\na", 400, "Expectation"),
];

/// Bodies of chunks (RFC 9112 section 7.1), each after the same head.
const CHUNKS: &[&str] = &[
    "5x\r\nabcde\r\n0\r\n\r\n",
    "0x5\r\nabcde\r\n0\r\n\r\n",
    "-5\r\nabcde\r\n0\r\n\r\n",
    "+5\r\nabcde\r\n0\r\n\r\n",
    " 5\r\nabcde\r\n0\r\n\r\n",
    "5 \r\nabcde\r\n0\r\n\r\n",
    "5 ;a\r\nabcde\r\n0\r\n\r\n",
    "\r\nabcde\r\n0\r\n\r\n",
    ";a\r\nabcde\r\n0\r\n\r\n",
    "10000000000000005\r\nabcde\r\n0\r\n\r\n",
    "0000000000000005\r\nabcde\r\n0\r\n\r\n",
    "5\nabcde\r\n0\r\n\r\n",
    "5\rabcde\r\n0\r\n\r\n",
    "5\r\nabcde0\r\n\r\n",
    "5\r\nabcdef\r\n0\r\n\r\n",
    "5\r\nabcde\n0\r\n\r\n",
    "5\r\nabcde\r\n0\n\n",
    "5;a=\0\r\nabcde\r\n0\r\n\r\n",
    "5\r\nabcde\r\n0\r\nno colon\r\n\r\n",
    "5\r\nabcde\r\n0\r\nA : b\r\n\r\n",
    "5\r\nabcde\r\n0\r\nA: b\n\r\n",
    "5\r\nabcde\r\n0\r\nA: b\0\r\n\r\n",
];

async fn check(limits: Limits, sent: &str, status: u16, fault: &str) {
    let served = start(limits, describe);
    let got = talk(served.address, sent.as_bytes(), LONG).await;
    let faults = served.faults.lock().unwrap().clone();
    let shown: String = sent.chars().take(100).collect();
    assert_eq!(got.statuses(), [status], "{shown:?} gave {got:?}");
    assert!(got.closed, "{shown:?} left the connection open");
    assert!(got.text.contains("\r\nconnection: close\r\n"), "{shown:?} gave {got:?}");
    assert!(!got.text.contains("smuggled"), "{shown:?} smuggled a request");
    let named = faults
        .first()
        .map_or_else(|| got.text.lines().last().unwrap().to_owned(), |fault| format!("{fault:?}"));
    assert_eq!(named, fault, "{shown:?}");
}

#[tokio::test]
async fn refuses_what_is_malformed_and_closes() {
    for (sent, status, fault) in ROWS {
        check(patient(), &format!("{sent}{SMUGGLED}"), *status, fault).await;
    }
    for chunks in CHUNKS {
        check(patient(), &format!("{CHUNKED}{chunks}{SMUGGLED}"), 400, "Malformed").await;
    }
}

#[tokio::test]
async fn refuses_what_is_too_much_and_closes() {
    let extension = format!("5;{}\r\nabcde\r\n0\r\n\r\n", "e".repeat(300));
    let extensions = format!("1;{}\r\na\r\n", "e".repeat(200)).repeat(30);
    let trailer = format!("0\r\nA: {}\r\n\r\n", "t".repeat(9000));
    let trailers = format!("0\r\n{}\r\n", "A: b\r\n".repeat(3000));
    for chunks in [extension, extensions, trailer, trailers] {
        check(patient(), &format!("{CHUNKED}{chunks}{SMUGGLED}"), 400, "Malformed").await;
    }
    let limits = Limits { head_bytes_max: 4096, headers_max: 10, target_bytes_max: 100, ..patient() };
    let many = format!("{HEAD}{}\r\n", "A: b\r\n".repeat(10));
    check(limits, &format!("{many}{SMUGGLED}"), 431, "HeadersTooMany").await;
    check(limits, &format!("{HEAD}{}", "A: b\r\n".repeat(5000)), 431, "HeadersTooMany").await;
    check(limits, &format!("{HEAD}A: {}\r\n\r\n{SMUGGLED}", "b".repeat(5000)), 431, "HeadTooLarge").await;
    check(limits, &format!("{HEAD}A: {}", "b".repeat(100_000)), 431, "HeadTooLarge").await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100));
    check(limits, &format!("{long}{SMUGGLED}"), 414, "TargetTooLong").await;
    check(limits, &format!("GET /{}", "a".repeat(100_000)), 414, "TargetTooLong").await;
    // At the limit, not above it.
    let at_limit = format!(
        "GET /{} HTTP/1.1\r\nHost: x\r\n{}Connection: close\r\n\r\n",
        "a".repeat(99),
        "A: b\r\n".repeat(8)
    );
    let served = start(limits, describe);
    assert_eq!(talk(served.address, at_limit.as_bytes(), LONG).await.statuses(), [200]);
}

#[tokio::test]
async fn refuses_what_comes_too_slowly_and_closes() {
    check(quick(), "GET / HTTP/1.1\r\nHost:", 408, "Timeout").await;
    check(quick(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", 408, "TimedOut").await;
    check(quick(), &format!("{CHUNKED}5\r\nabc"), 408, "TimedOut").await;
    check(quick(), &format!("{CHUNKED}5"), 408, "TimedOut").await;
    // A byte now and then, each in time, but too few on the whole.
    let served = start(quick(), describe);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n").await.unwrap();
    let dripping = async {
        while stream.write_all(b"a").await.is_ok() {
            let got = listen(&mut stream, Duration::from_millis(100)).await;
            if got.closed {
                return got;
            }
        }
        panic!("closed without an answer");
    };
    assert_eq!(tokio::time::timeout(LONG, dripping).await.unwrap().statuses(), [408]);
    // Nothing at all is no request: there is nobody to answer.
    let served = start(quick(), describe);
    let got = talk(served.address, b"", LONG).await;
    assert!(got.closed && got.text.is_empty(), "{got:?}");
}

#[tokio::test]
async fn a_client_that_ends_within_a_head_or_a_body_is_told() {
    for (sent, fault) in
        [("GET / HTT", "Truncated"), ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab", "-")]
    {
        let served = start(patient(), describe);
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let got = listen(&mut stream, LONG).await;
        assert_eq!(got.statuses(), [400], "{got:?}");
        assert!(got.closed);
        assert!(fault == "-" || *served.faults.lock().unwrap() == [HeadFault::Truncated]);
    }
}

#[tokio::test]
async fn accepts_what_is_unusual_and_unambiguous_in_one_form() {
    for (sent, described) in [
        ("GET http://x/p?q HTTP/1.1\r\nHost: X\r\n\r\n", "GET /p?q host=X body="),
        ("GET HTTP://x:8443 HTTP/1.1\r\nHost: x:8443\r\n\r\n", "GET / host=x:8443 body="),
        ("GET http://x?q=/ HTTP/1.1\r\nHost: x\r\n\r\n", "GET /?q=/ host=x body="),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * host=x body="),
        ("OPTIONS http://x HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * host=x body="),
        ("\r\nGET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / host=[::1]:80 body="),
        // The field is dropped on the way (strip_hop_by_hop); the request is served as what it is.
        (
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "GET / host=x body=",
        ),
        ("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", "TRACE / host=x body="),
        ("GET //y/z HTTP/1.1\r\nHost: x\r\n\r\n", "GET //y/z host=x body="),
        ("DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", "DELETE / host=x body=ab"),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n00A\r\n0123456789\r\n0;e\r\nT: u\r\n\r\n",
            "POST / host=x body=0123456789",
        ),
    ] {
        let served = start(patient(), describe);
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let got = read_message(&mut stream).await;
        assert!(got.ends_with(&format!("\r\n\r\n{described}\n")), "{sent:?} gave {got:?}");
        // What follows is the next request, no more and no less.
        stream.write_all(SMUGGLED.as_bytes()).await.unwrap();
        assert!(read_message(&mut stream).await.ends_with("GET /smuggled host=x body=\n"), "{sent:?}");
    }
}
