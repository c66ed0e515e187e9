//! Names of properties that hold ids of sealed types wherever they stand, for what nobody declared.

use std::collections::BTreeMap;
use std::sync::Arc;

use openapi::Operation;

use crate::bindings::Bindings;
use crate::ids::snake;
use crate::shape::{Shape, properties};

/// By name in `snake_case`: the sealed type whose ids it holds.
#[derive(Debug, Default)]
pub struct Names {
    kinds: BTreeMap<String, Arc<str>>,
}

impl Names {
    /// `invoice_id` and `invoice_ids` for a sealed type `Invoice`.
    pub fn of(bindings: &Bindings) -> Self {
        let mut kinds = BTreeMap::new();
        for resource in bindings.resources.values().filter(|resource| resource.seal.is_some()) {
            let name = snake(&resource.name);
            for end in ["id", "ids"] {
                kinds.insert(format!("{name}_{end}"), Arc::clone(&resource.name));
            }
        }
        Self { kinds }
    }

    /// Whether an answer of the operation is described to have such a property anywhere.
    pub fn stand_in_answer_of(&self, operation: &Operation) -> bool {
        let Some(shape) = Shape::answer(operation) else { return false };
        let mut found = false;
        properties(&shape, "$", &mut |_, name, _| found |= self.kind(name).is_some());
        found
    }

    /// The type whose ids a property of this name holds: `invoiceId` as `invoice_id`.
    pub fn kind(&self, name: &str) -> Option<&Arc<str>> {
        self.kinds.get(&snake(name))
    }
}
