#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use http::{HeaderMap, Method, Uri};

use super::{Manners, validation};
use crate::settings::{Cleartext, Hsts};

#[test]
fn a_validation_is_a_get_of_one_token_and_nothing_else() {
    let token = |method: Method, path: &str| validation(&method, &path.parse::<Uri>().unwrap());
    let path = "/.well-known/acme-challenge/evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA";
    assert_eq!(token(Method::GET, path).as_deref(), path.rsplit('/').next());
    for other in [
        "/.well-known/acme-challenge/",
        "/.well-known/acme-challenge/a/b",
        "/.well-known/acme-challenge/a.b",
        "/.well-known/acme-challenge/%61",
        "/x/.well-known/acme-challenge/a",
    ] {
        assert_eq!(token(Method::GET, other), None, "{other}");
    }
    assert_eq!(token(Method::POST, path), None);
}

#[test]
fn hsts_is_sent_over_tls_alone_and_says_what_was_configured() {
    let hsts = Hsts { max_age: Duration::from_secs(31_536_000), include_subdomains: true, preload: true };
    assert_eq!(hsts.value(), "max-age=31536000; includeSubDomains; preload");
    let manners = Manners { cleartext: Cleartext::Serve, hsts: Some(hsts.value().parse().unwrap()) };
    let mut headers = HeaderMap::new();
    manners.mark(false, &mut headers);
    assert!(headers.is_empty());
    headers.insert("strict-transport-security", "max-age=1".parse().unwrap());
    manners.mark(true, &mut headers);
    assert_eq!(headers.get_all("strict-transport-security").iter().count(), 1);
    assert_eq!(headers["strict-transport-security"], hsts.value());
}
