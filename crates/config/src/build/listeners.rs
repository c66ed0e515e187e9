//! Where requests are accepted, and the certificates shown there.

use gateway::settings::{Cleartext, Listener};

use super::Build;
use crate::values::Block;

impl Build<'_> {
    pub(super) fn listeners(&mut self, root: &Block) -> Vec<Listener> {
        let mut listeners: Vec<Listener> = Vec::new();
        for block in root.blocks("listen") {
            let Some(&address) = block.address("address") else { continue };
            let place = block.key_place("address");
            if address.port() != 0 && listeners.iter().any(|other| other.address == address) {
                self.error("B2020", "two listeners have the same address", place.clone(), "again here");
            }
            let written = block.section("tls");
            let tls = written.and_then(|tls| self.server_tls(tls));
            let cleartext = self.without_tls(block);
            // What only redirects or refuses takes nothing in that could be overheard.
            if written.is_none() && !block.has("tls") && cleartext == Cleartext::Serve {
                self.cleartext(
                    address.ip().is_loopback(),
                    self.insecure.listen,
                    "cleartext_listen",
                    &place,
                    "requests are accepted beyond loopback",
                );
            }
            let proxies = self.proxies(block);
            listeners.push(Listener { address, tls, cleartext, proxies });
        }
        listeners
    }
}
