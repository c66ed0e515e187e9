//! Authorization of one API: the bindings file and the policies, read with the configuration and held against the
//! description.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gateway::settings::{Api, AuthenticatorKind};
use model::{Finding, Place};
use policy::bindings::{Bindings, From, Tenants};

use super::{Build, Built};
use crate::values::{Block, Content};

/// Who vouches for users of an API; what is introspected and names no issuer goes by its endpoint.
fn issuers(api: &Api) -> BTreeSet<&str> {
    let schemes = api.authenticators.values().flatten();
    let issuers = schemes.filter_map(|scheme| match &scheme.kind {
        AuthenticatorKind::Jwt(jwt) => Some(&*jwt.issuer),
        AuthenticatorKind::Opaque(asked) => Some(asked.issuer.as_deref().unwrap_or(&asked.endpoint)),
        AuthenticatorKind::ApiKeys(_) => None,
    });
    issuers.collect()
}

impl Build<'_> {
    /// `None` where none is configured, or where something is wrong, which is reported.
    pub(super) fn authorization(
        &mut self,
        block: &Block,
        description: &openapi::Description,
    ) -> Option<Arc<policy::Authorization>> {
        let path = block.path("bindings")?.clone();
        let place = block.key_place("bindings");
        let (name, text) = self.authorization_file(&path, &place)?;
        let (bindings, findings) = policy::bindings::read(&name, text);
        let read_whole = !findings.iter().any(Finding::is_error);
        self.findings.extend(findings);
        let bindings = bindings?;
        let gaps = if read_whole { policy::gaps(&bindings, description) } else { Vec::new() };
        let policies = self.policies(block, &bindings, description, read_whole);
        let (authorization, findings) = policy::compile(bindings, description, policies);
        let fits = !findings.iter().any(Finding::is_error);
        self.findings.extend(findings);
        // What stands on a wrong name is no gap.
        if fits {
            self.findings.extend(gaps);
            self.findings.extend(authorization.iter().flat_map(policy::unread_writes));
        }
        authorization.filter(|_| read_whole && fits).map(Arc::new)
    }

    fn policies(
        &mut self,
        block: &Block,
        bindings: &Bindings,
        description: &openapi::Description,
        read_whole: bool,
    ) -> Option<Arc<dyn policy::decide::Decider>> {
        let mut sources = Vec::new();
        for value in block.list("policies") {
            let Content::Path(path) = &value.content else { continue };
            sources.push(self.authorization_file(path, &value.place)?);
        }
        let (decider, findings) = policy::cedar::build(bindings, description, &sources);
        // What policies miss in bindings that could not be read is no fault of theirs.
        if read_whole {
            self.findings.extend(findings);
        }
        decider
    }

    /// Bindings that tell tenants apart, where nothing says which one a caller is of.
    pub(super) fn tenants_of_nobody(&mut self, built: &[Built], claim: Option<&Arc<str>>) {
        for one in built.iter().filter(|_| claim.is_none()) {
            let Some(authorization) = &one.api.authorization else { continue };
            let bindings = &authorization.bindings;
            let asks = bindings.principals.whoami.as_ref().is_some_and(|whoami| whoami.tenant.is_some());
            let mut kinds = one.api.authenticators.values().flatten().map(|scheme| &scheme.kind);
            // Keys have their tenant beside them.
            let by_token = kinds.any(|kind| !matches!(kind, AuthenticatorKind::ApiKeys(_)));
            if bindings.tenants == Tenants::Single || asks || !by_token {
                continue;
            }
            let place = bindings.places.at("/tenants").unwrap_or(&bindings.place).clone();
            let sentence = format!("nothing says which tenant a caller of {} is of", one.api.name);
            let finding = Finding::warning(policy::codes::TENANT_UNKNOWN, sentence)
                .at(place, "so that no object is of the caller's tenant")
                .advice("`tenant: { claim: NAME }` in the gateway file, `whoami` with `tenant`, or `tenants: single`");
            self.findings.push(finding.owasp(model::Owasp::Api1));
        }
    }

    /// Where all callers are clients and clients own nothing, nobody owns anything.
    pub(super) fn owners_of_nobody(&mut self, built: &[Built]) {
        for one in built {
            let Some(authorization) = &one.api.authorization else { continue };
            let bindings = &authorization.bindings;
            let mut kinds = one.api.authenticators.values().flatten().map(|scheme| &scheme.kind).peekable();
            let has_keys_only =
                kinds.peek().is_some() && kinds.all(|kind| matches!(kind, AuthenticatorKind::ApiKeys(_)));
            let owned = bindings.resources.values().find(|resource| resource.owner != From::None);
            let (true, false, Some(owned)) = (has_keys_only, bindings.principals.clients_own, owned) else {
                continue;
            };
            let place = bindings.places.at("/principals").unwrap_or(&bindings.place).clone();
            let sentence = format!(
                "callers of {} have keys only, and clients own nothing: no {} is anybody's",
                one.api.name,
                policy::suggest::shown(&owned.name)
            );
            let finding = Finding::warning(policy::codes::OWNERS_OF_NOBODY, sentence)
                .at(place, "so that what depends on an owner is refused")
                .advice(
                    "`principals: { clients_own: true }` where the values of owners are names of clients",
                );
            self.findings.push(finding.owasp(model::Owasp::Api1));
        }
    }

    /// Whose names the values of owners are has to be one issuer's, or those of some that are named.
    pub(super) fn owners_of_issuers(&mut self, built: &[Built]) {
        for one in built {
            let Some(authorization) = &one.api.authorization else { continue };
            let bindings = &authorization.bindings;
            let trusted = issuers(&one.api);
            let named = &bindings.principals.issuers;
            let place = bindings.places.at("/principals/issuer").or(bindings.places.at("/principals"));
            let place = place.unwrap_or(&bindings.place).clone();
            for name in named.iter().filter(|name| !trusted.contains(&***name)) {
                let sentence =
                    format!("{} trusts no issuer `{}`", one.api.name, policy::suggest::shown(name));
                let near = policy::suggest::closest(name, trusted.iter().copied());
                let label = near.map_or_else(
                    || "so that nobody would own anything".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.findings
                    .push(Finding::error(policy::codes::ISSUER_UNKNOWN, sentence).at(place.clone(), label));
            }
            let asks = bindings.principals.whoami.as_ref().is_some_and(|whoami| whoami.subject.is_some());
            if trusted.len() < 2 || !named.is_empty() || asks || bindings.resources.is_empty() {
                continue;
            }
            let names: Vec<_> = trusted.iter().map(|name| format!("`{name}`")).collect();
            let sentence = format!(
                "callers of {} come from {}, and nothing says whose names the values of owners are",
                one.api.name,
                names.join(" and ")
            );
            let finding = Finding::error(policy::codes::OWNERS_OF_WHOM, sentence)
                .at(place, "two people of one name would own each other's objects")
                .advice(format!(
                    "`principals: {{ issuer: \"{}\" }}`; a list where they share their names; `whoami` with `subject` where \
                     the API tells them apart",
                    trusted.first().copied().unwrap_or_default()
                ));
            self.findings.push(finding.owasp(model::Owasp::Api1));
        }
    }

    fn authorization_file(&mut self, path: &Path, place: &Place) -> Option<(Arc<str>, Bytes)> {
        let name: Arc<str> = path.to_string_lossy().into();
        match self.environment.read(path).map(Bytes::from) {
            Ok(text) => {
                self.sources.insert(Arc::clone(&name), text.clone());
                Some((name, text))
            }
            Err(error) => {
                let sentence = format!("`{name}` cannot be read: {}", crate::why(&error));
                self.error("B2007", sentence, place.clone(), "named here");
                None
            }
        }
    }
}
