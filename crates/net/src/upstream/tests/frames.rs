//! Answers of HTTP/2 by raw frames: those that may be passed on, and those that may not.

use super::*;
use crate::tests::frames::{DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM, Raw, frame};

/// Fields in HPACK, each by its name and value and without an index (RFC 7541 section 6.2.2).
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

fn head(flags: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, flags | END_HEADERS, 1, &block(fields))
}

fn data(flags: u8, bytes: &str) -> Vec<u8> {
    frame(DATA, flags, 1, bytes.as_bytes())
}

/// What a service that answers with these frames is taken for.
async fn outcome(method: &str, frames: &[Vec<u8>]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let head = Duration::from_secs(1);
    let config = UpstreamConfig { http2: true, head, body: head, ..config(listener.local_addr().unwrap()) };
    let pool = Pool::new(config).unwrap();
    let service = async {
        let mut raw = Raw::accept(&listener).await;
        raw.next_of(HEADERS).await.expect("a request");
        raw.send(&frames.concat()).await;
        while raw.next().await.is_some() {}
        std::future::pending::<()>().await;
    };
    let client = async {
        let request =
            Request::builder().method(method).uri("/").header("host", "api").body(Empty::<Bytes>::new());
        match pool.send(request.unwrap(), false).await {
            Err(error) => format!("{:?}", error.kind),
            Ok(sent) => {
                let status = sent.response.status().as_u16();
                match read_all(sent.response.into_body()).await {
                    Ok(body) => format!("{status} {}", String::from_utf8_lossy(&body)),
                    Err(fault) => format!("{status} {fault:?}"),
                }
            }
        }
    };
    tokio::select! {
        outcome = client => outcome,
        () = service => unreachable!("it never ends"),
    }
}

const OK: (&str, &str) = (":status", "200");

#[tokio::test]
async fn passes_on_what_is_well_formed() {
    for (method, frames, expected) in [
        ("GET", vec![head(0, &[OK]), data(END_STREAM, "abc")], "200 abc"),
        ("GET", vec![head(0, &[OK, ("content-length", "3")]), data(END_STREAM, "abc")], "200 abc"),
        ("GET", vec![head(END_STREAM, &[OK])], "200 "),
        ("HEAD", vec![head(END_STREAM, &[OK, ("content-length", "3")])], "200 "),
        ("GET", vec![head(END_STREAM, &[(":status", "204")])], "204 "),
        ("GET", vec![head(END_STREAM, &[(":status", "304"), ("content-length", "3")])], "304 "),
        ("GET", vec![head(0, &[(":status", "103")]), head(END_STREAM, &[OK])], "200 "),
        // What is of requests alone, and what comes behind the body, is read by nobody.
        ("GET", vec![head(END_STREAM, &[OK, (":path", "/evil")])], "200 "),
        (
            "GET",
            vec![head(0, &[OK]), data(0, "abc"), head(END_STREAM, &[("content-length", "9")])],
            "200 abc",
        ),
    ] {
        assert_eq!(outcome(method, &frames).await, expected, "{method} {frames:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_was_said_or_breaks_off_is_an_error() {
    for frames in [
        vec![head(0, &[OK, ("content-length", "4")]), data(END_STREAM, "abc")],
        vec![head(0, &[OK, ("content-length", "2")]), data(END_STREAM, "abc")],
        vec![head(0, &[OK]), data(0, "abc"), frame(RST_STREAM, 0, 1, &2_u32.to_be_bytes())],
        // NO_ERROR and CANCEL before the end are an end too early all the same.
        vec![head(0, &[OK]), data(0, "abc"), frame(RST_STREAM, 0, 1, &0_u32.to_be_bytes())],
        vec![head(0, &[OK]), data(0, "abc"), frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes())],
        vec![head(0, &[OK]), frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes())],
        vec![
            head(0, &[OK, ("content-length", "4")]),
            data(0, "abc"),
            frame(RST_STREAM, 0, 1, &0_u32.to_be_bytes()),
        ],
        vec![head(0, &[OK]), data(0, "abc"), frame(DATA, 0, 0, b"x")],
        // A farewell that counts no stream as looked at, also without an error.
        vec![head(0, &[OK]), data(0, "abc"), frame(GOAWAY, 0, 0, &[0; 8])],
    ] {
        let got = outcome("GET", &frames).await;
        let shown = frames.concat().escape_ascii().to_string();
        assert!(got == "200 Truncated" || got == "Unreachable", "{got}: {shown}");
    }
    // A reset behind the end takes nothing back (RFC 9113 section 8.1).
    for (fields, bytes) in [(&[OK][..], ""), (&[OK], "abc"), (&[OK, ("content-length", "3")], "abc")] {
        let reset = frame(RST_STREAM, 0, 1, &0_u32.to_be_bytes());
        let answer = vec![head(0, fields), data(END_STREAM, bytes), reset];
        assert_eq!(outcome("GET", &answer).await, format!("200 {bytes}"));
    }
    let silent = vec![head(0, &[OK]), data(0, "abc")];
    assert_eq!(outcome("GET", &silent).await, "200 TimedOut");
}

