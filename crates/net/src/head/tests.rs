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
fn a_head_says_what_follows_it_however_many_fields_it_has() {
    for fields in [0, 1, 70] {
        let more: String = (0..fields).map(|number| format!("x-{number}: {number}\r\n")).collect();
        let raw = Bytes::from(format!("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n{more}\r\n"));
        let head = parse(&raw, 3 + fields, &Limits::default()).unwrap();
        assert_eq!((head.body, head.keep_alive, head.expects_continue), (Decoder::Length(3), true, false));
        assert_eq!(head.request.headers().len(), 2 + fields);
    }
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
