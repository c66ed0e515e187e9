//! Blocks in words, from what a running gateway says of them.

use std::fmt::Write;

use serde_json::Value;

use super::told::{each, shown};
use crate::render::{field, table};

/// `answer` is the answer to the administration socket's list of blocks.
pub fn list(answer: &Value) -> String {
    let rows: Vec<_> = each(answer, "/blocks").map(row).collect();
    let mut out = match rows.is_empty() {
        true => "nothing is blocked\n".to_owned(),
        false => table(&["ID", "BLOCKED", "LEFT", "HITS", "LAST HIT", "BY", "WHY"], &rows),
    };
    if rows.is_empty() {
        return out;
    }
    let undurable = each(answer, "/blocks").filter(|block| at(block, "/durable") == "false").count();
    if let Some(more) = answer.pointer("/more").and_then(Value::as_u64).filter(|more| *more > 0) {
        let _ = writeln!(out, "and {more} more, which end later");
    }
    if undurable > 0 {
        let _ = writeln!(out, "{undurable} not in the journal yet: a restart would lift them");
    }
    out
}

fn row(block: &Value) -> Vec<String> {
    let hits = block.pointer("/hits").and_then(Value::as_u64);
    let last = at(block, "/last_hit");
    vec![
        at(block, "/id"),
        at(block, "/what"),
        block.pointer("/left_ms").and_then(Value::as_u64).map_or_else(String::new, left),
        hits.map_or_else(|| "-".to_owned(), |hits| hits.to_string()),
        last.get(11..19).unwrap_or("-").to_owned(),
        by(block.pointer("/by").unwrap_or(&Value::Null)),
        at(block, "/reason"),
    ]
}

/// What was blocked, how fast, and what that would have hit.
pub fn made(answer: &Value) -> String {
    let mut out = String::new();
    let in_force = at(answer, "/block/in_force") == "true";
    for block in each(answer, "/block/blocks") {
        let verb = if in_force { "blocked" } else { "kept for the next start" };
        let (id, what, end) = (at(block, "/id"), at(block, "/what"), at(block, "/end"));
        let _ = writeln!(out, "{id}  {verb}: {what}, until {end}");
    }
    for what in each(answer, "/what") {
        let _ = writeln!(out, "would block: {}", field(what.as_str().unwrap_or_default()));
    }
    if in_force {
        let ms = |pointer: &str| answer.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
        let (journal, force) = (ms("/block/journal_us"), ms("/block/in_force_us"));
        let durable = match at(answer, "/block/durable").as_str() {
            "true" => format!("on disk after {}", spent(journal)),
            _ => format!("NOT ON DISK ({}): a restart would lift it", at(answer, "/block/undurable_because")),
        };
        let _ = writeln!(out, "in force after {}; {durable}", spent(force));
    }
    out.push_str(&impact(answer));
    for note in each(answer, "/notes") {
        let _ = writeln!(out, "note: {}", field(note.as_str().unwrap_or_default()));
    }
    out
}

fn impact(answer: &Value) -> String {
    let Some(impact) = answer.get("impact").filter(|impact| impact.is_object()) else { return String::new() };
    if at(impact, "/unknown") == "true" {
        return "records hold no fingerprints: whom it would have hit is not known\n".to_owned();
    }
    let number = |pointer: &str| impact.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let (matched, of, allowed) = (number("/matched"), number("/of"), number("/allowed"));
    if of == 0 {
        return "there are no records to compare it with\n".to_owned();
    }
    let mut text =
        format!("matches {matched} of the last {of} requests ({allowed} of them were let through)\n");
    if of >= 20 && matched * 2 > of {
        text.push_str("WARNING: that is more than half of all requests; `bartizan block lift` ends it\n");
    }
    text
}

