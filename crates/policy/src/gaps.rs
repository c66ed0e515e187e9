//! What bindings leave open: ids that nobody bound, effects without evidence, operations that are refused because nobody
//! named them, rules that do nothing.

mod answers;
mod bundles;
mod claims;
mod held;
mod rules;
mod sealed;
mod shadows;
mod unbound;
mod written;

use std::sync::Arc;

use model::{Finding, Owasp, Place};
use openapi::{Description, Operation};

use crate::bindings::{Binding, Bindings};
use crate::compile::find;
pub(crate) use answers::is_sensitive;
pub use written::unread_writes;

/// Everything that `check` has to say about bindings that are without errors.
pub fn gaps(bindings: &Bindings, description: &Description) -> Vec<Finding> {
    let mut search = Search { bindings, description, bound: Vec::new(), findings: Vec::new() };
    search.bound = bindings
        .operations
        .iter()
        .filter_map(|(name, binding)| {
            let operation = find(description, name)?;
            Some(BoundOperation { name, binding, operation })
        })
        .collect();
    unbound::search(&mut search);
    shadows::search(&mut search);
    rules::search(&mut search);
    answers::search(&mut search);
    claims::search(&mut search);
    sealed::search(&mut search);
    bundles::search(&mut search);
    held::search(&mut search);
    search.findings
}

struct Search<'a> {
    bindings: &'a Bindings,
    description: &'a Description,
    bound: Vec<BoundOperation<'a>>,
    findings: Vec<Finding>,
}

#[derive(Clone, Copy)]
struct BoundOperation<'a> {
    /// As the bindings call it.
    name: &'a Arc<str>,
    binding: &'a Binding,
    operation: &'a Arc<Operation>,
}

impl<'a> Search<'a> {
    fn at(&self, pointer: &str) -> Place {
        self.bindings.places.at(pointer).unwrap_or(&self.bindings.place).clone()
    }

    /// Operations that may be called at all.
    fn open(&self) -> Vec<BoundOperation<'a>> {
        self.bound.iter().filter(|bound| !bound.binding.deny).copied().collect()
    }

    fn warn(&mut self, code: &str, sentence: String, place: Place, label: impl Into<String>, owasp: Owasp) {
        self.findings.push(Finding::warning(code, sentence).at(place, label).owasp(owasp));
    }
}

#[cfg(test)]
mod tests;
