//! Bartizan's own rules: compiled into the binary, and once a process into a rule set.

mod page;

use std::sync::{Arc, OnceLock};

use model::Finding;
use seclang::{Files, RuleSet, Source};

pub use page::{own_rules_list, own_rules_page};

/// Every file, in the order in which they are read.
pub(crate) const SOURCES: &[Source<'static>] = &[
    Source { name: "rules/00-setup.conf", text: include_str!("../../rules/00-setup.conf") },
    Source { name: "rules/10-traversal.conf", text: include_str!("../../rules/10-traversal.conf") },
    Source { name: "rules/15-encoded.conf", text: include_str!("../../rules/15-encoded.conf") },
    Source { name: "rules/20-sql.conf", text: include_str!("../../rules/20-sql.conf") },
    Source { name: "rules/25-nosql.conf", text: include_str!("../../rules/25-nosql.conf") },
    Source { name: "rules/30-command.conf", text: include_str!("../../rules/30-command.conf") },
    Source { name: "rules/40-xss.conf", text: include_str!("../../rules/40-xss.conf") },
    Source { name: "rules/50-template.conf", text: include_str!("../../rules/50-template.conf") },
    Source { name: "rules/60-code.conf", text: include_str!("../../rules/60-code.conf") },
    Source { name: "rules/65-query.conf", text: include_str!("../../rules/65-query.conf") },
    Source { name: "rules/70-xml.conf", text: include_str!("../../rules/70-xml.conf") },
    Source { name: "rules/75-ssrf.conf", text: include_str!("../../rules/75-ssrf.conf") },
    Source { name: "rules/80-scanner.conf", text: include_str!("../../rules/80-scanner.conf") },
    Source { name: "rules/85-api.conf", text: include_str!("../../rules/85-api.conf") },
    Source { name: "rules/90-response.conf", text: include_str!("../../rules/90-response.conf") },
    Source { name: "rules/99-decision.conf", text: include_str!("../../rules/99-decision.conf") },
];

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

#[cfg(test)]
mod tests;
