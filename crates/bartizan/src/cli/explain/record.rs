//! What happened to one request, from its record: asked of the running gateway, else read from disk.

use std::fmt::Write;
use std::sync::Arc;

use gateway::records::{RECORDS_BYTES_MAX, Records};
use model::{CheckTrace, Mode, Record, SystemClock, Verdict};
use serde_json::json;

use super::super::{Common, runtime, tail};
use crate::socket::{self, Question};
use crate::talk::{self, Exit, Failure};

pub(super) fn run(common: &Common, id: &str) -> Result<Exit, Failure> {
    let record = find(common, id)?;
    let Some(record) = record else {
        talk::say(&format!("there is no record of `{id}`; old ones are removed when their room is used up"));
        return Ok(Exit::Findings);
    };
    if common.json {
        talk::line(&json!({ "version": 1, "record": record }).to_string())?;
    } else {
        talk::data(&text(&record))?;
    }
    Ok(Exit::Good)
}

fn find(common: &Common, id: &str) -> Result<Option<Record>, Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    let question = Question::Record { id: id.to_owned() };
    match runtime()?.block_on(socket::ask_one(&state_dir, &question)) {
        Ok(answer) => {
            let record = answer.get("record").cloned().unwrap_or_default();
            serde_json::from_value(record).map_err(|_| Failure::trouble("the answer is not understood"))
        }
        Err(failure) if failure.exit == Exit::Unreachable => on_disk(&state_dir, id, failure),
        Err(failure) => Err(failure),
    }
}

/// Without a running gateway the records belong to nobody.
fn on_disk(state_dir: &std::path::Path, id: &str, failure: Failure) -> Result<Option<Record>, Failure> {
    let folder = state_dir.join("records");
    if !folder.is_dir() {
        return Err(failure);
    }
    let unreadable =
        |error: std::io::Error| Failure::trouble(format!("the records cannot be read: {}", error.kind()));
    let records =
        Records::open(&folder, RECORDS_BYTES_MAX, Arc::new(SystemClock::default())).map_err(unreadable)?;
    let found = records.find(id).map_err(unreadable);
    records.close();
    found
}

fn text(record: &Record) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", tail::line(record));
    let _ = writeln!(out, "time           {}", record.time);
    let _ = writeln!(out, "address        {} by {}", record.address, record.protocol);
    let _ = writeln!(out, "configuration  {}", record.snapshot);
    if let Some(caller) = &record.caller {
        let credentials: Vec<_> = caller
            .credentials
            .iter()
            .map(|credential| format!("{} {}", credential.scheme, credential.id))
            .collect();
        let who = tail::who(caller).unwrap_or_else(|| "anonymous".to_owned());
        let _ = writeln!(out, "caller         {who}{}", prefixed(" with ", &credentials.join(", ")));
        let scopes: Vec<_> = caller.scopes.iter().map(|scope| &**scope).collect();
        if !scopes.is_empty() {
            let _ = writeln!(out, "scopes         {}", scopes.join(" "));
        }
    }
    if let Some(code) = record.code {
        let _ = writeln!(out, "because        {} ({}, {})", code.title(), code.slug(), code.status());
    }
    for violation in &record.violations {
        let _ = writeln!(
            out,
            "  {} {}: {} expects {}",
            violation.place, violation.pointer, violation.rule, violation.expected
        );
    }
    let rows: Vec<_> = record.checks.iter().map(row).collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&talk::table(&["PHASE", "CHECK", "MODE", "VERDICT", "COST", "WHY"], &rows));
    }
    if let Some(upstream) = &record.upstream {
        let status = upstream.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let error = upstream.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "\nupstream       {} {status} after {} us{error}",
            upstream.address, upstream.head_us
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
    let why: Vec<_> = [code, check.reason.clone()].into_iter().flatten().collect();
    let questions: Vec<_> = check
        .questions
        .iter()
        .map(|question| format!("asked {}: {}", question.kind, question.outcome))
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
