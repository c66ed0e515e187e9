//! Certificates of listeners beside the hosts of APIs, and held against the time.

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::world::{World, api};

/// A gateway that shows one certificate for these names, and whose API has these hosts.
fn world(names: &[&str], until: i32, hosts: &str) -> World {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_after = date_time_ymd(until, 1, 1);
    let listen = "listen: { address: 127.0.0.1:1, tls: { certificate: a.pem, key: \"${env:KEY}\" } }\n";
    let hosts = if hosts.is_empty() { "sanitise: false".to_owned() } else { format!("hosts: [{hosts}]") };
    let mut world = World::new(&(listen.to_owned() + &api(&hosts)));
    world.file("a.pem", &params.self_signed(&key).unwrap().pem());
    world.secret("KEY", &key.serialize_pem());
    world
}

/// Codes with their sentences.
fn said(world: &World) -> Vec<String> {
    let (configuration, findings, _) = world.read();
    assert!(configuration.is_some() || findings.iter().any(model::Finding::is_error));
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.sentence)).collect()
}

#[test]
fn a_certificate_that_is_for_the_hosts_and_lasts_is_not_spoken_of() {
    assert_eq!(said(&world(&["a.example", "*.b.example"], 2090, "a.example, x.b.example")), [""; 0]);
    // An API without hosts answers to every name.
    assert_eq!(said(&world(&["a.example"], 2090, "")), [""; 0]);
}

#[test]
fn an_expired_certificate_is_warned_of_and_keeps_nothing_else_from_coming_into_force() {
    let world = world(&["a.example"], 2021, "a.example");
    assert_eq!(said(&world), ["B2050 the certificate expired on 2021-01-01"]);
    assert!(world.read().0.is_some());
}

#[test]
fn names_and_hosts_that_do_not_meet_are_told() {
    let said = said(&world(&["a.example", "c.example"], 2090, "a.example, b.example"));
    assert_eq!(
        said,
        [
            "B2053 the certificate is for `c.example`, which no API is served at",
            "B2052 no certificate is for the host `b.example`",
        ]
    );
}

#[test]
fn a_key_of_another_certificate_is_an_error() {
    let mut world = world(&["a.example"], 2090, "");
    world.secret("KEY", &KeyPair::generate().unwrap().serialize_pem());
    let said = said(&world);
    assert!(
        said.iter().any(|line| line.starts_with("B2008 the certificate and the key do not fit")),
        "{said:?}"
    );
}

#[test]
fn days_before_its_end_a_certificate_is_warned_of() {
    use crate::{Environment, read};
    use std::io;
    use std::path::{Path, PathBuf};

    /// A machine whose clock stands still.
    struct At(World, i64);

    impl Environment for At {
        fn variable(&self, name: &str) -> Option<std::ffi::OsString> {
            self.0.variable(name)
        }
        fn look(&self, path: &Path) -> crate::Look {
            self.0.look(path)
        }
        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            Environment::read(&self.0, path)
        }
        fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
            self.0.list(directory)
        }
        fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
            self.0.canonical(path)
        }
        fn unix_s(&self) -> i64 {
            self.1
        }
    }

    let end = 3_786_912_000; // 2090-01-01
    for (days_before, expected) in [(22, None), (20, Some("B2051")), (0, Some("B2050"))] {
        let at = At(world(&["a.example"], 2090, "a.example"), end - days_before * 86_400);
        let (_, findings, _) = read("gateway.yaml".as_ref(), &at);
        assert_eq!(findings.first().map(|finding| finding.code.as_str()), expected, "{days_before}");
    }
}
