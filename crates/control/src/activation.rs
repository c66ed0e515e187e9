//! Listening sockets that the service manager has opened (sd_listen_fds(3)).

use config::Configuration;
use net::Socket;

use crate::entrances::Inherited;
use crate::talk;

/// The sockets that were passed, each for the listener of the configuration that has its address.
pub(crate) fn inherited(configuration: &Configuration) -> Vec<Inherited> {
    let mut inherited = Vec::new();
    for socket in net::activated() {
        match role(configuration, &socket) {
            Some((role, configured)) => inherited.push(Inherited { role, configured, socket }),
            None => {
                let address = socket.local_addr().map(|address| address.to_string()).unwrap_or_default();
                talk::say(&format!(
                    "the service manager listens on {address}, which the gateway file does not name"
                ));
            }
        }
    }
    inherited
}

fn role(configuration: &Configuration, socket: &Socket) -> Option<(&'static str, std::net::SocketAddr)> {
    let address = socket.local_addr().ok()?;
    let is_public = configuration.settings.listeners.iter().any(|listener| listener.address == address);
    let is_admin = configuration.admin.as_ref().is_some_and(|admin| admin.address == address);
    match (is_public, is_admin) {
        (true, _) => Some(("listener", address)),
        (false, true) => Some(("admin", address)),
        (false, false) => None,
    }
}
