#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use http::HeaderValue;

use super::*;
use crate::settings::Network;

fn proxies(forwarded: ForwardedField) -> Proxies {
    let network = |address: &str, prefix| Network { address: address.parse().unwrap(), prefix };
    let trusted = vec![network("10.0.0.0", 8), network("2001:db8:aa::", 48)];
    Proxies { trusted, forwarded, protocol: false, scheme: true }
}

fn walk(forwarded: ForwardedField, socket: &str, lines: &[&str]) -> (String, AddressSource, u32, WalkEnd) {
    let socket: SocketAddr = SocketAddr::new(socket.parse().unwrap(), 40_000);
    let connection = Connection {
        peer: socket,
        socket,
        local: "10.0.0.9:443".parse().unwrap(),
        tls: true,
        is_proxied: false,
        listener: 0,
    };
    let name = match forwarded {
        ForwardedField::XForwardedFor => X_FORWARDED_FOR,
        ForwardedField::Forwarded => header::FORWARDED,
    };
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(&name, HeaderValue::from_str(line).unwrap());
    }
    let origin = Origin::of_request(&connection, &headers, &proxies(forwarded));
    let from = origin.from.unwrap();
    assert_eq!(from.socket, socket.ip());
    (origin.address.to_string(), from.source, from.hop, from.ended)
}

#[test]
fn the_walk_over_x_forwarded_for_stops_at_the_first_that_is_not_trusted() {
    use AddressSource::{Socket, XForwardedFor};
    use WalkEnd::{Hidden, Malformed, NoMoreEntries, Untrusted};
    for (socket, lines, expected) in [
        // Not a proxy: what it says of others does not matter.
        ("203.0.113.1", &["198.51.100.1"][..], ("203.0.113.1", Socket, 0, Untrusted)),
        ("10.0.0.1", &[], ("10.0.0.1", Socket, 0, NoMoreEntries)),
        ("10.0.0.1", &["203.0.113.7"], ("203.0.113.7", XForwardedFor, 1, Untrusted)),
        // What stands before the first untrusted entry is that caller's own invention.
        ("10.0.0.1", &["1.1.1.1, 203.0.113.7"], ("203.0.113.7", XForwardedFor, 1, Untrusted)),
        ("10.0.0.1", &["1.1.1.1, 203.0.113.7, 10.0.0.2"], ("203.0.113.7", XForwardedFor, 2, Untrusted)),
        // Lines are one list, in their order.
        ("10.0.0.1", &["203.0.113.7", "10.0.0.3,10.0.0.2"], ("203.0.113.7", XForwardedFor, 3, Untrusted)),
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], ("10.0.0.3", XForwardedFor, 2, NoMoreEntries)),
        ("10.0.0.1", &["203.0.113.7:1234"], ("203.0.113.7", XForwardedFor, 1, Untrusted)),
        ("10.0.0.1", &["[2001:db8::1]:4711"], ("2001:db8::1", XForwardedFor, 1, Untrusted)),
        ("10.0.0.1", &["2001:db8::1"], ("2001:db8::1", XForwardedFor, 1, Untrusted)),
        ("10.0.0.1", &["::ffff:203.0.113.7"], ("203.0.113.7", XForwardedFor, 1, Untrusted)),
        ("2001:db8:aa:1::5", &["2001:db8:aa:2::5"], ("2001:db8:aa:2::5", XForwardedFor, 1, NoMoreEntries)),
        // Garbage is the word of the last good hop, which is who it counts under.
        ("10.0.0.1", &["203.0.113.7, garbage"], ("10.0.0.1", Socket, 0, Malformed)),
        ("10.0.0.1", &["203.0.113.7, x, 10.0.0.2"], ("10.0.0.2", XForwardedFor, 1, Malformed)),
        ("10.0.0.1", &["203.0.113.7,"], ("10.0.0.1", Socket, 0, Malformed)),
        ("10.0.0.1", &[""], ("10.0.0.1", Socket, 0, Malformed)),
        ("10.0.0.1", &["010.1.1.1"], ("10.0.0.1", Socket, 0, Malformed)),
        ("10.0.0.1", &["fe80::1%eth0"], ("10.0.0.1", Socket, 0, Malformed)),
        ("10.0.0.1", &["203.0.113.7:port"], ("10.0.0.1", Socket, 0, Malformed)),
        ("10.0.0.1", &["203.0.113.7, unknown"], ("10.0.0.1", Socket, 0, Hidden)),
    ] {
        let (address, source, hop, ended) = expected;
        let found = walk(ForwardedField::XForwardedFor, socket, lines);
        assert_eq!(found, (address.to_owned(), source, hop, ended), "{socket} {lines:?}");
    }
}

