//! The service behind an API.

use gateway::settings::Upstream;
use net::upstream::Target;

use super::Build;
use crate::scalars::Url;
use crate::values::{Block, Value};

impl Build<'_> {
    pub(super) fn upstream(&mut self, block: &Block) -> Option<Upstream> {
        let urls = self.targets(block)?;
        let first = urls.first()?.0.clone();
        for (url, place) in &urls {
            self.cleartext(
                url.https || url.is_loopback(),
                self.insecure.upstream,
                "cleartext_upstream",
                place,
                "the upstream is reached beyond loopback",
            );
        }
        let tls = self.upstream_tls(block, first.https);
        let base_path = match block.text("base_path") {
            Some(_) if !first.path.is_empty() => {
                self.error(
                    "B2026",
                    "the URL's path and `base_path` cannot stand together",
                    block.key_place("base_path"),
                    "remove one",
                );
                None
            }
            Some(text) => self.path_prefix(text, &block.key_place("base_path")),
            None => (!first.path.is_empty()).then_some(first.path),
        };
        let http2 = block.flag("http2");
        Some(Upstream {
            scheme: if first.https { "https" } else { "http" }.to_owned(),
            targets: urls.into_iter().map(|(url, _)| Target { host: url.host, port: url.port }).collect(),
            base_path,
            http2,
            tls,
            balancing: self.balancing(block, http2),
        })
    }

    /// The one URL or the several, each with its place. Scheme and path are the same for all.
    fn targets(&mut self, block: &Block) -> Option<Vec<(Url, model::Place)>> {
        let of = |value: &Value| value.url().map(|url| (url.clone(), value.place.clone()));
        let urls: Vec<_> = match (block.has("url"), block.has("targets")) {
            (true, true) => {
                let sentence = "`url` and `targets` cannot stand together";
                self.error("B2026", sentence, block.key_place("url"), "remove one");
                return None;
            }
            (true, false) => vec![(block.url("url")?.clone(), block.key_place("url"))],
            (false, true) => block.list("targets").iter().filter_map(of).collect(),
            (false, false) => Vec::new(),
        };
        let Some((first, _)) = urls.first() else {
            self.error(
                "B2004",
                "the upstream has neither `url` nor `targets`",
                block.place.clone(),
                "in this section",
            );
            return None;
        };
        let first = first.clone();
        for (number, (url, place)) in urls.iter().enumerate() {
            if (url.https, &url.path) != (first.https, &first.path) {
                let sentence = "the targets of an upstream have one scheme and one path";
                self.error("B2026", sentence, place.clone(), "differs from the first");
            }
            let same = |(other, _): &&(Url, model::Place)| (&other.host, other.port) == (&url.host, url.port);
            if urls.iter().take(number).any(|other| same(&other)) {
                self.error("B2020", "two targets of an upstream are the same", place.clone(), "again here");
            }
        }
        Some(urls)
    }
}