/// What was lifted, and what still stands.
pub fn lifted(answer: &Value) -> String {
    let mut out = String::new();
    for block in each(answer, "/lift/blocks") {
        let (id, what, hits) = (at(block, "/id"), at(block, "/what"), at(block, "/hits"));
        let _ = writeln!(out, "{id}  lifted: {what} ({hits} requests were refused)");
    }
    if at(answer, "/lift/durable") == "false" {
        let why = at(answer, "/lift/undurable_because");
        let _ = writeln!(
            out,
            "the journal could not be written ({why}); a restart before it can would block again"
        );
    }
    let same: Vec<String> = each(answer, "/lift/still_blocked_by").map(shown).collect();
    if !same.is_empty() {
        let _ = writeln!(out, "still blocked by {}", same.join(", "));
    }
    out
}

/// How a drill went, step by step.
pub fn drilled(answer: &Value) -> String {
    let rows: Vec<_> = each(answer, "/drill/steps")
        .map(|step| {
            let took = step.pointer("/took_us").and_then(Value::as_u64).unwrap_or(0);
            let good = if at(step, "/good") == "true" { "ok" } else { "FAILED" };
            vec![at(step, "/what"), good.to_owned(), spent(took), at(step, "/said")]
        })
        .collect();
    let mut out = table(&["STEP", "", "AFTER", "SEEN"], &rows);
    let refused = answer.pointer("/drill/refused_after_us").and_then(Value::as_u64);
    match (at(answer, "/drill/passed").as_str(), refused) {
        ("true", Some(us)) => {
            let _ = writeln!(out, "the drill has passed: refused {} after the command arrived", spent(us));
        }
        _ => out.push_str("the drill has FAILED\n"),
    }
    out
}

/// What a journal that was damaged lost.
pub fn repaired(answer: &Value) -> String {
    let mut out = String::new();
    let dropped = each(answer, "/repair/dropped").count();
    if at(answer, "/repair/aside") == "-" && dropped > 0 {
        return "the journal was gone; a new one without blocks was begun\n".to_owned();
    }
    if at(answer, "/repair/aside") == "-" {
        return format!("nothing was wrong; {} blocks\n", at(answer, "/repair/kept"));
    }
    for dropped in each(answer, "/repair/dropped") {
        let _ = writeln!(out, "line {} was dropped: {}", at(dropped, "/line"), at(dropped, "/why"));
    }
    let (kept, aside) = (at(answer, "/repair/kept"), at(answer, "/repair/aside"));
    let _ = writeln!(out, "{kept} blocks were kept; the damaged file is {aside}");
    out
}

/// The block list's line of `status`; nothing while nothing is blocked.
pub fn status(answer: &Value) -> String {
    let totals = answer.pointer("/status/blocks").unwrap_or(&Value::Null);
    if matches!(at(totals, "/in_force").as_str(), "0" | "-") {
        return String::new();
    }
    let end = totals.pointer("/next_end_unix_ms").and_then(Value::as_u64);
    let end = end.map(|end| format!(", the next ends {}", model::rfc3339_millis(end))).unwrap_or_default();
    let undurable = match at(totals, "/not_durable").as_str() {
        "0" | "-" => String::new(),
        count => format!(", {count} NOT ON DISK"),
    };
    format!(
        "blocks         {} in force{undurable}{end}, {} hits\n",
        at(totals, "/in_force"),
        at(totals, "/hits")
    )
}

fn by(by: &Value) -> String {
    let name = match at(by, "/name").as_str() {
        "-" => format!("uid {}", at(by, "/uid")),
        name => name.to_owned(),
    };
    match at(by, "/sudo_user").as_str() {
        "-" => name,
        user => format!("{name} (for {user})"),
    }
}

/// Two units at most: `1 d 3 h`, `2 h 0 min`, `4 min 9 s`, `12 s`.
fn left(ms: u64) -> String {
    let s = ms.div_ceil(1_000);
    match s {
        86_400.. => format!("{} d {} h", s / 86_400, s / 3_600 % 24),
        3_600.. => format!("{} h {} min", s / 3_600, s / 60 % 60),
        60.. => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{s} s"),
    }
}

fn spent(us: u64) -> String {
    if us < 10_000 { format!("{us} us") } else { format!("{} ms", us / 1_000) }
}

fn at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map_or_else(|| "-".to_owned(), shown)
}
