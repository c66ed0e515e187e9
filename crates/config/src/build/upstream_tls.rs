//! How a service behind TLS is recognised, and what it is shown.

use net::{ClientIdentity, ClientTls};

use super::Build;
use crate::values::{Block, Content};

impl Build<'_> {
    /// `block`: the upstream's.
    pub(super) fn upstream_tls(&mut self, block: &Block, https: bool) -> ClientTls {
        let Some(written) = block.section("tls") else { return ClientTls::default() };
        if !https {
            let place = block.key_place("tls");
            self.error("B2026", "`tls` has no effect beside an `http` URL", place, "remove it");
        }
        let pin = |content: &Content| match content {
            Content::Sha256(sum) => Some(*sum),
            _ => None,
        };
        let identity = match (written.file("certificate"), written.secret("key")) {
            (Some(pem), Some(key)) => Some(ClientIdentity { certificates: pem.to_vec(), key: key.clone() }),
            _ => None,
        };
        for (key, other) in [("certificate", "key"), ("key", "certificate")] {
            if written.has(key) && !written.has(other) {
                let sentence = format!("`{key}` has no effect without `{other}`");
                self.error("B2026", sentence, written.key_place(key), "stands alone");
            }
        }
        let tls = ClientTls {
            roots: written.file("ca").map(|pem| pem.to_vec()),
            server_name: written.text("server_name").map(|name| name.to_ascii_lowercase()),
            pins: written.list("pins").iter().filter_map(|value| pin(&value.content)).collect(),
            identity,
        };
        self.judge(&tls, written);
        tls
    }

    /// Each part alone, so that the finding points to it.
    fn judge(&mut self, tls: &ClientTls, written: &Block) {
        let roots = tls.roots.as_ref().map(|pem| net::Roots::from_pem(pem).map(|_| ()));
        // The system's roots are not needed to judge the rest, and may not be there.
        let alone = |tls: ClientTls| {
            let examined = tls.examine();
            if tls.roots.is_none() && matches!(examined, Err(net::TlsError::NoRoots)) {
                Ok(())
            } else {
                examined
            }
        };
        let name = alone(ClientTls { server_name: tls.server_name.clone(), ..ClientTls::default() });
        let judged = self.environment.has_secrets() && tls.identity.is_some();
        let identity =
            judged.then(|| alone(ClientTls { identity: tls.identity.clone(), ..ClientTls::default() }));
        for (key, result) in [("ca", roots), ("server_name", Some(name)), ("certificate", identity)] {
            if let Some(Err(error)) = result {
                let code = if key == "server_name" { "B2005" } else { "B2008" };
                self.error(code, error.to_string(), written.key_place(key), "named here");
            }
        }
    }
}
