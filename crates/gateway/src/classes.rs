//! The class of a request: its operation's is known beforehand, its caller's when it is known who calls.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Caller, Credential};

use crate::settings::{Api, Class, Importance, Settings};

/// What one operation's requests may be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes {
    pub(crate) operation: Option<Arc<Class>>,
    /// Units that a call takes from limits that count cost.
    pub(crate) cost: u64,
    /// Classes that callers can be in, in the order of the file.
    pub(crate) callers: Vec<Arc<Class>>,
}

impl Classes {
    pub(crate) fn of(settings: &Settings, api: &Api, operation: Option<&openapi::Operation>) -> Self {
        let (class, cost) = Class::of_operation(&settings.classes, api, operation);
        let callers =
            settings.classes.iter().filter(|class| !class.clients.is_empty() || !class.scopes.is_empty());
        Self { operation: class.map(Arc::clone), cost, callers: callers.map(Arc::clone).collect() }
    }

    pub(crate) fn of_caller(&self, caller: Option<&Caller>) -> Option<&Arc<Class>> {
        let caller = caller.filter(|_| !self.callers.is_empty())?;
        let (client, issuer) = (caller.client.as_deref(), issuer_of(caller));
        Class::of_caller(&self.callers, client, issuer, |scope| caller.scopes.contains(scope))
    }

    /// The one class of a request: its caller's, else its operation's.
    pub(crate) fn of_request(&self, caller: Option<&Caller>) -> Option<&Arc<Class>> {
        self.of_caller(caller).or(self.operation.as_ref())
    }

    pub(crate) fn importance(&self, caller: Option<&Caller>) -> Importance {
        self.of_request(caller).map(|class| class.importance).unwrap_or_default()
    }
}

/// Who vouches for the caller's names: with several credentials only the one that all of those that name the client are
/// from, so that one issuer's token never lends its class to another's client.
fn issuer_of(caller: &Caller) -> Option<&str> {
    let is_of_client = |credential: &&Credential| {
        let named = credential.names.as_ref().map_or(&caller.client, |names| &names.client);
        *named == caller.client
    };
    let mut issuers = caller
        .credentials
        .iter()
        .filter(is_of_client)
        .map(|credential| credential.token.as_ref().map(|token| &*token.issuer));
    let first = issuers.next()?;
    first.filter(|_| issuers.all(|other| other == first))
}
