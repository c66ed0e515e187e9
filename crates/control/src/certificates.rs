//! The certificates that listeners show: those of files, those that are ordered by ACME, and the orders themselves.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use acme::{Keeper, Report, Store, Tell, Terms};
use gateway::Gateway;
use gateway::certificates::{OrderStatus, Shown};
use gateway::settings::{Acme, AcmeChallenge, ServerTls, Settings};
use net::fetch::Guard;
use net::tls::{CertificateFacts, Challenges, ServerTerms, TlsServer};
use tokio::task::JoinHandle;

use crate::talk::{self, Failure};

pub(crate) struct Certificates {
    gateway: Arc<Gateway>,
    store: Store,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: Vec<Open>,
    orders: Vec<Ordered>,
    /// What should be ordered, by whichever process owns the state directory.
    wanted: Vec<(Terms, Guard)>,
    /// This process does. Two that order would spend the authority's limits twice, and answer each other's validations.
    is_owner: bool,
}

/// A listener with TLS that is being served.
#[derive(Clone)]
pub(crate) struct Open {
    /// As the file says it: the port may be 0.
    pub(crate) configured: SocketAddr,
    pub(crate) address: SocketAddr,
    pub(crate) server: TlsServer,
    pub(crate) tls: ServerTls,
}

/// A certificate that is kept in order; dropping it ends that.
struct Ordered {
    terms: Terms,
    guard: Guard,
    task: JoinHandle<()>,
}

impl Drop for Ordered {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Certificates {
    pub(crate) fn new(gateway: Arc<Gateway>, state_dir: &Path) -> Arc<Self> {
        Arc::new(Self { gateway, store: Store::new(state_dir), state: Mutex::default() })
    }

    /// Where validations of names are answered, by every listener alike.
    pub(crate) fn challenges(&self) -> &Challenges {
        &self.gateway.shared().certificates.challenges
    }

    /// What a listener shows now: files first, then what was ordered, as far as it is there.
    pub(crate) fn terms(&self, tls: &ServerTls) -> ServerTerms {
        let mut certificates = tls.certificates.clone();
        let ordered = tls.acme.as_ref().and_then(|acme| self.store.certificate(&terms_of(acme)));
        certificates.extend(ordered.map(|(certificate, _)| certificate));
        ServerTerms { certificates, min_version: tls.min_version }
    }

    /// Whether a listener may go over to these certificates. A valid one is not given up for one that has expired: that
    /// is a file put in the wrong place, and the old one goes on serving.
    pub(crate) fn judge(&self, configured: SocketAddr, tls: &ServerTls) -> Result<(), Failure> {
        let now = self.unix_s();
        let valid = |facts: &CertificateFacts| facts.not_before <= now && now < facts.not_after;
        let facts = |tls: &ServerTls| -> Vec<CertificateFacts> {
            tls.certificates.iter().filter_map(|one| CertificateFacts::of_pem(&one.chain).ok()).collect()
        };
        let state = self.state();
        let Some(before) = state.open.iter().find(|one| one.configured == configured) else { return Ok(()) };
        let (old, new) = (facts(&before.tls), facts(tls));
        let covered =
            |all: &[CertificateFacts], name: &str| all.iter().any(|one| valid(one) && one.covers(name));
        for one in new.iter().filter(|one| !valid(one)) {
            if let Some(name) = one.names().iter().find(|name| covered(&old, name) && !covered(&new, name)) {
                return Err(Failure::trouble(format!(
                    "the new certificate for {name} at {configured} is not valid now, and the one in force is"
                )));
            }
        }
        Ok(())
    }

    /// Takes over which listeners there are: tells of their certificates, begins and ends orders.
    pub(crate) fn settle(self: &Arc<Self>, settings: &Settings, open: Vec<Open>) {
        let wanted: Vec<Terms> = open.iter().filter_map(|one| one.tls.acme.as_ref()).map(terms_of).collect();
        let allow = settings.egress_allow.iter().map(|network| (network.address, network.prefix)).collect();
        let guard = Guard { allow };
        let mut state = self.state();
        state.open = open;
        state.orders.retain(|order| wanted.contains(&order.terms) && order.guard.allow == guard.allow);
        let names: Vec<_> = wanted.iter().map(|terms| terms.names.clone()).collect();
        state.wanted = wanted.into_iter().map(|terms| (terms, guard.clone())).collect();
        self.begin_orders(&mut state);
        self.gateway.shared().certificates.keep_orders(|of| names.iter().any(|names| *names == of));
        self.show(&state.open);
    }

