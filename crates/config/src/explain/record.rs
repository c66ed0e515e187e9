//! One request as it was decided, from its record. What callers and tokens say in it is made printable.

use std::fmt::Write;

use model::{CheckTrace, Mode, Outcome, Record, Verdict};

use crate::render::{field, printable, table};

/// One record in one line: when, how it ended, what was called, by whom, why.
pub fn line(record: &Record) -> String {
    let outcome = match record.outcome {
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed",
        Outcome::Aborted => "aborted",
    };
    let time = record.time.get(11..23).unwrap_or(&record.time);
    let path = field(record.template.as_deref().unwrap_or("(no template)"));
    let who = record.caller.as_ref().and_then(who).unwrap_or_else(|| record.address.clone());
    let why = match (&record.code, &record.check) {
        (Some(code), Some(check)) => format!("  {} ({})", code.slug(), field(check)),
        (Some(code), None) => format!("  {}", code.slug()),
        _ => String::new(),
    };
    printable(&format!(
        "{time} {outcome:<7} {} {:<6} {path}  {}  {who}  {}.{:03} ms  {}{why}",
        record.status,
        field(&record.method),
        field(&record.operation),
        record.duration_us / 1000,
        record.duration_us % 1000,
        field(&record.request_id),
    ))
}

/// The caller's names, as issuer and client gave them.
fn who(caller: &model::Caller) -> Option<String> {
    let subject = caller.principal.as_ref().map(|principal| field(&principal.subject));
    match (subject, caller.client.as_deref().map(field)) {
        (Some(subject), Some(client)) if subject != client => Some(format!("{subject} by {client}")),
        (Some(subject), _) => Some(subject),
        (None, Some(client)) => Some(client),
        (None, None) => None,
    }
}

/// Everything the record says, in words.
pub fn text(record: &Record) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", line(record));
    let _ = writeln!(out, "time           {}", field(&record.time));
    let _ = writeln!(out, "address        {} by {}", field(&record.address), field(&record.protocol));
    if let Some(from) = &record.address_from {
        let _ = writeln!(out, "chosen         {}", super::origin::sentence(from));
    }
    let _ = writeln!(out, "configuration  {}", field(&record.snapshot));
    if let Some(caller) = &record.caller {
        let credentials: Vec<_> = caller
            .credentials
            .iter()
            .map(|credential| format!("{} {}", field(&credential.scheme), field(&credential.id)))
            .collect();
        let who = who(caller).unwrap_or_else(|| "anonymous".to_owned());
        let _ = writeln!(out, "caller         {who}{}", prefixed(" with ", &credentials.join(", ")));
        let scopes: Vec<_> = caller.scopes.iter().map(|scope| field(scope)).collect();
        if !scopes.is_empty() {
            let _ = writeln!(out, "scopes         {}", scopes.join(" "));
        }
        if let Some(tenant) = &caller.tenant {
            let _ = writeln!(out, "tenant         {}", field(tenant));
        }
    }
    if let Some(class) = &record.class {
        let _ = writeln!(out, "class          {}", field(class));
    }
    if let Some(code) = record.code {
        let _ = writeln!(out, "because        {} ({}, {})", code.title(), code.slug(), code.status());
    }
    if let Some(limited) = &record.limited {
        let _ = writeln!(out, "limit          {} ({})", field(&limited.limit), limited.kind.word());
    }
    for violation in &record.violations {
        let _ = writeln!(
            out,
            "  {} {}: {} expects {}",
            field(&violation.place),
            field(&violation.pointer),
            field(&violation.rule),
            printable(&violation.expected)
        );
    }
    let rows: Vec<_> = record.checks.iter().map(row).collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&table(&["PHASE", "CHECK", "MODE", "VERDICT", "COST", "WHY"], &rows));
    }
    if let Some(decided) = &record.authorization {
        out.push_str(&super::evidence::text(decided));
    }
    for tried in record.upstream.iter().flat_map(|upstream| &upstream.tried) {
        let _ = writeln!(out, "\ntried          {}: {}", field(&tried.address), field(&tried.error));
    }
    if let Some(upstream) = &record.upstream {
        let status = upstream.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let error = upstream.error.as_ref().map(|error| format!(", {}", field(error))).unwrap_or_default();
        let _ = writeln!(
            out,
            "\nupstream       {} {status} after {} us{error}",
            field(&upstream.address),
            upstream.head_us
        );
    }
    out
}

fn row(check: &CheckTrace) -> Vec<String> {
    let mode = match check.mode {
        Mode::Off => "off",
        Mode::Watch => "watch",
        Mode::Enforce => "enforce",
    };
    let verdict = match check.verdict {
        Verdict::Pass => "pass",
        Verdict::Edit => "edit",
        Verdict::Refuse => "refuse",
        Verdict::Error => "error",
    };
    let code = check.code.map(|code| code.slug().to_owned());
    let why: Vec<_> = [code, check.reason.as_deref().map(field)].into_iter().flatten().collect();
    let questions: Vec<_> = check
        .questions
        .iter()
        .map(|question| format!("asked {}: {}", field(&question.kind), field(&question.outcome)))
        .collect();
    vec![
        format!("{:?}", check.phase).to_lowercase(),
        check.name.to_string(),
        mode.to_owned(),
        verdict.to_owned(),
        format!("{} us", check.duration_ns / 1000),
        [why, questions].concat().join("; "),
    ]
}

fn prefixed(prefix: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{prefix}{text}") }
}

#[cfg(test)]
mod tests;
