//! The proposal as a bindings file, with what each line rests on beside it.

use super::{Inferred, InferredType, Said};

/// A line and its reason side by side up to here; longer lines have it above.
const COLUMN: usize = 88;

pub(super) fn file(inferred: &Inferred) -> String {
    let mut lines = vec![
        "# Proposed from the description: read every line. A per cent says how sure it is, and why."
            .to_owned(),
    ];
    lines.extend(inferred.asked.iter().map(|line| format!("# asked: {line}")));
    lines.push("version: 1".to_owned());
    if inferred.single_tenant {
        lines.push(
            "tenants: single                # nothing in the description looks like a tenant".to_owned(),
        );
    }
    if let Some(whoami) = &inferred.whoami {
        // Only a person knows what the tokens hold.
        lines.push("# principals:".to_owned());
        lines.push(format!("#   whoami: {}", beside("", &whoami.what, whoami)));
    }
    if !inferred.types.is_empty() {
        lines.push("resources:".to_owned());
    }
    for (name, one) in &inferred.types {
        resource(&mut lines, name, one, inferred.single_tenant);
    }
    lines.push("operations:".to_owned());
    if inferred.operations.is_empty() {
        lines.push("  {}".to_owned());
    }
    for one in &inferred.operations {
        push(&mut lines, "  ", &format!("{}: {}", quoted(&one.id), one.binding.what), &one.binding);
    }
    properties(&mut lines, inferred);
    lines.push(String::new());
    lines.join("\n")
}

fn resource(lines: &mut Vec<String>, name: &str, one: &InferredType, single: bool) {
    lines.push(format!("  {name}:"));
    push(lines, "    ", &format!("id: {}", quoted(&one.id.what)), &one.id);
    match &one.tenant {
        Some(tenant) => push(lines, "    ", &format!("tenant: {}", tenant.what), tenant),
        None if single => {}
        None if one.owner.what == "{ from: producer }" => {
            lines.push("    tenant: { from: producer }".to_owned());
        }
        None => lines
            .push("    tenant: { from: none }  # nothing shows it: refused until somebody says".to_owned()),
    }
    push(lines, "    ", &format!("owner: {}", one.owner.what), &one.owner);
    if !one.producers.is_empty() {
        lines.push("    producers:".to_owned());
    }
    for said in &one.producers {
        let producer = &said.what;
        let page = producer.page.as_ref().map_or_else(String::new, |page| format!(", page: {page}"));
        let line = format!(
            "- {{ operation: {}, items: {}, id: {}{page} }}",
            quoted(&producer.operation),
            quoted(&producer.items),
            quoted(&producer.id)
        );
        push(lines, "      ", &line, said);
    }
    if let Some(said) = &one.resolver {
        let resolver = &said.what;
        let line = format!(
            "resolver: {{ operation: {}, id: {}, object: {} }}",
            quoted(&resolver.operation),
            quoted(&format!("path.{}", resolver.id)),
            quoted(&resolver.object)
        );
        push(lines, "    ", &line, said);
    }
    if let Some(said) = &one.immutable {
        push(lines, "    ", &format!("immutable: {}", names(&said.what)), said);
    }
}

fn properties(lines: &mut Vec<String>, inferred: &Inferred) {
    let ruled: Vec<_> = inferred
        .types
        .iter()
        .filter(|(name, one)| is_used(inferred, name) && (one.write.is_some() || one.read.is_some()))
        .collect();
    if ruled.is_empty() {
        return;
    }
    lines.push("properties:".to_owned());
    for (name, one) in ruled {
        lines.push(format!("  {name}:"));
        for (way, said) in [("write", &one.write), ("read", &one.read)] {
            if let Some(said) = said {
                push(lines, "    ", &format!("{way}: {{ default: {} }}", names(&said.what)), said);
            }
        }
    }
}

/// Whether an operation takes or shows it.
fn is_used(inferred: &Inferred, kind: &str) -> bool {
    inferred.operations.iter().any(|one| {
        let what = &one.binding.what;
        ["takes", "shows", "list"].iter().any(|key| {
            what.contains(&format!("{key}: {kind} "))
                || what.contains(&format!("{key}: {kind},"))
                || what.contains(&format!("{key}: {{ type: {kind},"))
        })
    })
}

fn names(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", quoted.join(", "))
}

fn push<T>(lines: &mut Vec<String>, indent: &str, line: &str, said: &Said<T>) {
    let reason = format!("# {} %: {}", said.confidence, crate::bindings::one_line(&said.why));
    if indent.len() + line.len() < COLUMN {
        lines
            .push(format!("{indent}{line:<width$}  {reason}", width = 60_usize.saturating_sub(indent.len())));
    } else {
        lines.push(format!("{indent}{reason}"));
        lines.push(format!("{indent}{line}"));
    }
}

fn beside<T>(indent: &str, line: &str, said: &Said<T>) -> String {
    format!("{indent}{line}  # {} %: {}", said.confidence, crate::bindings::one_line(&said.why))
}

/// A scalar of YAML: plain where that is read as the same text, else in double quotes as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$' | '-'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