    /// Begins the orders: there is no other process, or the one before has ended its own. What it got last is shown.
    pub(crate) fn own(self: &Arc<Self>) {
        let mut state = self.state();
        state.is_owner = true;
        self.begin_orders(&mut state);
        drop(state);
        self.refresh();
    }

    fn begin_orders(self: &Arc<Self>, state: &mut State) {
        if !state.is_owner {
            return;
        }
        for (terms, guard) in &state.wanted {
            if !state.orders.iter().any(|order| order.terms == *terms) {
                state.orders.push(self.order(terms.clone(), guard.clone()));
            }
        }
    }

    /// Ends the orders: the process is about to, or a successor has taken over.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.is_owner = false;
        state.orders.clear();
    }

    fn order(self: &Arc<Self>, terms: Terms, guard: Guard) -> Ordered {
        let clock = Arc::clone(&self.gateway.shared().clock);
        let keeper =
            Keeper::new(terms.clone(), self.store.clone(), self.challenges().clone(), guard.clone(), clock);
        let ear = Ear { of: Arc::downgrade(self), names: terms.names.clone() };
        let task = tokio::spawn(keeper.keep(Arc::new(ear)));
        Ordered { terms, guard, task }
    }

    /// Puts what is in the store now into force, where it is asked for.
    fn refresh(&self) {
        let open = self.state().open.clone();
        for one in open.iter().filter(|one| one.tls.acme.is_some()) {
            match one.server.prepare(&self.terms(&one.tls)) {
                Ok(prepared) => one.server.put(prepared),
                Err(error) => {
                    talk::say(&format!("the certificates of {} stay as they are: {error}", one.address))
                }
            }
        }
        self.show(&open);
    }

    fn show(&self, open: &[Open]) {
        let mut shown = Vec::new();
        for one in open {
            let listener: Arc<str> = one.address.to_string().into();
            let of_files =
                one.tls.certificates.iter().filter_map(|file| CertificateFacts::of_pem(&file.chain).ok());
            let ordered = one.tls.acme.as_ref().and_then(|acme| self.store.certificate(&terms_of(acme)));
            let ordered = ordered.map(|(_, facts)| (facts, "acme"));
            for (facts, source) in of_files.map(|facts| (facts, "file")).chain(ordered) {
                shown.push(Shown { listener: Arc::clone(&listener), facts, source });
            }
        }
        self.gateway.shared().certificates.show(shown);
    }

    fn unix_s(&self) -> i64 {
        i64::try_from(self.gateway.shared().clock.unix_ms() / 1000).unwrap_or(i64::MAX)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears how one order goes.
struct Ear {
    of: Weak<Certificates>,
    names: Vec<String>,
}

impl Tell for Ear {
    fn issued(&self) {
        let Some(certificates) = self.of.upgrade() else { return };
        certificates.refresh();
        talk::say(&format!("a new certificate for {} is in force", self.names.join(", ")));
    }

    fn stands(&self, report: Report) {
        let Some(certificates) = self.of.upgrade() else { return };
        let next = model::rfc3339_millis(report.next_unix_ms);
        let names = self.names.join(", ");
        match (&report.last_error, report.has_certificate) {
            (Some(error), true) => {
                talk::say(&format!("the certificate for {names} is not renewed: {error}; again at {next}"));
            }
            (Some(error), false) => {
                talk::say(&format!("no certificate for {names}: {error}; again at {next}"))
            }
            (None, false) => talk::say(&format!("no certificate for {names} yet: handshakes are refused")),
            (None, true) => {}
        }
        certificates.gateway.shared().certificates.tell(OrderStatus {
            names: self.names.clone(),
            has_certificate: report.has_certificate,
            failures: report.failures,
            last_error: report.last_error,
            next: Some(next),
        });
    }
}

fn terms_of(acme: &Acme) -> Terms {
    Terms {
        names: acme.names.clone(),
        contact: acme.contact.clone(),
        directory: acme.directory.clone(),
        roots: acme.roots.clone(),
        challenge: match acme.challenge {
            AcmeChallenge::Http01 => acme::Challenge::Http01,
            AcmeChallenge::TlsAlpn01 => acme::Challenge::TlsAlpn01,
        },
    }
}

#[cfg(test)]
mod tests;
