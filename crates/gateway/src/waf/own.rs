//! Bartizan's own rules: compiled into the binary, and once a process into a rule set.

use std::sync::{Arc, OnceLock};

use model::Finding;
use seclang::{Files, RuleSet, Source};

/// Every file, in the order in which they are read.
pub(crate) const SOURCES: &[Source<'static>] = &[];

/// The rules name no data files.
struct Nowhere;

impl Files for Nowhere {
    fn read(&self, _from: &str, _name: &str) -> Result<Vec<u8>, String> {
        Err("Bartizan's own rules have no data files".to_owned())
    }
}

/// The rule set.
///
/// # Errors
/// What cannot be compiled, which a test makes sure is nothing in what is shipped.
pub fn own_rules() -> Result<Arc<RuleSet>, Vec<Finding>> {
    static RULES: OnceLock<Result<Arc<RuleSet>, Vec<Finding>>> = OnceLock::new();
    RULES.get_or_init(|| seclang::compile(SOURCES, &Nowhere).map(Arc::new)).clone()
}
