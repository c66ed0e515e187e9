//! Findings in SARIF 2.1.0 (OASIS), which code hosts and editors read.

use std::collections::BTreeSet;

use model::{Finding, Place, Severity};
use serde_json::{Value, json};

use crate::codes;

pub(super) fn all(findings: &[Finding]) -> String {
    let used: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    let rules: Vec<_> = used.iter().map(|code| rule(code)).collect();
    let results: Vec<_> = findings.iter().map(|finding| result(finding, &used)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bartizan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{}\n", super::printable::json(&document))
}

fn rule(code: &str) -> Value {
    match codes::explain(code) {
        Some(entry) => json!({
            "id": code,
            "shortDescription": { "text": entry.title },
            "fullDescription": { "text": entry.text },
        }),
        None => json!({ "id": code }),
    }
}

fn result(finding: &Finding, used: &BTreeSet<&str>) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut text = finding.sentence.clone();
    for part in [&finding.label, finding.advice.as_ref().unwrap_or(&String::new())] {
        if !part.is_empty() {
            text.push_str("; ");
            text.push_str(part);
        }
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": used.iter().position(|code| *code == finding.code),
        "level": level,
        "message": { "text": text },
        "locations": finding.place.iter().map(|place| location(place, None)).collect::<Vec<_>>(),
    });
    let related: Vec<_> =
        finding.related.iter().map(|label| location(&label.place, Some(&label.text))).collect();
    if let (false, Some(object)) = (related.is_empty(), result.as_object_mut()) {
        object.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    if let (Some(owasp), Some(object)) = (finding.owasp, result.as_object_mut()) {
        object.insert("properties".to_owned(), json!({ "owasp": owasp, "title": owasp.title() }));
    }
    result
}

fn location(place: &Place, text: Option<&str>) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endColumn": place.column + place.length,
            },
        },
    });
    if let (Some(text), Some(object)) = (text, location.as_object_mut()) {
        object.insert("message".to_owned(), json!({ "text": text }));
    }
    location
}

/// RFC 3986: a path as a relative reference, or as `file:` when it is absolute.
fn uri(path: &str) -> String {
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
