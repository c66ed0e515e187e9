#![allow(clippy::unwrap_used)]

use std::os::unix::fs::PermissionsExt;

use net::tls::CertificateFacts;
use rcgen::{CertificateParams, KeyPair};

use crate::schedule::{renewal_ms, retry_after_ms};
use crate::{Challenge, Store, Terms};

fn terms(name: &str) -> Terms {
    Terms {
        names: vec![name.to_owned()],
        contact: Vec::new(),
        directory: "https://acme.example/directory".to_owned(),
        roots: None,
        challenge: Challenge::Http01,
    }
}

fn pem(name: &str) -> String {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    format!("{}{}", key.serialize_pem(), certificate.pem())
}

#[test]
fn a_renewal_is_due_at_two_thirds_of_the_lifetime_and_a_little_earlier() {
    let facts = CertificateFacts {
        not_before: 1_000,
        not_after: 1_000 + 90 * 86_400,
        ..CertificateFacts::for_names(&[])
    };
    let two_thirds = 1_000_000 + 60 * 86_400_000;
    assert_eq!(renewal_ms(&facts, 0), two_thirds);
    for draw in [1, 77, u64::MAX] {
        let at = renewal_ms(&facts, draw);
        assert!(at < two_thirds && at > two_thirds - 3 * 86_400_000, "{at}");
    }
}

#[test]
fn failures_are_repeated_with_growing_patience_and_at_most_four_times_an_hour() {
    let first_hour: u64 = (1..=3).map(|failures| retry_after_ms(failures, 0)).sum();
    assert!(first_hour + retry_after_ms(4, 0) > 3_600_000);
    assert!((1..9).all(|failures| retry_after_ms(failures, 0) <= retry_after_ms(failures + 1, 0)));
    assert!(retry_after_ms(u32::MAX, u64::MAX) <= 6 * 3_600_000 * 5 / 4);
}

#[test]
fn what_is_kept_is_for_the_owner_alone_and_only_what_is_usable_is_given_back() {
    let directory = std::env::temp_dir().join(format!("bartizan-acme-{}", std::process::id()));
    let store = Store::new(&directory);
    let terms = terms("a.example");
    assert!(store.certificate(&terms).is_none());
    store.keep_certificate(&terms, pem("a.example").as_bytes()).unwrap();
    let (_, facts) = store.certificate(&terms).unwrap();
    assert!(facts.covers("a.example"));
    // Other names, or another authority, are another certificate.
    let elsewhere = Terms { directory: "https://other.example/".to_owned(), ..terms.clone() };
    assert!(store.certificate(&elsewhere).is_none());
    for entry in std::fs::read_dir(directory.join("acme")).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mode = std::fs::metadata(directory.join("acme")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    // For another name, torn, or with another's key: as if there were none.
    let whole = pem("a.example");
    for unfit in [
        pem("b.example"),
        whole[..whole.len() / 2].to_owned(),
        whole.replace("BEGIN PRIVATE", "BEGIN PUBLIC"),
    ] {
        store.keep_certificate(&terms, unfit.as_bytes()).unwrap();
        assert!(store.certificate(&terms).is_none());
    }
    std::fs::remove_dir_all(&directory).unwrap();
}
