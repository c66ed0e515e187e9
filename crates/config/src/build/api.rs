//! One API: its description loaded, its upstream, its modes, its own limits and authenticators.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gateway::settings::{Api, Assertion, BackendIdentity, Cors, Strictness, Upstream};
use model::{Finding, Mode, Place};

use super::Build;
use super::auth::Auth;
use super::limits::Names;
use crate::scalars;
use crate::values::{Block, Named};

/// An API with what the rules about it need for their pictures.
pub(crate) struct Built {
    pub(crate) api: Api,
    /// Of the API's name.
    pub(crate) place: Place,
    /// Names of schemes that the configuration mentions for this API, with their places; a faulty entry counts.
    pub(crate) schemes: BTreeMap<Arc<str>, Place>,
    /// Names of checks, with the operation they are for.
    pub(crate) checks: Vec<CheckMode>,
    /// Ids of operations, where the configuration mentions them.
    pub(crate) operations: Vec<(Arc<str>, Place)>,
    /// Names of classes, where single operations are put in them.
    pub(crate) classes: Vec<(Arc<str>, Place)>,
}

/// What the file says for every API that does not say otherwise.
pub(super) struct Shared<'a> {
    pub(super) auth: &'a Auth,
    pub(super) names: &'a Names,
    pub(super) cors: Option<&'a Cors>,
    pub(super) waf: Option<&'a Arc<gateway::waf::Waf>>,
}

pub(crate) struct CheckMode {
    pub(crate) name: Arc<str>,
    pub(crate) mode: Mode,
    pub(crate) name_place: Place,
    pub(crate) mode_place: Place,
}

