//! From bindings, policies and a description to what the data plane runs on.

use std::collections::HashMap;
use std::sync::Arc;

use crate::bindings::Bindings;
use crate::decide::Decider;
use crate::plan::Plan;

/// One API's authorization, complete. Immutable.
#[derive(Debug)]
pub struct Authorization {
    pub bindings: Bindings,
    /// By operation id. An operation without one is refused.
    pub(crate) plans: HashMap<Arc<str>, Arc<Plan>>,
    pub decider: Arc<dyn Decider>,
}

impl Authorization {
    pub fn plan(&self, operation_id: &str) -> Option<&Arc<Plan>> {
        self.plans.get(operation_id)
    }
}
