//! The listeners that are being served: whom each trusts, and what it holds its connections to, also after a reload.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use http::HeaderMap;
use net::{Connection, Places, Rules};

use super::Origin;
use crate::settings::{Listener, Proxies, Settings};
use crate::transport::Manners;

/// By the listeners' numbers. A listener is the one that was configured when it was bound, so a reload finds it by that
/// address and not by its place in the file.
#[derive(Default)]
pub(crate) struct Doors {
    open: Mutex<Open>,
    /// Of all listeners, also of those that are closed.
    tally: net::Tally,
    memory: net::Memory,
    entrances: ArcSwap<Vec<Arc<Entrance>>>,
}

/// What one listener goes by around each request.
#[derive(Default)]
pub(crate) struct Entrance {
    /// What it does because of TLS.
    pub(crate) manners: Manners,
    proxies: Proxies,
}

impl Entrance {
    /// Whether a trusted proxy says that its caller used HTTPS.
    pub(crate) fn says_https(&self, connection: &Connection, headers: &HeaderMap) -> bool {
        self.proxies.are_trusted() && super::says_https(connection, headers, &self.proxies)
    }

    /// Where a request comes from.
    pub(crate) fn origin(&self, connection: &Connection, headers: &HeaderMap) -> Origin {
        Origin::of_request(connection, headers, &self.proxies)
    }

    /// Where a request comes from whose head was refused before its fields were read.
    pub(crate) fn origin_of_connection(&self, connection: &Connection) -> Origin {
        Origin::of_connection(connection, &self.proxies)
    }
}

#[derive(Default)]
struct Open {
    doors: Vec<Door>,
    /// Numbers of listeners that have ended.
    free: Vec<usize>,
    /// Shared by all listeners.
    places: Option<Places>,
    /// Connections that the machine has room for; `None`: as many as the settings say.
    fitting: Option<usize>,
}

impl Open {
    fn connections_max(&self, settings: &Settings) -> usize {
        self.fitting
            .map_or(settings.sizes.connections_max, |fitting| fitting.min(settings.sizes.connections_max))
    }
}

struct Door {
    /// As it was configured: the port may be 0. `None` when the listener is closed.
    configured: Option<SocketAddr>,
    door: net::Door,
}

impl Doors {
    /// `memory` counts what callers sent and did not finish sending.
    pub(crate) fn new(memory: &net::Memory) -> Self {
        Self { memory: memory.clone(), ..Self::default() }
    }

    /// Connections that were refused or ended.
    pub(crate) fn tally(&self) -> &net::Tally {
        &self.tally
    }

    /// What all listeners have in common.
    fn join(&self, listener: &mut net::Listener, places: &Places, settings: &Settings) {
        listener.share(places);
        listener.count_with(&self.tally);
        listener.hold_with(&self.memory);
        self.memory.set_max(settings.sizes.buffered_bytes_max);
    }

