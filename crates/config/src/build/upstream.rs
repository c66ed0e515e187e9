//! The service behind an API.

use gateway::settings::Upstream;

use super::Build;
use crate::values::Block;

impl Build<'_> {
    pub(super) fn upstream(&mut self, block: &Block) -> Option<Upstream> {
        let url = block.url("url")?.clone();
        let place = block.key_place("url");
        self.cleartext(
            url.https || url.is_loopback(),
            self.insecure.upstream,
            "cleartext_upstream",
            &place,
            "the upstream is reached beyond loopback",
        );
        let tls = self.upstream_tls(block, url.https);
        let base_path = match block.text("base_path") {
            Some(_) if !url.path.is_empty() => {
                self.error(
                    "B2026",
                    "the URL's path and `base_path` cannot stand together",
                    block.key_place("base_path"),
                    "remove one",
                );
                None
            }
            Some(text) => self.path_prefix(text, &block.key_place("base_path")),
            None => (!url.path.is_empty()).then_some(url.path),
        };
        Some(Upstream {
            scheme: if url.https { "https" } else { "http" }.to_owned(),
            host: url.host,
            port: url.port,
            base_path,
            http2: block.flag("http2"),
            tls,
        })
    }
}
