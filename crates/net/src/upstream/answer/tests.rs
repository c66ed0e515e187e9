#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

const SEEDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.0 404 Not \u{e9}\r\nX-A:\t1 \r\nX-Empty:\r\n\r\n",
    "HTTP/1.1 204\r\nConnection: keep-alive, x\r\nx: y: z\r\n\r\n",
];
const NASTY: &[&str] = &[
    "", "\r\n", "\n", "\r", " ", "\t", "\0", ":", "\x0b", "\x0c", "\x7f", "\u{e9}", "x", "1", "\"", "(",
    "\r\n ", "\r\n\r\n",
];

/// Status, version and fields in their order, as our reader has them.
type Seen = (u16, Version, Vec<(String, Vec<u8>)>);

fn ours(text: &[u8]) -> Option<Seen> {
    let head = Answer::default().advance(&mut BytesMut::from(text), &Method::GET).ok()??;
    let mut fields: Vec<_> = head
        .fields
        .into_table()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    fields.sort();
    Some((head.status.as_u16(), head.version, fields))
}

fn httparses(text: &[u8]) -> Option<Seen> {
    let mut room = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Response::new(&mut room);
    let httparse::Status::Complete(_) = parsed.parse(text).ok()? else { return None };
    let version = if parsed.version? == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
    let is_ours = |field: &&httparse::Header<'_>| {
        // Of this hop, and asks for nothing.
        !(field.name.eq_ignore_ascii_case("connection") && field.value.eq_ignore_ascii_case(b"keep-alive"))
    };
    let mut fields: Vec<_> = parsed
        .headers
        .iter()
        .filter(is_ours)
        .map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec()))
        .collect();
    fields.sort();
    Some((parsed.code?, version, fields))
}

#[test]
fn what_is_read_as_an_answer_httparse_reads_in_the_same_way() {
    let (mut read, mut refused) = (0, 0);
    for seed in SEEDS {
        for at in 0..seed.len() {
            for nasty in NASTY {
                for replaced in 0..=1 {
                    let mut text = seed.as_bytes().to_vec();
                    text.splice(at..at + replaced, nasty.bytes());
                    match ours(&text) {
                        Some(seen) => {
                            let shown = String::from_utf8_lossy(&text).into_owned();
                            assert_eq!(Some(seen), httparses(&text), "{shown:?}");
                            read += 1;
                        }
                        None => refused += 1,
                    }
                }
            }
        }
    }
    assert!(read > 500 && refused > 500, "{read} read, {refused} refused");
}

#[test]
fn what_becomes_of_a_connection_hangs_on_what_may_still_come_on_it() {
    use super::Afterwards::{Closed, Kept, Watched};
    for (method, status, fields, afterwards) in [
        ("GET", "200", "Content-Length: 3\r\n", Kept),
        ("GET", "200", "Transfer-Encoding: chunked\r\n", Kept),
        ("GET", "200", "Content-Length: 3\r\nConnection: close\r\n", Closed),
        ("GET", "200", "", Closed),
        ("HEAD", "200", "Content-Length: 3\r\n", Watched),
        ("HEAD", "200", "Transfer-Encoding: chunked\r\n", Watched),
        ("HEAD", "200", "", Watched),
        ("HEAD", "200", "Connection: close\r\n", Closed),
        ("GET", "304", "", Kept),
        ("GET", "304", "Content-Length: 0\r\n", Kept),
        ("GET", "304", "Content-Length: 3\r\n", Watched),
        ("GET", "304", "Transfer-Encoding: chunked\r\n", Watched),
        ("GET", "204", "", Kept),
        ("DELETE", "204", "Content-Length: 0\r\n", Kept),
        ("DELETE", "204", "Content-Length: 3\r\n", Closed),
        ("DELETE", "204", "Transfer-Encoding: chunked\r\n", Closed),
        ("HEAD", "204", "Content-Length: 3\r\n", Closed),
    ] {
        let text = format!("HTTP/1.1 {status} X\r\n{fields}\r\n");
        let method: Method = method.parse().unwrap();
        let head = Answer::default().advance(&mut BytesMut::from(text.as_str()), &method).unwrap().unwrap();
        assert_eq!(head.afterwards, afterwards, "{method} {status} {fields:?}");
    }
}

#[test]
fn a_status_line_has_a_version_a_code_and_perhaps_a_reason() {
    for (line, status) in [
        ("HTTP/1.1 200 OK", Some(200)),
        ("HTTP/1.1 200 ", Some(200)),
        ("HTTP/1.0 200", Some(200)),
        ("HTTP/1.1 599 a b\tc", Some(599)),
        ("HTTP/1.1 600 No", None),
        ("HTTP/1.1 099 No", None),
        ("HTTP/1.1 20 OK", None),
        ("HTTP/1.1 2000 OK", None),
        ("HTTP/1.1 +20 OK", None),
        ("HTTP/1.1  200 OK", None),
        ("HTTP/1.2 200 OK", None),
        ("http/1.1 200 OK", None),
        ("HTTP/1.1 200 O\x7fK", None),
        ("", None),
    ] {
        assert_eq!(status_line(line.as_bytes()).map(|(status, _)| status.as_u16()), status, "{line:?}");
    }
}
