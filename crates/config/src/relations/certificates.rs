//! The names of certificates beside the hosts of APIs: each host must have one, and each name should be somebody's.

use gateway::settings::AcmeChallenge;
use model::Finding;

use crate::build::{Build, Built};
use gateway::settings::Listener;

pub(crate) fn check(build: &mut Build<'_>, built: &[Built], listeners: &[Listener]) {
    let shown = std::mem::take(&mut build.shown);
    if shown.is_empty() || built.is_empty() {
        return;
    }
    for api in built {
        for host in &api.api.hosts {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            if !shown.iter().any(|one| one.facts.covers(bare)) {
                let finding = Finding::warning("B2052", format!("no certificate is for the host `{host}`"))
                    .at(api.place.clone(), "served at this host")
                    .advice("clients that verify certificates cannot reach it by TLS");
                build.findings.push(finding.owasp(model::Owasp::Api8));
            }
        }
    }
    // An API without hosts answers to every name.
    if built.iter().all(|api| !api.api.hosts.is_empty()) {
        for one in &shown {
            let hosts = || built.iter().flat_map(|api| &api.api.hosts);
            let spare =
                one.facts.only_names().into_iter().filter(|name| !hosts().any(|host| name.covers(host)));
            for name in spare {
                let name = name.names().join(", ");
                let sentence = format!("the certificate is for `{name}`, which no API is served at");
                build.findings.push(Finding::note("B2053", sentence).at(one.place.clone(), "named here"));
            }
        }
    }
    let by_http = |listener: &Listener| {
        listener
            .tls
            .as_ref()
            .and_then(|tls| tls.acme.as_ref())
            .is_some_and(|acme| acme.challenge == AcmeChallenge::Http01)
    };
    if listeners.iter().any(by_http) && listeners.iter().all(|listener| listener.tls.is_some()) {
        let place = shown.last().map(|one| one.place.clone());
        let finding = Finding::error("B2054", "`challenge: http-01` needs a listener without TLS")
            .advice("add `{ address: 0.0.0.0:80, http: redirect }`, or use `challenge: tls-alpn-01`");
        build.findings.push(match place {
            Some(place) => finding.at(place, "the names cannot be validated"),
            None => finding,
        });
    }
}