#[test]
fn the_walk_over_forwarded_reads_its_grammar() {
    use AddressSource::{Forwarded, Socket};
    use WalkEnd::{Hidden, Malformed, Untrusted};
    for (lines, expected) in [
        (&["for=203.0.113.7"][..], ("203.0.113.7", Forwarded, 1, Untrusted)),
        (&["For=\"[2001:db8::1]:4711\";proto=https"], ("2001:db8::1", Forwarded, 1, Untrusted)),
        (&["proto=http; for=203.0.113.7 ;by=_x"], ("203.0.113.7", Forwarded, 1, Untrusted)),
        (&["for=1.1.1.1, for=203.0.113.7, for=10.0.0.2"], ("203.0.113.7", Forwarded, 2, Untrusted)),
        (&["for=\"a, for=1.1.1.1\", for=203.0.113.7"], ("203.0.113.7", Forwarded, 1, Untrusted)),
        (&["for=203.0.113.7", "for=\"10.0.0.2:80\""], ("203.0.113.7", Forwarded, 2, Untrusted)),
        (&["for=203.0.113.7, for=_hidden"], ("10.0.0.1", Socket, 0, Hidden)),
        (&["for=203.0.113.7, for=unknown"], ("10.0.0.1", Socket, 0, Hidden)),
        (&["for=203.0.113.7, proto=https"], ("10.0.0.1", Socket, 0, Hidden)),
        // What a caller leaves open does not hide what the proxy says of it.
        (&["for=\"1.1.1.1, for=203.0.113.7"], ("203.0.113.7", Forwarded, 1, Untrusted)),
        (&["\", for=203.0.113.7;proto=https, for=10.0.0.2"], ("203.0.113.7", Forwarded, 2, Untrusted)),
        (&["x, for=10.0.0.3, for=10.0.0.2"], ("10.0.0.3", Forwarded, 2, Malformed)),
        // Nor does what stands within a proxy's quotes count.
        (&["x, for=10.0.0.2;host=\"a, for=1.1.1.1;b=c\""], ("10.0.0.1", Socket, 0, Malformed)),
        (&["x, for=10.0.0.2;host=\"a, for=1.1.1.1\";proto=https"], ("10.0.0.1", Socket, 0, Malformed)),
        (&["x, for=10.0.0.2;host=\"a, for=1.1.1.1;b=\\\"c\""], ("10.0.0.1", Socket, 0, Malformed)),
        (&["x, for=10.0.0.2;host=\"a\\\", for=1.1.1.1;b=\\\"\""], ("10.0.0.1", Socket, 0, Malformed)),
        (&["for=1.1.1.1;for=203.0.113.7"], ("10.0.0.1", Socket, 0, Malformed)),
        (&["for = 203.0.113.7"], ("10.0.0.1", Socket, 0, Malformed)),
        (&["203.0.113.7"], ("10.0.0.1", Socket, 0, Malformed)),
        (&["for=203.0.113.7,"], ("10.0.0.1", Socket, 0, Malformed)),
        (&[""], ("10.0.0.1", Socket, 0, Malformed)),
    ] {
        let (address, source, hop, ended) = expected;
        let found = walk(ForwardedField::Forwarded, "10.0.0.1", lines);
        assert_eq!(found, (address.to_owned(), source, hop, ended), "{lines:?}");
    }
}

