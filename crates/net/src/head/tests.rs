#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

#[test]
fn the_end_of_a_head_is_found_however_the_bytes_arrive() {
    let text = b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\nbody";
    for first in 0..text.len() {
        let mut scan = Scan::default();
        let found = scan.advance(&text[..first], &Limits::default()).unwrap();
        let found = match found {
            Some(end) => Some(end),
            None => scan.advance(text, &Limits::default()).unwrap(),
        };
        assert_eq!((found, scan.lines), (Some(text.len() - 4), 3), "cut at {first}");
    }
}

#[test]
fn a_head_keeps_its_raw_bytes_and_shows_none_of_them() {
    let raw = Bytes::from_static(
        b"POST /a HTTP/1.1\r\nHost: x\r\nAuthorization: secret\r\nContent-Length: 3\r\n\r\n",
    );
    let head = parse(&raw, 4, &Limits::default()).unwrap();
    let kept = head.request.extensions().get::<RawHead>().unwrap();
    assert_eq!(kept.bytes, raw);
    assert_eq!(format!("{kept:?}"), "RawHead(71 bytes)");
    assert_eq!((head.body, head.keep_alive, head.expects_continue), (Decoder::Length(3), true, false));
}

#[test]
fn every_fault_has_a_code_of_the_wire() {
    for (fault, status) in [
        (HeadFault::Syntax, 400),
        (HeadFault::HostMissing, 400),
        (HeadFault::Version, 505),
        (HeadFault::TargetTooLong, 414),
        (HeadFault::HeadTooLarge, 431),
        (HeadFault::Timeout, 408),
        (HeadFault::Connect, 501),
    ] {
        assert_eq!(fault.code().status(), status);
    }
}
