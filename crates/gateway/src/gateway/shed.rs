//! Who gives way when an API's service has enough to do.

use model::{Code, Refusal};

use super::Gateway;
use crate::concurrency::Place;
use crate::observe::Flight;
use crate::pipeline::Stop;
use crate::settings::Importance;
use crate::snapshot::ApiPlan;

impl Gateway {
    /// A place among the requests in flight; `Ok(None)` when the API does not bound them.
    pub(super) fn place(&self, api: &ApiPlan, flight: &Flight) -> Result<Option<Place>, Stop> {
        let Some(gate) = &api.gate else { return Ok(None) };
        let caller = flight.run.exchange.caller.as_ref();
        let importance = flight.plan.classes.importance(caller);
        if let Some(place) = gate.enter(importance) {
            return Ok(Some(place));
        }
        let class = flight.plan.classes.of_request(caller).map_or("", |class| &*class.name);
        self.observer.metrics.count_shed(&api.settings.name, class, importance.word());
        let refusal = Refusal::new(Code::Shed).retry_after_s(retry_after_s(importance));
        Err(Stop { refusal: Box::new(refusal), check: None })
    }
}

/// The least important come back last.
fn retry_after_s(importance: Importance) -> u64 {
    match importance {
        Importance::Low => 10,
        Importance::Normal => 3,
        Importance::High | Importance::Critical => 1,
    }
}
