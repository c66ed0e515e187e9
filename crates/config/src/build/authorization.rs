//! Authorization of one API: the bindings file and the policies, read with the configuration and held against the
//! description.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gateway::settings::AuthenticatorKind;
use model::{Finding, Place};
use policy::bindings::{Bindings, Tenants};

use super::{Build, Built};
use crate::values::{Block, Content};

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

    fn authorization_file(&mut self, path: &Path, place: &Place) -> Option<(Arc<str>, Bytes)> {
        self.sources.watch(path);
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
