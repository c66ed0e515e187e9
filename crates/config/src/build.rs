//! From typed values to [`Settings`]: what one key alone cannot say is decided here.

mod api;
mod auth;
mod authorization;
mod balancing;
mod bearer;
mod classes;
mod decision_point;
mod edge;
mod keys;
mod legacy_token;
mod limits;
mod listeners;
mod operations;
mod proxies;
mod sealing;
mod tls;
mod upstream;
mod upstream_tls;
mod waf;

use std::collections::BTreeSet;
use std::path::PathBuf;

use gateway::settings::{FailedAuthentications, Settings};
use model::Finding;

use crate::sources::{Environment, Sources};
use crate::values::Block;
use crate::{Admin, Configuration};

use api::Shared;
pub(crate) use api::{Built, mentioned, server_path};
pub(crate) use classes::built_in as built_in_classes;
pub(crate) use tls::Shown;

/// What the builders share.
pub(crate) struct Build<'a> {
    pub(crate) environment: &'a dyn Environment,
    pub(crate) sources: &'a mut Sources,
    pub(crate) findings: &'a mut Vec<Finding>,
    /// The directory of the gateway file.
    pub(crate) directory: PathBuf,
    pub(crate) insecure: Insecure,
    /// Certificates of listeners, and names that they are ordered for.
    pub(crate) shown: Vec<Shown>,
    /// Of every WAF of the file.
    pub(crate) rule_files: crate::waf::Written,
}

/// The file's dangerous switches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Insecure {
    pub(crate) listen: bool,
    pub(crate) upstream: bool,
    pub(crate) issuer: bool,
    pub(crate) admin: bool,
    pub(crate) telemetry: bool,
    /// Those that allowed something.
    used: BTreeSet<&'static str>,
}

impl Insecure {
    pub(crate) fn of(root: &Block) -> Self {
        let Some(block) = root.section("insecure") else { return Self::default() };
        Self {
            listen: block.flag("cleartext_listen"),
            upstream: block.flag("cleartext_upstream"),
            issuer: block.flag("cleartext_issuer"),
            admin: block.flag("cleartext_admin"),
            telemetry: block.flag("cleartext_telemetry"),
            used: BTreeSet::new(),
        }
    }
}

impl Build<'_> {
    /// Everything that can be built; the caller asks the findings whether it may be used.
    pub(crate) fn configuration(&mut self, root: &Block) -> Configuration {
        let listeners = self.listeners(root);
        let auth = self.auth(root);
        let mut names = limits::Names::default();
        let limits = self.limits(root.blocks("limits"), &mut names, "");
        let classes = self.classes(root);
        let tenant_claim = root.section("tenant").and_then(|block| block.text("claim")).cloned();
        let cors = root.section("cors").and_then(|block| self.cors(block));
        let waf = self.waf(root.section("waf"));
        let mut built: Vec<Built> = Vec::new();
        for entry in root.entries("apis") {
            let Some(block) = entry.value.block() else { continue };
            let shared = Shared { auth: &auth, names: &names, cors: cors.as_ref(), waf: waf.as_ref() };
            built.extend(self.api(entry, block, &shared));
        }
        if root.entries("apis").is_empty() && root.get("apis").is_some() {
            let finding = Finding::error("B2004", "no API is configured")
                .at(root.key_place("apis"), "at least one belongs here")
                .advice("`bartizan init SPEC` writes a first file");
            self.findings.push(finding);
        }
        self.tenants_of_nobody(&built, tenant_claim.as_ref());
        self.owners_of_issuers(&built);
        self.owners_of_nobody(&built);
        crate::relations::certificates(self, &built, &listeners);
        crate::relations::check(self, root, &built, &limits);
        crate::relations::classes::check(self, root, &built, &classes, &limits);
        let sizes = Self::sizes(root);
        crate::relations::sizes::check(self, root, &sizes);
        let rate = root.rate("failed_authentications");
        let settings = Settings {
            hash: String::new(),
            listeners,
            apis: built.into_iter().map(|built| built.api).collect(),
            limits,
            classes,
            tenant_claim,
            failed_authentications: rate.map_or_else(FailedAuthentications::default, |rate| {
                FailedAuthentications { count: rate.count, window: rate.window }
            }),
            sizes,
            timeouts: Self::timeouts(root),
            cors,
            egress_allow: Self::egress(root),
            telemetry: root.section("telemetry").and_then(|block| self.telemetry(block)),
        };
        let state_dir = root.path("state_dir").cloned().unwrap_or_else(|| self.directory.join(".bartizan"));
        let admin = root.section("admin").and_then(|block| self.admin(block, &state_dir));
        let records_bytes_max = root.count("records_bytes_max").copied().filter(|bytes| *bytes > 0);
        self.needless(root);
        let rule_files = self.rule_files.sum();
        Configuration { settings, state_dir, records_bytes_max, admin, rule_files }
    }

    /// Switches that allow nothing now, and would allow it silently later.
    fn needless(&mut self, root: &Block) {
        // What an error kept from being looked at may need its switch.
        let Some(block) = root.section("insecure") else { return };
        if self.findings.iter().any(Finding::is_error) {
            return;
        }
        for (key, place) in &block.written {
            if block.flag(key) && !self.insecure.used.contains(key) {
                self.not_needed(key, place.clone());
            }
        }
    }

    pub(crate) fn not_needed(&mut self, switch: &str, place: model::Place) {
        let finding = Finding::warning("B3103", format!("`insecure.{switch}` is not needed"))
            .at(place, "allows nothing that is configured")
            .advice("remove it, so that a later change cannot become insecure unnoticed");
        self.findings.push(finding.owasp(model::Owasp::Api8));
    }

    fn admin(&mut self, block: &Block, state_dir: &std::path::Path) -> Option<Admin> {
        let address = *block.address("address")?;
        self.cleartext(
            address.ip().is_loopback(),
            self.insecure.admin,
            "cleartext_admin",
            &block.key_place("address"),
            "the administration port listens beyond loopback",
        );
        let token_file = block.path("token_file").cloned().unwrap_or_else(|| state_dir.join("admin.token"));
        let hosts = block.strings("hosts").into_iter().map(|host| host.to_ascii_lowercase()).collect();
        Some(Admin { address, token_file, hosts })
    }

    /// Cleartext is an error beyond loopback, or a warning at each start when the switch allows it.
    pub(crate) fn cleartext(
        &mut self,
        harmless: bool,
        allowed: bool,
        switch: &'static str,
        place: &model::Place,
        sentence: &str,
    ) {
        if harmless {
            return;
        }
        self.insecure.used.insert(switch);
        self.findings.push(if allowed {
            Finding::warning("B3102", format!("{sentence}, without TLS"))
                .at(place.clone(), format!("allowed by `insecure.{switch}`"))
                .owasp(model::Owasp::Api8)
        } else {
            Finding::error("B3101", format!("{sentence}, without TLS"))
                .at(place.clone(), "anyone on the way can read and change it")
                .advice(format!("use TLS, or accept the danger with `insecure: {{ {switch}: true }}`"))
                .owasp(model::Owasp::Api8)
        });
    }

    pub(crate) fn error(
        &mut self,
        code: &str,
        sentence: impl Into<String>,
        place: model::Place,
        label: &str,
    ) {
        self.findings.push(Finding::error(code, sentence).at(place, label));
    }
}
