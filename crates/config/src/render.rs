//! Findings as pictures for people, and as JSON, SARIF and workflow commands for machines.

mod github;
mod json;
mod picture;
mod printable;
mod sarif;
mod table;

use model::{Finding, Severity};

use crate::Sources;
use crate::sources::without_userinfo;

pub use picture::Style;
pub use printable::{field, json, printable};
pub use table::{table, wrapped};

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text(Style),
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// All findings in one text, which ends with a line break unless it is empty.
pub fn findings(findings: &[Finding], sources: &Sources, format: Format) -> String {
    let findings: Vec<_> = findings.iter().map(blotted).collect();
    match format {
        Format::Text(style) => picture::all(&findings, sources, style),
        Format::Json => json::all(&findings),
        Format::Sarif => sarif::all(&findings),
        Format::Github => github::all(&findings),
    }
}

/// Without users and passwords of URLs in the values that its words quote.
fn blotted(finding: &Finding) -> Finding {
    let without = |text: &String| without_userinfo(text).into_owned();
    let mut finding = finding.clone();
    finding.sentence = without(&finding.sentence);
    finding.label = without(&finding.label);
    for label in &mut finding.related {
        label.text = without(&label.text);
    }
    finding.advice = finding.advice.as_ref().map(without);
    finding
}

/// What a start shows: errors and warnings as pictures, and of the notes how many there are.
pub fn at_start(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let (notes, loud): (Vec<_>, Vec<_>) =
        findings.iter().map(blotted).partition(|finding| finding.severity == Severity::Note);
    let mut text = picture::all(&loud, sources, style);
    if !notes.is_empty() {
        text.push_str(&format!("{}; `bartizan check` shows them\n", tally(&notes)));
    }
    text
}

/// `2 errors, 1 warning`; empty without findings.
pub fn tally(findings: &[Finding]) -> String {
    let count = |severity: Severity, one: &str| match findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
    {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let parts =
        [count(Severity::Error, "error"), count(Severity::Warning, "warning"), count(Severity::Note, "note")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `error`, `warning`, `note`.
pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests;
