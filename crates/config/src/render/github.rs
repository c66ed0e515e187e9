//! Findings as workflow commands of GitHub Actions, which shows them beside the lines they concern.

use model::{Finding, Severity};

pub(super) fn all(findings: &[Finding]) -> String {
    findings.iter().map(one).collect()
}

fn one(finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = finding.place.as_ref().map_or_else(String::new, |place| {
        let end = place.column + place.length;
        let file = property(&place.file);
        format!("file={file},line={},col={},endColumn={end},", place.line, place.column)
    });
    let mut message = finding.sentence.clone();
    for part in [Some(&finding.label).filter(|label| !label.is_empty()), finding.advice.as_ref()]
        .into_iter()
        .flatten()
    {
        message.push('\n');
        message.push_str(part);
    }
    format!("::{command} {place}title={}::{}\n", property(&finding.code), data(&message))
}

/// What a message may not hold as it is.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
