//! Who is asked about objects besides the API itself.

use std::sync::Arc;

use gateway::decision_point::DecisionPoint;
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
}
