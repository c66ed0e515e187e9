//! What a listener shows under TLS: certificates judged, an authority to order them from, HSTS.

use gateway::settings::{Acme, AcmeChallenge, Cleartext, Hsts, ServerTls};
use model::{Finding, Place};
use net::tls::{CertificateFacts, ServerCertificate, ServerTerms, TlsServer, TlsVersion};

use super::Build;
use crate::scalars;
use crate::values::Block;

/// A certificate, or the names that one is ordered for, with the place to point to.
pub(crate) struct Shown {
    pub(crate) place: Place,
    pub(crate) facts: CertificateFacts,
}

impl Build<'_> {
    pub(super) fn server_tls(&mut self, block: &Block) -> Option<ServerTls> {
        let acme = block.section("acme").map(|written| self.acme(written));
        let written = block.has("certificate") || block.has("key");
        let first = written.then(|| self.certificate(block));
        let others: Vec<_> = block.blocks("certificates").map(|one| self.certificate(one)).collect();
        if first.is_none() && others.is_empty() && acme.is_none() && !block.has("certificates") {
            let finding = Finding::error("B2004", "TLS has no certificate").at(block.place.clone(), "here");
            self.findings.push(finding.advice("name `certificate` and `key`, or an authority under `acme`"));
        }
        let certificates = first.into_iter().chain(others).collect::<Option<Vec<_>>>();
        let min_version = match block.text("min_version") {
            Some(text) if &**text == "1.3" => TlsVersion::V1_3,
            _ => TlsVersion::V1_2,
        };
        let hsts = block.section("hsts").and_then(|written| self.hsts(written));
        Some(ServerTls { certificates: certificates?, min_version, hsts, acme: acme.flatten() })
    }

    /// `block` holds `certificate` and `key`.
    fn certificate(&mut self, block: &Block) -> Option<ServerCertificate> {
        for (key, other) in [("certificate", "key"), ("key", "certificate")] {
            if block.has(key) && !block.has(other) && block.section.name != "certificate" {
                let place = block.key_place(key);
                self.error("B2004", format!("`{key}` needs `{other}`"), place, "stands alone");
            }
        }
        let (chain, key) = (block.file("certificate")?.to_vec(), block.secret("key")?.clone());
        let certificate = ServerCertificate { chain, key };
        let place = block.key_place("certificate");
        let facts = if self.environment.has_secrets() {
            let terms =
                ServerTerms { certificates: vec![certificate.clone()], min_version: TlsVersion::V1_2 };
            TlsServer::with(&terms).and_then(|_| CertificateFacts::of_pem(&certificate.chain))
        } else {
            CertificateFacts::of_pem(&certificate.chain)
        };
        match facts {
            Ok(facts) => {
                self.validity(&facts, &place);
                self.shown.push(Shown { place, facts });
            }
            Err(error) if self.environment.has_secrets() => {
                self.error("B2008", error.to_string(), place, "named here");
            }
            Err(_) => {}
        }
        Some(certificate)
    }

    /// An expired certificate is a warning: clients refuse it themselves, and an error would keep every other change
    /// from coming into force. A reload does not exchange a valid certificate for one (see `control`).
    fn validity(&mut self, facts: &CertificateFacts, place: &Place) {
        let now = self.environment.unix_s();
        let finding = if facts.not_after <= now {
            Finding::warning("B2050", format!("the certificate expired on {}", day(facts.not_after)))
        } else if facts.not_before > now {
            let from = day(facts.not_before);
            Finding::warning("B2050", format!("the certificate is not valid before {from}"))
        } else if facts.expires_soon(now) {
            let (left, on) = (facts.days_left(now), day(facts.not_after));
            Finding::warning("B2051", format!("the certificate expires in {left} days, on {on}"))
        } else {
            return;
        };
        self.findings.push(finding.at(place.clone(), "named here").owasp(model::Owasp::Api8));
    }

    fn hsts(&mut self, block: &Block) -> Option<Hsts> {
        let hsts = Hsts {
            max_age: *block.duration("max_age")?,
            include_subdomains: block.flag("include_subdomains"),
            preload: block.flag("preload"),
        };
        let year = std::time::Duration::from_secs(365 * 86_400);
        if hsts.preload && !(hsts.include_subdomains && hsts.max_age >= year) {
            let sentence = "`preload` needs `include_subdomains` and a `max_age` of at least 1y";
            self.error("B2026", sentence, block.key_place("preload"), "lists do not take it otherwise");
        }
        Some(hsts)
    }

    fn acme(&mut self, block: &Block) -> Option<Acme> {
        let mut names = Vec::new();
        for value in block.list("names") {
            let Some(name) = value.text().map(|name| name.to_ascii_lowercase()) else { continue };
            if scalars::is_host_name(&name) && name.parse::<std::net::IpAddr>().is_err() {
                names.push(name);
            } else {
                let sentence = "a host name belongs here; wildcards and addresses cannot be validated";
                self.error("B2005", sentence, value.place.clone(), "not accepted");
            }
        }
        for value in block.list("contact") {
            if value.text().is_some_and(|uri| !uri.starts_with("mailto:") || !uri.contains('@')) {
                let sentence = "a contact is a `mailto:` URI: `mailto:ops@example.com`";
                self.error("B2005", sentence, value.place.clone(), "not accepted");
            }
        }
        if !block.flag("terms_agreed") {
            let finding = Finding::error("B2004", "the authority's terms of service are not agreed to")
                .at(block.key_place("terms_agreed"), "`terms_agreed: true` belongs here");
            self.findings.push(finding.advice("the authority gives certificates to those who agree only"));
        }
        if let Some(pem) = block.file("ca")
            && let Err(error) = net::Roots::from_pem(pem)
        {
            self.error("B2008", error.to_string(), block.key_place("ca"), "named here");
        }
        let directory = block.url("directory")?;
        if !directory.https {
            let place = block.key_place("directory");
            self.error("B2005", "an authority is asked by `https` only", place, "not accepted");
        }
        let challenge = match block.text("challenge") {
            Some(word) if &**word == "http-01" => AcmeChallenge::Http01,
            _ => AcmeChallenge::TlsAlpn01,
        };
        self.shown
            .push(Shown { place: block.key_place("names"), facts: CertificateFacts::for_names(&names) });
        Some(Acme {
            names,
            contact: block.strings("contact"),
            directory: directory.text.clone(),
            roots: block.file("ca").map(|pem| pem.to_vec()),
            challenge,
        })
    }

    /// `block`: the listener's.
    pub(super) fn without_tls(&mut self, block: &Block) -> Cleartext {
        let word = block.text("http").map_or("serve", |word| &**word);
        if block.has("http") && block.has("tls") {
            self.error("B2026", "`http` has no effect beside `tls`", block.key_place("http"), "remove one");
        }
        if block.has("https_port") && word != "redirect" {
            let place = block.key_place("https_port");
            self.error("B2026", "`https_port` has no effect without `http: redirect`", place, "remove it");
        }
        let port = block.count("https_port").and_then(|port| u16::try_from(*port).ok()).unwrap_or(443);
        match word {
            "redirect" => Cleartext::Redirect { port },
            "refuse" => Cleartext::Refuse,
            _ => Cleartext::Serve,
        }
    }
}

/// `2027-01-31`.
fn day(unix_s: i64) -> String {
    let text = model::rfc3339_millis(u64::try_from(unix_s).unwrap_or(0).saturating_mul(1000));
    text.get(..10).unwrap_or_default().to_owned()
}
