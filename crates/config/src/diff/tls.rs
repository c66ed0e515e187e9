//! What a listener shows under TLS, and what it does without.

use gateway::settings::{Cleartext, Hsts, Listener};
use net::tls::{CertificateFacts, TlsVersion};

use super::Changes;

/// Whether requests are served at this listener in a way that others can listen to.
pub(super) fn is_overheard(listener: &Listener) -> bool {
    listener.tls.is_none() && listener.cleartext == Cleartext::Serve && !listener.address.ip().is_loopback()
}

pub(super) fn compare(changes: &mut Changes, old: &Listener, new: &Listener) {
    let address = new.address;
    if old.tls.is_none() && new.tls.is_none() && old.cleartext != new.cleartext {
        match (old.cleartext, new.cleartext) {
            (_, Cleartext::Serve) => changes.weaker(format!("{address} now serves cleartext")),
            (Cleartext::Serve, Cleartext::Redirect { .. }) => {
                changes.stronger(format!("{address} now redirects cleartext to TLS"));
            }
            (Cleartext::Serve, Cleartext::Refuse) => {
                changes.stronger(format!("{address} now refuses cleartext"));
            }
            _ => changes.neutral(format!("{address} answers cleartext otherwise")),
        }
    }
    let (Some(a), Some(b)) = (&old.tls, &new.tls) else { return };
    match (a.min_version, b.min_version) {
        (TlsVersion::V1_3, TlsVersion::V1_2) => changes.weaker(format!("{address} now speaks TLS 1.2")),
        (TlsVersion::V1_2, TlsVersion::V1_3) => {
            changes.stronger(format!("{address} no longer speaks TLS 1.2"));
        }
        _ => {}
    }
    // A time of zero makes browsers forget.
    let keeps = |hsts: Option<Hsts>| hsts.map_or(0, |hsts| hsts.max_age.as_secs());
    let wide = |hsts: Option<Hsts>| hsts.is_some_and(|hsts| hsts.include_subdomains);
    if keeps(a.hsts) > keeps(b.hsts) || (wide(a.hsts) && !wide(b.hsts)) {
        changes.weaker(format!("{address} asks less of browsers by HSTS"));
    } else if a.hsts != b.hsts {
        changes.stronger(format!("{address} asks more of browsers by HSTS"));
    }
    let names = |listener: &Listener| -> Vec<String> {
        let files = listener.tls.iter().flat_map(|tls| &tls.certificates);
        files
            .filter_map(|file| CertificateFacts::of_pem(&file.chain).ok())
            .flat_map(|facts| facts.names())
            .collect()
    };
    let chains = |listener: &Listener| -> Vec<Vec<u8>> {
        listener.tls.iter().flat_map(|tls| &tls.certificates).map(|file| file.chain.clone()).collect()
    };
    if chains(old) != chains(new) {
        changes.neutral(format!("{address} shows other certificates, for: {}", names(new).join(", ")));
    }
    if a.acme != b.acme {
        changes.neutral(format!("{address} orders certificates otherwise"));
    }
}
