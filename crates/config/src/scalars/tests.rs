#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::{address, duration, instant, network, rate, share, size, url};

#[test]
fn durations_carry_their_unit() {
    for (text, ms) in
        [("500ms", 500), ("30s", 30_000), ("5min", 300_000), ("1h", 3_600_000), ("2d", 172_800_000)]
    {
        assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
    }
    for (text, part) in [
        ("30", "needs a unit"),
        ("5m", "minutes are `min`"),
        ("5 weeks", "not a unit of time"),
        ("1.5h", "smaller unit"),
        ("s", "a number belongs"),
        ("-3s", "never negative"),
        ("99999999999999999d", "too long"),
    ] {
        let why = duration(text).unwrap_err();
        assert!(why.contains(part), "{text}: {why}");
    }
}

#[test]
fn sizes_are_binary_and_say_so() {
    for (text, bytes) in
        [("65536", 65_536), ("64KiB", 65_536), ("1MiB", 1 << 20), ("2GiB", 2 << 30), ("0", 0)]
    {
        assert_eq!(size(text), Ok(bytes), "{text}");
    }
    for (text, part) in [
        ("64KB", "KiB"),
        ("-1KiB", "never negative"),
        ("1M", "MiB"),
        ("1TiB", "not a unit of size"),
        ("", "a number"),
    ] {
        let why = size(text).unwrap_err();
        assert!(why.contains(part), "{text}: {why}");
    }
}

#[test]
fn rates_are_a_count_and_a_time() {
    for (text, count, seconds) in
        [("20/s", 20, 1), ("100/min", 100, 60), ("5/h", 5, 3600), ("10/30s", 10, 30), ("7 / d", 7, 86_400)]
    {
        let read = rate(text).unwrap();
        assert_eq!((read.count, read.window.as_secs()), (count, seconds), "{text}");
    }
    for text in ["20", "0/s", "20/ms", "20/fortnight", "/s", "20/", "x/s", "1/400d"] {
        assert!(rate(text).is_err(), "{text}");
    }
}

#[test]
fn shares_are_percentages() {
    for (text, parts) in [("1%", 100), ("0.25%", 25), ("100%", 10_000), ("0%", 0), ("12.5%", 1250)] {
        assert_eq!(share(text), Ok(parts), "{text}");
    }
    for text in ["1", "0.125%", "101%", "-1%", "%", "0.01"] {
        assert!(share(text).is_err(), "{text}");
    }
}

#[test]
fn addresses_name_what_they_listen_on() {
    for text in ["127.0.0.1:8080", "[::1]:0", "localhost:9901", "0.0.0.0:443"] {
        assert!(address(text).is_ok(), "{text}");
    }
    assert!(address(":8080").unwrap_err().contains("0.0.0.0"));
    for text in ["8080", "example.com:80", "127.0.0.1", "127.0.0.1:99999"] {
        assert!(address(text).is_err(), "{text}");
    }
}

#[test]
fn networks_have_no_bits_beyond_their_prefix() {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "192.168.1.7/32", "fd00::/8", "::1/128"] {
        assert!(network(text).is_ok(), "{text}");
    }
    for text in ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "fd00::1/8", "x/8"] {
        assert!(network(text).is_err(), "{text}");
    }
}

#[test]
fn urls_are_taken_apart() {
    let read = url("https://Login.Example.com/realms/a/").unwrap();
    assert_eq!(
        (read.https, &*read.host, read.port, &*read.path),
        (true, "login.example.com", 443, "/realms/a")
    );
    let read = url("http://[::1]:3000").unwrap();
    assert_eq!((&*read.host, read.port, read.is_loopback()), ("::1", 3000, true));
    assert!(!url("http://orders:3000").unwrap().is_loopback());
    for text in [
        "orders:3000",
        "ftp://a",
        "http://",
        "http://a:0",
        "http://a:x",
        "http://u:p@a",
        "http://a/?q",
        "http://a/#f",
        "http://a/../b",
        "http://a//b",
        "http://a b",
        "http://-a",
        "http://a\\b",
    ] {
        assert!(url(text).is_err(), "{text}");
    }
}

#[test]
fn instants_are_rfc_3339() {
    for (text, seconds) in [
        ("1970-01-01", 86_400),
        ("1970-01-02T00:00:00Z", 86_400),
        ("2000-02-29T00:00:00Z", 951_782_400),
        ("2025-12-31T23:59:59.999Z", 1_767_225_599),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600),
        ("2025-12-31T23:00:00-01:00", 1_767_225_600),
    ] {
        assert_eq!(instant(text), Ok(seconds), "{text}");
    }
    for text in [
        "2025-02-29",
        "2025-13-01",
        "2025-1-1",
        "tomorrow",
        "2025-01-01T00:00:00",
        "2025-01-01T24:00:00Z",
        "1969-12-31",
    ] {
        assert!(instant(text).is_err(), "{text}");
    }
}
