//! Where requests are accepted, and the certificates shown there.

use gateway::settings::{Listener, ServerTls};
use model::Secret;

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
            let tls = written.and_then(|tls| {
                let certificates = tls.file("certificate")?.to_vec();
                let key = tls.secret("key")?.clone();
                if self.environment.has_secrets() {
                    self.certificate(&certificates, &key, tls);
                }
                Some(ServerTls { certificates, key })
            });
            if written.is_none() && !block.has("tls") {
                self.cleartext(
                    address.ip().is_loopback(),
                    self.insecure.listen,
                    "cleartext_listen",
                    &place,
                    "requests are accepted beyond loopback",
                );
            }
            listeners.push(Listener { address, tls });
        }
        listeners
    }

    fn certificate(&mut self, certificates: &[u8], key: &Secret<Vec<u8>>, block: &Block) {
        if let Err(error) = net::TlsServer::new(certificates, key.expose()) {
            self.error("B2008", error.to_string(), block.key_place("certificate"), "named here");
        }
    }
}