#[test]
fn the_scheme_is_what_the_nearest_trusted_proxy_says_once() {
    let said = |socket: &str, lines: &[&str], proxies: &Proxies| {
        let socket = SocketAddr::new(socket.parse().unwrap(), 1);
        let connection =
            Connection { peer: socket, socket, local: socket, tls: false, is_proxied: false, listener: 0 };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&X_FORWARDED_PROTO, HeaderValue::from_str(line).unwrap());
        }
        says_https(&connection, &headers, proxies)
    };
    let trusting = proxies(ForwardedField::XForwardedFor);
    assert!(said("10.0.0.1", &["https"], &trusting) && said("10.0.0.1", &["HTTPS"], &trusting));
    for lines in [&[][..], &["http"], &["https, http"], &["https", "https"], &["http", "https"]] {
        assert!(!said("10.0.0.1", lines, &trusting), "{lines:?}");
    }
    assert!(!said("203.0.113.7", &["https"], &trusting));
    assert!(!said("10.0.0.1", &["https"], &Proxies { scheme: false, ..trusting }));
}

#[test]
fn only_so_many_entries_are_looked_at() {
    let own = vec!["10.0.0.2"; ENTRIES_MAX].join(",");
    let found = walk(ForwardedField::XForwardedFor, "10.0.0.1", &[&own]);
    assert_eq!((found.2, found.3), (32, WalkEnd::NoMoreEntries));
    let found = walk(ForwardedField::XForwardedFor, "10.0.0.1", &["203.0.113.7", &own]);
    assert_eq!(found, ("10.0.0.2".to_owned(), AddressSource::XForwardedFor, 32, WalkEnd::TooManyEntries));
}

#[test]
fn without_trusted_proxies_no_field_counts() {
    let socket: SocketAddr = "10.0.0.1:1".parse().unwrap();
    let connection =
        Connection { peer: socket, socket, local: socket, tls: false, is_proxied: false, listener: 0 };
    let mut headers = HeaderMap::new();
    headers.insert(&X_FORWARDED_FOR, HeaderValue::from_static("203.0.113.7"));
    let origin = Origin::of_request(&connection, &headers, &Proxies::default());
    assert_eq!(origin, Origin { address: socket.ip(), from: None });
}

#[test]
fn a_connection_whose_proxy_header_names_nobody_is_spoken_for_by_nobody() {
    for forwarded in [ForwardedField::XForwardedFor, ForwardedField::Forwarded] {
        let proxies = Proxies { protocol: true, ..proxies(forwarded) };
        let mut headers = HeaderMap::new();
        headers.insert(&X_FORWARDED_FOR, HeaderValue::from_static("203.0.113.7"));
        headers.insert(header::FORWARDED, HeaderValue::from_static("for=203.0.113.7"));
        headers.insert(&X_FORWARDED_PROTO, HeaderValue::from_static("https"));
        let socket: SocketAddr = "10.0.0.1:1".parse().unwrap();
        let named = |is_proxied| Connection {
            peer: socket,
            socket,
            local: socket,
            tls: false,
            is_proxied,
            listener: 0,
        };
        let origin = Origin::of_request(&named(false), &headers, &proxies);
        assert_eq!(origin.address, socket.ip());
        let from = origin.from.unwrap();
        assert_eq!((from.source, from.hop, from.ended), (AddressSource::Socket, 0, WalkEnd::Unnamed));
        assert!(!says_https(&named(false), &headers, &proxies));
        // One that names a proxy is that proxy's, whose word counts.
        let origin = Origin::of_request(&named(true), &headers, &proxies);
        assert_eq!((origin.address.to_string(), origin.from.unwrap().hop), ("203.0.113.7".to_owned(), 1));
        assert!(says_https(&named(true), &headers, &proxies));
    }
}
