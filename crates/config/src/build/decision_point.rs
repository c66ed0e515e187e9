//! Who is asked about objects besides the API itself, and how much may be asked.

use std::sync::Arc;
use std::time::Duration;

use gateway::decision_point::DecisionPoint;
use gateway::settings::AuthorizationLimits;
use model::Secret;

use super::Build;
use crate::values::Block;

impl Build<'_> {
    /// `None` where there is none, or where something is wrong, which is reported.
    pub(super) fn decision_point(&mut self, block: &Block) -> Option<Arc<DecisionPoint>> {
        let inner = block.section("external")?;
        let endpoint = inner.url("endpoint")?.text.clone();
        self.issuer_url(&endpoint, &inner.key_place("endpoint"))?;
        let token = inner.secret("token").map(|token| Secret::new(token.expose().clone()));
        Some(Arc::new(DecisionPoint { endpoint, token }))
    }

    pub(super) fn authorization_limits(block: &Block) -> AuthorizationLimits {
        let mut limits = AuthorizationLimits::default();
        let Some(block) = block.section("limits") else { return limits };
        let set = |key: &str, into: &mut Duration| {
            if let Some(value) = block.duration(key) {
                *into = *value;
            }
        };
        set("lock_wait", &mut limits.lock_wait);
        set("evidence_timeout", &mut limits.evidence_timeout);
        set("answer_grid", &mut limits.answer_grid);
        if let Some(value) = block.count("evidence_calls_max") {
            limits.evidence_calls_max = u32::try_from(*value).unwrap_or(u32::MAX);
        }
        limits
    }
}
