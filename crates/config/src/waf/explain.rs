//! Why rules matched one request, and how not to ask them again.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use model::{InspectionTrace, Record, RuleMatch};
use serde_json::{Value, json};

use crate::render::{field, printable};

/// What the record of a request says of rules, as a document and as text.
pub fn explain(record: &Record) -> (Value, String) {
    let none = InspectionTrace::default();
    let inspection = record.inspection.as_deref().unwrap_or(&none);
    let excludes: Vec<_> = inspection.matches.iter().filter_map(|found| exclusion(record, found)).collect();
    let document = json!({
        "version": 1, "request_id": record.request_id, "api": record.api, "operation": record.operation,
        "inspection": record.inspection, "exclusions": excludes,
    });
    (document, text(record, inspection))
}

fn text(record: &Record, inspection: &InspectionTrace) -> String {
    let mut out = String::new();
    if inspection.is_empty() {
        return "no rule matched this request\n".to_owned();
    }
    for found in &inspection.matches {
        let severity = found.severity.as_deref().map(|word| format!(", {}", field(word))).unwrap_or_default();
        let _ = writeln!(
            out,
            "rule {} of {} ({}, phase {}{severity})",
            found.rule,
            field(&found.set),
            field(&found.place),
            found.phase
        );
        let _ = writeln!(out, "  says      {}", printable(&found.message));
        for seen in &found.seen {
            let (variable, bytes) = (field(&seen.variable), seen.bytes);
            let _ = writeln!(out, "  saw       {variable}: `{}` ({bytes} bytes)", printable(&seen.shape));
        }
        for sum in &found.scored {
            let _ = writeln!(
                out,
                "  score     {}: {} {} {} = {}",
                field(&sum.name),
                sum.before,
                if sum.change < 0 { '-' } else { '+' },
                sum.change.unsigned_abs(),
                sum.after
            );
        }
        if found.refuses && inspection.refused_by == Some(found.rule) {
            let refused = record.check.as_deref() == Some("waf");
            let _ = writeln!(out, "  so        it {}", if refused { "refuses" } else { "would refuse" });
        }
        out.push('\n');
    }
    if inspection.more > 0 {
        let _ = writeln!(out, "and {} matches more\n", inspection.more);
    }
    if let Some(limit) = &inspection.exhausted {
        let _ = writeln!(out, "the rules came to their limit {}\n", field(limit));
    }
    let excludes: Vec<_> = inspection.matches.iter().filter_map(|found| exclusion(record, found)).collect();
    if !excludes.is_empty() {
        let api = record.api.as_deref().unwrap_or("API");
        let _ = writeln!(out, "where the request was honest, in the gateway file:\n");
        let _ = writeln!(out, "apis:\n  {}:\n    operations:", field(api));
        let _ = writeln!(out, "      {}:\n        waf:\n          exclude:", field(&record.operation));
        let mut lines: Vec<_> = excludes.iter().map(line).collect();
        lines.dedup();
        for line in lines {
            let _ = writeln!(out, "            - {line}");
        }
    }
    out
}

/// The exclusion that would have kept the rule from matching; `None` where the rule only adds the sum of others.
fn exclusion(record: &Record, found: &RuleMatch) -> Option<Value> {
    let target = found.seen.first().map(|seen| seen.variable.as_str())?;
    // A member that is no name was the caller's choice: to leave the whole collection out for it would be too much.
    if target.starts_with("TX") || target.ends_with(":*") || record.operation == "unmatched" {
        return None;
    }
    Some(json!({ "rule": found.rule, "target": target }))
}

fn line(exclude: &Value) -> String {
    let rule = exclude.get("rule").and_then(Value::as_u64).unwrap_or_default();
    let target = exclude.get("target").and_then(Value::as_str).unwrap_or_default();
    format!("{{ rule: {rule}, target: \"{}\" }}", field(target))
}