impl Build<'_> {
    pub(super) fn api(&mut self, entry: &Named, block: &Block, shared: &Shared<'_>) -> Option<Built> {
        let mut schemes: Auth = shared.auth.clone();
        schemes.extend(self.auth(block));
        let mut names = shared.names.clone();
        let mut limits = self.limits(block.blocks("limits"), &mut names, "");
        let mut checks = Vec::new();
        let modes = modes_in(block, &mut checks);
        let mut operations = mentioned(block.blocks("limits"));
        let own = self.operations(block, &mut names, &mut checks);
        operations.extend(own.mentioned);
        limits.extend(own.limits);
        let upstream = block.section("upstream").and_then(|block| self.upstream(block));
        let concurrency = block.section("concurrency").map(|block| self.concurrency(block));
        let identity = block.section("identity").and_then(|block| self.identity(block)).unwrap_or_default();
        let own_cors = block.section("cors").and_then(|block| self.cors(block));
        let hosts = self.hosts(block);
        let strict = block.section("strict");
        let description = self.description(block);
        let observe_undeclared = block.text("undeclared").is_some_and(|text| &**text == "observe");
        if observe_undeclared {
            let finding = Finding::warning("B3112", "undeclared requests are forwarded and recorded");
            self.findings
                .push(finding.at(block.key_place("undeclared"), "by this").owasp(model::Owasp::Api9));
        }
        let description = description?;
        let base_path = self.base_path(block, &description);
        let authorization =
            block.section("authorization").and_then(|block| self.authorization(block, &description));
        let sealing =
            block.section("authorization").and_then(|block| self.sealing(block, authorization.as_deref()));
        let waf = self.waf_of_api(block, shared.waf, &description);
        let api = Api {
            name: entry.name.clone(),
            description,
            hosts,
            base_path,
            // Without one there is an error, and nothing is served; what else is wrong is still found.
            upstream: upstream.unwrap_or_else(nowhere),
            observe_undeclared,
            authenticators: schemes
                .iter()
                .map(|(name, scheme)| (name.clone(), scheme.authenticators.clone()))
                .collect(),
            limits,
            declared: own.declared,
            concurrency,
            modes,
            operation_modes: own.modes,
            strictness: Strictness {
                only_declared_properties: strict.is_some_and(|block| block.flag("only_declared_properties")),
                sanitise: block.flag("sanitise"),
            },
            identity,
            cors: own_cors.or_else(|| shared.cors.cloned()),
            authorization,
            waf,
            authorization_limits: block
                .section("authorization")
                .map(Self::authorization_limits)
                .unwrap_or_default(),
            decision_point: block.section("authorization").and_then(|block| self.decision_point(block)),
            sealing,
        };
        let schemes = schemes.into_iter().map(|(name, scheme)| (name, scheme.place)).collect();
        Some(Built { api, place: entry.place.clone(), schemes, checks, operations, classes: own.classes })
    }

    fn identity(&mut self, block: &Block) -> Option<BackendIdentity> {
        let forward_credential = block.flag("forward_credential");
        let legacy_token = match block.section("legacy_token") {
            Some(inner) => Some(self.legacy_token(inner, forward_credential)?),
            None => None,
        };
        let Some(inner) = block.section("assertion") else {
            return Some(BackendIdentity { forward_credential, assertion: None, legacy_token });
        };
        let key = inner.secret("key")?;
        let signer = if self.environment.has_secrets() {
            token::Signer::from_pkcs8(key.expose(), "")
        } else {
            token::Signer::generate("")
        };
        let signer = match signer {
            Ok(signer) => Arc::new(signer),
            Err(error) => {
                self.error(
                    "B2029",
                    format!("the assertion's key cannot be used: {error}"),
                    inner.key_place("key"),
                    "here",
                );
                return None;
            }
        };
        Some(BackendIdentity {
            forward_credential,
            legacy_token,
            assertion: Some(Assertion {
                issuer: inner.text("issuer")?.to_string(),
                audience: inner.text("audience")?.to_string(),
                lifetime: *inner.duration("lifetime")?,
                signer,
            }),
        })
    }

    fn hosts(&mut self, block: &Block) -> Vec<String> {
        let mut hosts = Vec::new();
        for value in block.list("hosts") {
            let Some(text) = value.text() else { continue };
            let host = text.to_ascii_lowercase();
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            if scalars::is_host_name(&host) || bare.parse::<std::net::IpAddr>().is_ok() {
                hosts.push(host);
            } else {
                self.error(
                    "B2005",
                    "a host name belongs here, without port, path or `*`",
                    value.place.clone(),
                    "not accepted",
                );
            }
        }
        hosts
    }

    /// What stands in the file, else the path that the description's servers have in common.
    fn base_path(&mut self, block: &Block, description: &openapi::Description) -> String {
        if let Some(text) = block.text("base_path") {
            return self.path_prefix(text, &block.key_place("base_path")).unwrap_or_default();
        }
        let mut paths: Vec<(String, &Place)> = Vec::new();
        for server in &description.servers {
            let path = server_path(&server.url);
            if !paths.iter().any(|(other, _)| *other == path) {
                paths.push((path, &server.place));
            }
        }
        if let [(first, first_place), (second, second_place), ..] = paths.as_slice() {
            let finding = Finding::error("B2032", "the description's servers have different paths")
                .at((*first_place).clone(), format!("`{first}/`"))
                .related((*second_place).clone(), format!("`{second}/`"))
                .related(block.place.clone(), "say `base_path` here");
            self.findings.push(finding);
        }
        paths.into_iter().next().map(|(path, _)| path).unwrap_or_default()
    }

    pub(super) fn path_prefix(&mut self, text: &str, place: &Place) -> Option<String> {
        let trimmed = text.trim_end_matches('/');
        let normal = trimmed.is_empty()
            || openapi::NormalPath::new(trimmed).is_ok_and(|path| path.as_str() == trimmed);
        if text.starts_with('/') && normal {
            Some(trimmed.to_owned())
        } else {
            self.error("B2005", "a base path is a normal path such as `/v1`", place.clone(), "not accepted");
            None
        }
    }

    fn description(&mut self, block: &Block) -> Option<Arc<openapi::Description>> {
        let spec = block.path("spec")?.clone();
        let overlays: Vec<_> = block
            .list("overlays")
            .iter()
            .filter_map(|value| match &value.content {
                crate::values::Content::Path(path) => Some(path.clone()),
                _ => None,
            })
            .collect();
        let place = block.key_place("spec");
        self.load(&spec, &overlays, &place)
    }

    /// Loads a description; what it says of itself joins the findings.
    fn load(
        &mut self,
        spec: &Path,
        overlays: &[std::path::PathBuf],
        place: &Place,
    ) -> Option<Arc<openapi::Description>> {
        let (description, findings) =
            crate::description::load(spec, overlays, &self.directory, self.environment, self.sources);
        // Operations without `security` are told of together, in `relations`.
        self.findings.extend(findings.into_iter().filter(|finding| finding.code != "B2101"));
        if description.is_none() {
            self.error("B2009", "the description cannot be used", place.clone(), "named here");
        }
        let description = description?;
        // A schema that cannot be compiled shows now, not at the first request.
        for operation in &description.operations {
            self.findings.extend(operation.prepare());
        }
        Some(Arc::new(description))
    }
}

pub(crate) fn server_path(url: &str) -> String {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| rest.get(at..).unwrap_or_default()),
        None => url,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// Ids of operations in limits.
pub(crate) fn mentioned<'b>(limits: impl Iterator<Item = &'b Block>) -> Vec<(Arc<str>, Place)> {
    let values = limits.flat_map(|block| block.list("operations"));
    values.filter_map(|value| Some((value.text()?.clone(), value.place.clone()))).collect()
}

pub(super) fn modes_in(block: &Block, checks: &mut Vec<CheckMode>) -> BTreeMap<String, Mode> {
    let mut modes = BTreeMap::new();
    for named in block.entries("checks") {
        let mode = match named.value.text().map(|text| &**text) {
            Some("off") => Mode::Off,
            Some("watch") => Mode::Watch,
            Some("enforce") => Mode::Enforce,
            _ => continue,
        };
        modes.insert(named.name.to_string(), mode);
        checks.push(CheckMode {
            name: named.name.clone(),
            mode,
            name_place: named.place.clone(),
            mode_place: named.value.place.clone(),
        });
    }
    modes
}

/// Stands for an upstream that could not be read. It cannot be reached.
fn nowhere() -> Upstream {
    Upstream {
        scheme: "http".to_owned(),
        targets: Vec::new(),
        base_path: None,
        http2: false,
        tls: net::ClientTls::default(),
        balancing: gateway::settings::Balancing::default(),
    }
}
