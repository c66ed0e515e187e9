//! The security requirement of an operation, and how a caller stands to it.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Caller, Credential, CredentialKind};
use openapi::{Alternative, Security};

use crate::check::Preparation;
use crate::settings::AuthenticatorKind;

/// Alternatives, and what the API's own keys are good for.
pub(in crate::checks) struct Requirement {
    alternatives: Vec<Alternative>,
    /// By scheme, then by the key's id.
    keys: HashMap<(Arc<str>, Arc<str>), Key>,
}

struct Key {
    scopes: Vec<Arc<str>>,
    authorizes: bool,
}

/// How a caller stands to one alternative whose credentials it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checks) enum Standing {
    Good,
    /// Scopes are missing; these are all that the alternative requires.
    ScopesMissing(Vec<Arc<str>>),
    /// Only API keys that do not authorize.
    KeysAlone,
}

impl Requirement {
    /// `None` for public operations, and for those of which nothing is said.
    pub(in crate::checks) fn of(preparation: &Preparation<'_>) -> Option<Self> {
        let Security::AnyOf(alternatives) = &preparation.operation?.security else { return None };
        let mut keys = HashMap::new();
        for (scheme, authenticators) in &preparation.api.authenticators {
            for authenticator in authenticators {
                let AuthenticatorKind::ApiKeys(set) = &authenticator.kind else { continue };
                for key in &set.keys {
                    let entry = Key { scopes: key.scopes.clone(), authorizes: key.authorizes };
                    keys.insert((Arc::clone(scheme), Arc::clone(&key.id)), entry);
                }
            }
        }
        Some(Self { alternatives: alternatives.clone(), keys })
    }

    pub(in crate::checks) fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }

    pub(in crate::checks) fn welcomes_anonymous(&self) -> bool {
        self.alternatives.iter().any(|alternative| alternative.schemes.is_empty())
    }

    /// Whether some scheme may require a scope, or some key may not be enough.
    pub(in crate::checks) fn has_scopes(&self) -> bool {
        self.alternatives
            .iter()
            .flat_map(|alternative| &alternative.schemes)
            .any(|scheme| !scheme.scopes.is_empty())
    }

    pub(in crate::checks) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The best standing of all alternatives whose credentials the caller has; `None` when there is no such one.
    ///
    /// A standing is one alternative's: what one alternative grants never mends what another lacks. With only
    /// failures, a lack of scopes is the answer unless keys alone are the only thing in the way of some alternative.
    pub(in crate::checks) fn best(&self, caller: &Caller) -> Option<Standing> {
        let mut best = None;
        for alternative in self.alternatives.iter().filter(|alternative| has_all(alternative, caller)) {
            match (self.standing(alternative, caller), &best) {
                (Standing::Good, _) => return Some(Standing::Good),
                (Standing::KeysAlone, _) => best = Some(Standing::KeysAlone),
                (missing, None) => best = Some(missing),
                (_, Some(_)) => {}
            }
        }
        best
    }

    /// How the caller stands to an alternative whose credentials it has.
    pub(in crate::checks) fn standing(&self, alternative: &Alternative, caller: &Caller) -> Standing {
        let missing = alternative.schemes.iter().any(|required| {
            let held = credential(caller, &required.scheme);
            required.scopes.iter().any(|scope| !held.is_some_and(|held| self.carries(caller, held, scope)))
        });
        if missing {
            let all = alternative.schemes.iter().flat_map(|required| required.scopes.iter().map(Arc::clone));
            return Standing::ScopesMissing(all.collect());
        }
        let mut held =
            alternative.schemes.iter().filter_map(|required| credential(caller, &required.scheme)).peekable();
        if held.peek().is_some() && held.all(|held| self.only_identifies(held)) {
            return Standing::KeysAlone;
        }
        Standing::Good
    }

    /// A key carries its own scopes, a token the caller's: neither lends them to the other.
    fn carries(&self, caller: &Caller, held: &Credential, scope: &Arc<str>) -> bool {
        match held.kind {
            CredentialKind::ApiKey => self.key(held).is_some_and(|key| key.scopes.contains(scope)),
            _ => caller.scopes.contains(scope),
        }
    }

    fn only_identifies(&self, held: &Credential) -> bool {
        held.kind == CredentialKind::ApiKey && !self.key(held).is_some_and(|key| key.authorizes)
    }

    fn key(&self, held: &Credential) -> Option<&Key> {
        self.keys.get(&(Arc::clone(&held.scheme), Arc::clone(&held.id)))
    }
}

fn credential<'c>(caller: &'c Caller, scheme: &Arc<str>) -> Option<&'c Credential> {
    caller.credentials.iter().find(|credential| credential.scheme == *scheme)
}

fn has_all(alternative: &Alternative, caller: &Caller) -> bool {
    alternative.schemes.iter().all(|required| credential(caller, &required.scheme).is_some())
}
