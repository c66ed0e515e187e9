//! Findings as one JSON document.

use model::{Finding, Severity};
use serde_json::json;

/// `{"version": 1, "errors": N, "warnings": N, "findings": [...]}`.
pub(super) fn all(findings: &[Finding]) -> String {
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let document = json!({
        "version": 1,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "findings": findings,
    });
    format!("{}\n", super::printable::json(&document))
}
