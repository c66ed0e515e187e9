#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use net::tls::CertificateFacts;

use super::{Certificates, OrderStatus, Shown};

#[test]
fn what_is_shown_tells_its_days_and_warns_before_its_end() {
    let certificates = Certificates::default();
    let facts = |name: &str, not_after| CertificateFacts {
        not_after,
        ..CertificateFacts::for_names(&[name.to_owned()])
    };
    let day = 86_400;
    let shown = |name: &str, not_after| Shown {
        listener: "127.0.0.1:443".into(),
        facts: facts(name, not_after),
        source: "file",
    };
    certificates.show(vec![
        shown("a.example", 121 * day),
        shown("b.example", 110 * day),
        shown("c.example", 99 * day),
    ]);
    let told: Vec<_> = certificates
        .statuses(100 * day)
        .into_iter()
        .map(|status| (status.names[0].clone(), status.days_left, status.expires_soon))
        .collect();
    assert_eq!(
        told,
        [
            ("a.example".to_owned(), 21, false),
            ("b.example".to_owned(), 10, true),
            ("c.example".to_owned(), -1, true),
        ]
    );
    assert!(certificates.covers("b.example") && !certificates.covers("d.example"));
}

#[test]
fn an_order_has_one_status_and_is_forgotten_with_its_names() {
    let certificates = Certificates::default();
    let order = |failures| OrderStatus {
        names: vec!["a.example".to_owned()],
        has_certificate: false,
        failures,
        last_error: None,
        next: None,
    };
    certificates.tell(order(1));
    certificates.tell(order(2));
    assert_eq!(certificates.orders(), [order(2)]);
    certificates.keep_orders(|names| names == ["b.example"]);
    assert_eq!(certificates.orders(), []);
}
