//! Policies that ask what is written, of bodies of which nothing says what they represent.

use model::{Finding, Owasp};

use crate::bindings::shown;
use crate::codes;
use crate::compile::Authorization;

/// What only bindings and policies together leave open.
pub fn unread_writes(authorization: &Authorization) -> Vec<Finding> {
    let bindings = &authorization.bindings;
    let mut plans: Vec<_> = authorization.plans().filter(|plan| !plan.deny && plan.takes.is_none()).collect();
    plans.sort_by(|a, b| a.operation.id.cmp(&b.operation.id));
    let asks = |id: &str| authorization.decider.asks_what_is_written(id);
    let open = plans.into_iter().filter(|plan| plan.operation.body.is_some() && asks(&plan.operation.id));
    let finding = |plan: &std::sync::Arc<crate::plan::Plan>| {
        let operation = &plan.operation;
        let sentence =
            format!("policies ask what {} writes, and nothing says what its body is", shown(&operation.id));
        let binding = bindings.operations.get(&operation.id);
        let binding = binding.or_else(|| bindings.operations.get(&*operation.title()));
        let place = binding.map_or(&bindings.place, |binding| &binding.place).clone();
        Finding::warning(codes::WRITTEN_UNREAD, sentence)
            .at(place, "the names at the root of the body count")
            .advice("`takes: TYPE` says what it represents, and where")
            .owasp(Owasp::Api3)
    };
    open.map(finding).collect()
}
