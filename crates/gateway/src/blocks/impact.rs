//! What a block would have hit, from the records: a look back before or after it is made.

use std::sync::Arc;

use model::{Caller, CredentialKind, TokenIdentity};
use serde::{Deserialize, Serialize};

use super::target::{Facts, Kind, Target, TokenName};

/// How far the look goes back.
pub const IMPACT_RECORDS_MAX: usize = 10_000;

/// How many of the latest requests match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Impact {
    pub matched: usize,
    pub of: usize,
    /// Of those that match, how many were let through.
    pub allowed: usize,
    /// RFC 3339, of the oldest record that was looked at.
    pub since: Option<String>,
    /// Records do not hold what the target names (a token's fingerprint), so nothing could be compared.
    pub unknown: bool,
}

/// The members of a record that blocks are compared with.
#[derive(Deserialize)]
struct Seen {
    time: String,
    address: String,
    #[serde(default)]
    api: Option<String>,
    operation: String,
    outcome: model::Outcome,
    #[serde(default)]
    caller: Option<Caller>,
}

impl Impact {
    /// Nothing looked at yet.
    pub fn begin(targets: &[Target]) -> Self {
        let is_seen = |target: &Target| !matches!(target.token, Some(TokenName::Sha256(_)));
        Self { unknown: !targets.iter().any(is_seen), ..Self::default() }
    }

    /// Takes in one line of the records, newest first; `false` when enough were seen.
    pub fn take(&mut self, line: &[u8], targets: &[Target]) -> bool {
        // Lines that say how many records were lost are no requests.
        if let Ok(seen) = serde_json::from_slice::<Seen>(line) {
            self.of += 1;
            if targets.iter().any(|target| seen.matches(target)) {
                self.matched += 1;
                self.allowed += usize::from(seen.outcome == model::Outcome::Allowed);
            }
            self.since = Some(seen.time);
        }
        self.of < IMPACT_RECORDS_MAX
    }
}

impl Seen {
    fn matches(&self, target: &Target) -> bool {
        let Ok(address) = self.address.parse() else { return false };
        let is_of_callers = target.kind().is_some_and(Kind::is_of_callers);
        let caller = self.caller.as_ref().filter(|_| is_of_callers).map(|caller| named(caller, target));
        target.holds(&Facts {
            address,
            api: self.api.as_deref().unwrap_or_default(),
            operation: &self.operation,
            caller: caller.as_ref(),
        })
    }
}

/// A record names a token by its `jti` and not its issuer, which is the principal's.
fn named(caller: &Caller, target: &Target) -> Caller {
    let mut caller = caller.clone();
    let Some(TokenName::Id { issuer, .. }) = &target.token else { return caller };
    let issuer = caller.principal.as_ref().map_or(issuer, |principal| &principal.issuer);
    for credential in caller.credentials.iter_mut().filter(|one| one.kind != CredentialKind::ApiKey) {
        credential.token = Some(Arc::new(TokenIdentity {
            sha256: [0; 32],
            signed_sha256: None,
            issuer: Arc::clone(issuer),
            jti: Some(Arc::clone(&credential.id)),
        }));
    }
    caller
}