    /// Gives the listeners, which are in the order of the settings, their numbers, common places, and whom they trust.
    pub(crate) fn open(&self, listeners: &mut [net::Listener], settings: &Settings) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let sizes = &settings.sizes;
        let places = Places::new(open.connections_max(settings), sizes.connections_per_address_max);
        for listener in listeners.iter_mut() {
            self.join(listener, &places, settings);
        }
        open.places = Some(places);
        for (listener, configured) in listeners.iter_mut().zip(&settings.listeners) {
            let port = configured.address.port();
            if port != 0 && listener.local_addr().ok().map(|bound| bound.port()) != Some(port) {
                // Not the listener that these settings are about: it and those behind it trust nobody.
                break;
            }
            listener.number(open.doors.len());
            open.doors.push(Door { configured: Some(configured.address), door: listener.door() });
        }
        self.settle(&open, &settings.listeners, |rules| rules.limits);
    }

    /// Like [`Doors::open`] for one listener more, which was configured under this address. Gives its number.
    pub(crate) fn open_one(
        &self,
        listener: &mut net::Listener,
        configured: SocketAddr,
        settings: &Settings,
    ) -> usize {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let sizes = &settings.sizes;
        let max = open.connections_max(settings);
        let places = open.places.get_or_insert_with(|| Places::new(max, sizes.connections_per_address_max));
        self.join(listener, places, settings);
        // One that it replaces may still drain: what the settings say is about the new one.
        let wanted = settings.listeners.iter().filter(|listener| listener.address == configured).count();
        let same = open.doors.iter_mut().filter(|one| one.configured == Some(configured));
        let mut same: Vec<_> = same.collect();
        if same.len() >= wanted
            && let Some(replaced) = same.first_mut()
        {
            replaced.configured = None;
        }
        let door = Door { configured: Some(configured), door: listener.door() };
        let number = open.free.pop().unwrap_or(open.doors.len());
        listener.number(number);
        match open.doors.get_mut(number) {
            Some(free) => *free = door,
            None => open.doors.push(door),
        }
        self.settle(&open, &settings.listeners, |rules| rules.limits);
        number
    }

    /// There are never more connections than `fitting`, whatever the settings say.
    pub(crate) fn fit(&self, fitting: usize, settings: &Settings) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.fitting = Some(fitting);
        if let Some(places) = &open.places {
            places.resize(open.connections_max(settings), settings.sizes.connections_per_address_max);
        }
    }

    /// How many connections there may be.
    pub(crate) fn connections_max(&self, settings: &Settings) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).connections_max(settings)
    }

    /// The listener's last connection has ended; its number may be given again.
    pub(crate) fn close(&self, number: usize) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(door) = open.doors.get_mut(number) {
            door.configured = None;
            open.free.push(number);
        }
    }

    /// Takes over what a reload says of the listeners that are open.
    pub(crate) fn reconfigure(&self, settings: &Settings) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let sizes = &settings.sizes;
        if let Some(places) = &open.places {
            places.resize(open.connections_max(settings), sizes.connections_per_address_max);
        }
        self.memory.set_max(sizes.buffered_bytes_max);
        let limits = sizes.of_connections(&settings.timeouts);
        self.settle(&open, &settings.listeners, |_| limits);
    }

    fn settle(&self, open: &Open, settings: &[Listener], limits: impl Fn(&Rules) -> net::Limits) {
        let mut left: Vec<&Listener> = settings.iter().collect();
        let old = self.entrances.load();
        let entrances = open.doors.iter().enumerate().map(|(number, one)| {
            let at = left.iter().position(|listener| Some(listener.address) == one.configured);
            let before = one.door.rules();
            let Some(at) = at else {
                // No longer in the file, and open until the restart: it trusts nobody, and still asks for the header. It
                // keeps its manners until its last connection ends.
                one.door.set(Rules { trusted: Vec::new(), limits: limits(&before), ..(*before).clone() });
                let manners = old.get(number).map(|entrance| entrance.manners.clone()).unwrap_or_default();
                return Arc::new(Entrance { manners, proxies: Proxies::default() });
            };
            let listener = left.remove(at);
            let (manners, proxies) = (Manners::of(listener), listener.proxies.clone());
            let trusted = proxies.trusted.iter().map(|network| (network.address, network.prefix)).collect();
            let rules = Rules { limits: limits(&before), trusted, proxy_protocol: proxies.protocol };
            if rules != *before {
                one.door.set(rules);
            }
            Arc::new(Entrance { manners, proxies })
        });
        self.entrances.store(Arc::new(entrances.collect()));
    }

    /// What the listener of a connection goes by, as of the last reload.
    pub(crate) fn entrance(&self, connection: &Connection) -> Arc<Entrance> {
        self.entrances.load().get(connection.listener).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use crate::settings::Network;

    fn settings(listeners: &[(&str, &str)]) -> Settings {
        let listener = |(address, trusted): &(&str, &str)| {
            let trusted = vec![Network { address: trusted.parse().unwrap(), prefix: 32 }];
            let proxies = Proxies { trusted, ..Proxies::default() };
            Listener {
                address: address.parse().unwrap(),
                tls: None,
                cleartext: crate::settings::Cleartext::Serve,
                proxies,
            }
        };
        let mut settings = Settings::plain(Vec::new());
        settings.listeners = listeners.iter().map(listener).collect();
        settings
    }

    #[test]
    fn no_reload_allows_more_connections_than_the_machine_has_room_for() {
        let doors = Doors::default();
        let mut settings = settings(&[]);
        settings.sizes.connections_max = 10;
        assert_eq!(doors.connections_max(&settings), 10);
        doors.fit(4, &settings);
        assert_eq!(doors.connections_max(&settings), 4);
        settings.sizes.connections_max = 3;
        doors.reconfigure(&settings);
        assert_eq!(doors.connections_max(&settings), 3);
    }

    #[tokio::test]
    async fn a_reload_finds_a_listener_by_its_address_and_forgets_the_trust_of_one_that_is_gone() {
        let bind =
            || net::Listener::bind("127.0.0.1:0".parse().unwrap(), None, net::Limits::default()).unwrap();
        let doors = Doors::default();
        let mut listeners = [bind(), bind()];
        doors.open(&mut listeners, &settings(&[("127.0.0.1:0", "10.0.0.1"), ("127.0.0.1:0", "10.0.0.2")]));
        let trusted = |number: usize| {
            let all = doors.entrances.load();
            let told = listeners[number].door().rules().trusted.clone();
            let trusted = &all[number].proxies.trusted;
            assert_eq!(told.len(), trusted.len());
            trusted.iter().map(|network| network.address.to_string()).collect::<Vec<_>>()
        };
        assert_eq!((trusted(0), trusted(1)), (vec!["10.0.0.1".into()], vec!["10.0.0.2".into()]));
        // Another listener stands first in the file now; it is not open, and its trust goes to nobody else.
        let mut new = settings(&[("127.0.0.1:7", "10.9.9.9"), ("127.0.0.1:0", "10.0.0.3")]);
        new.sizes.headers_max = 7;
        doors.reconfigure(&new);
        assert_eq!((trusted(0), trusted(1)), (vec!["10.0.0.3".into()], Vec::<String>::new()));
        assert_eq!(listeners.map(|listener| listener.door().rules().limits.headers_max), [7, 7]);
    }
}