#[tokio::test]
async fn an_answer_that_does_not_hear_the_request_out_is_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = Pool::new(UpstreamConfig { http2: true, ..config(listener.local_addr().unwrap()) }).unwrap();
    let service = async {
        let mut raw = Raw::accept(&listener).await;
        raw.next_of(HEADERS).await.expect("a request");
        let early = head(0, &[(":status", "413"), ("content-length", "5")]);
        let reset = frame(RST_STREAM, 0, 1, &0_u32.to_be_bytes());
        raw.send(&[early, data(END_STREAM, "early"), reset].concat()).await;
        raw
    };
    let client = async {
        let body = ResponseBody::boxed(Pieces(|| Some(Bytes::from_static(&[b'a'; 16 << 10]))));
        let request = Request::builder().method("POST").uri("/").header("host", "api").body(body).unwrap();
        let sent = pool.send(request, false).await.unwrap();
        (sent.response.status().as_u16(), read_all(sent.response.into_body()).await)
    };
    let (_raw, got) = tokio::join!(service, client);
    assert_eq!(got, (413, Ok(Bytes::from_static(b"early"))));
}

/// A service that has answered, and neither takes the rest of the request nor says so, holds no client's connection.
#[tokio::test]
async fn a_client_is_let_go_when_its_answer_is_whole_and_its_body_stuck() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = Pool::new(UpstreamConfig { http2: true, ..config(listener.local_addr().unwrap()) }).unwrap();
    let pool = Arc::new(pool);
    let served = start(patient(), move |request| {
        let pool = Arc::clone(&pool);
        Box::pin(async move { pool.send(request, false).await.unwrap().response.map(ResponseBody::from) })
    });
    let service = async {
        let mut raw = Raw::accept(&listener).await;
        raw.next_of(HEADERS).await.expect("a request");
        raw.send(&[head(0, &[OK]), data(END_STREAM, "early")].concat()).await;
        // Gives no window back, and resets nothing.
        while raw.next().await.is_some() {}
    };
    let client = async {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream
            .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n30000\r\n")
            .await
            .unwrap();
        stream.write_all(&vec![b'a'; 0x30000]).await.unwrap();
        let got = listen(&mut stream, LONG).await;
        assert!(got.closed && got.text.contains("early"), "{got:?}");
        // Nobody listens any more, and the kernel says so.
        while stream.write_all(b"1").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        let_go = tokio::time::timeout(LONG, client) => assert!(let_go.is_ok(), "the connection is still held"),
        () = service => panic!("the connection to the service ended"),
    }
}

#[tokio::test]
async fn refuses_what_is_no_answer() {
    let mut taken = Vec::new();
    let many: Vec<Vec<u8>> = (0..100).map(|_| head(0, &[(":status", "103")])).collect();
    for frames in [
        vec![head(END_STREAM, &[OK, ("content-length", "3")])],
        vec![head(0, &[OK, ("content-length", "3"), ("content-length", "3")]), data(END_STREAM, "abc")],
        vec![head(0, &[OK, ("content-length", "3"), ("content-length", "4")]), data(END_STREAM, "abc")],
        vec![head(0, &[OK, ("content-length", "+3")]), data(END_STREAM, "abc")],
        vec![head(0, &[OK, ("transfer-encoding", "chunked")]), data(END_STREAM, "abc")],
        vec![head(END_STREAM, &[OK, ("connection", "close")])],
        vec![head(END_STREAM, &[OK, ("upgrade", "h2c")])],
        vec![head(END_STREAM, &[OK, ("X-Upper", "a")])],
        vec![head(END_STREAM, &[OK, ("x-split", "a\r\nset-cookie: b")])],
        vec![head(END_STREAM, &[OK, ("x-nul", "a\0b")])],
        vec![head(END_STREAM, &[OK, ("x space", "a")])],
        vec![head(END_STREAM, &[("x-a", "b")])],
        vec![head(END_STREAM, &[OK, OK])],
        vec![head(END_STREAM, &[("x-a", "b"), OK])],
        vec![head(END_STREAM, &[(":status", "99")])],
        vec![head(END_STREAM, &[(":status", "2000")])],
        vec![head(END_STREAM, &[(":status", "103")])],
        vec![data(END_STREAM, "abc")],
        vec![frame(RST_STREAM, 0, 1, &7_u32.to_be_bytes())],
        vec![frame(GOAWAY, 0, 0, &[0; 8])],
        // A push that nobody asked for (RFC 9113 section 8.4).
        vec![frame(5, END_HEADERS, 1, &[&2_u32.to_be_bytes()[..], &[0x82, 0x86, 0x84]].concat())],
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".chunks(64).map(<[u8]>::to_vec).collect(),
        many,
    ] {
        let got = outcome("GET", &frames).await;
        if !["Unreachable", "Invalid", "Timeout"].contains(&got.as_str()) {
            taken.push(format!("{got}: {}", frames.concat().escape_ascii()));
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}

/// What a switch of protocols would be is none in HTTP/2 (RFC 9113 section 8.6).
#[tokio::test]
async fn a_switch_of_protocols_is_no_answer() {
    let got = outcome("GET", &[head(END_STREAM, &[(":status", "101")])]).await;
    assert!(!got.starts_with("200"), "{got}");
}
