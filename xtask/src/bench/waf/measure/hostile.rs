//! Requests made to cost as much as they can.

use std::sync::Arc;

use seclang::input::BodySettings;
use seclang::{Outcome, RuleSet};

use super::clock::this_thread_us;
use super::ours::{self, Sets};
use super::requests::with_body;
use crate::bench::statistics::median;
use crate::conformance::engine::rules::{self, Data};

/// Of each set on each input, at most.
pub const GOAL_MS: f64 = 20.0;
const LONG_BYTES: usize = 16 * 1024;
/// The cap, raised.
const ARGUMENTS_MAX: usize = 20_000;
/// The gateway's own default.
const BODY_BYTES_MAX: usize = 1 << 20;
const PARAMETERS: usize = 10_000;
const RUNS_A_ROUND: usize = 5;
const FORM: &str = "application/x-www-form-urlencoded";

/// Without the rule that refuses at 1,000 arguments.
const CAP_RAISED: &str = "SecRuleEngine On\nSecRuleRemoveById 200007\n";

pub struct Hostile {
    pub input: &'static str,
    pub rules: &'static str,
    pub median_ms: f64,
    pub worst_ms: f64,
    /// What came of it.
    pub outcome: String,
}

pub fn measure(data: &Data, sets: &Sets, rounds: usize) -> Result<Vec<Hostile>, String> {
    let raised = rules::compile(data, CAP_RAISED)?;
    let mut measured = Vec::new();
    for (input, bytes) in inputs() {
        measured.push(one(input, "CRS", &raised, &bytes, rounds)?);
        measured.push(one(input, "own rules", &sets.own, &bytes, rounds)?);
    }
    Ok(measured)
}

fn one(
    input: &'static str,
    name: &'static str,
    rules: &Arc<RuleSet>,
    bytes: &[u8],
    rounds: usize,
) -> Result<Hostile, String> {
    let (request, body) = ours::read(bytes)?;
    let settings = BodySettings {
        arguments_max: ARGUMENTS_MAX,
        body_without_files_bytes_max: BODY_BYTES_MAX,
        ..rules.settings().body.clone()
    };
    let inspect =
        || ours::inspect(rules, &settings, &request, &body).map_err(|error| format!("{input}: {error}"));
    let mut times = Vec::new();
    let mut outcome = inspect()?;
    for _ in 0..rounds * RUNS_A_ROUND {
        let before = this_thread_us()?;
        outcome = inspect()?;
        times.push((this_thread_us()? - before) / 1e3);
    }
    let worst_ms = times.iter().copied().fold(0.0, f64::max);
    let outcome = match outcome {
        Outcome::Continue => "passes".to_owned(),
        Outcome::Interrupted(by) => format!("refused by {}", by.rule_id),
        Outcome::Exhausted(limit) => format!("refused: {} is exhausted", limit.limit()),
    };
    Ok(Hostile { input, rules: name, median_ms: median(times), worst_ms, outcome })
}

fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let form = |body: &str| with_body("POST /api/v1/notes", FORM, body);
    let json = |body: &str| with_body("POST /api/v1/notes", "application/json", body);
    let parameters: Vec<String> = (0..PARAMETERS).map(|at| format!("p{at}=v{at}")).collect();
    let members: Vec<String> = (0..PARAMETERS).map(|at| format!("\"p{at}\":\"v{at}\"")).collect();
    vec![
        ("nested encodings, form", form(&format!("note={}", filled(NESTED)))),
        ("nested encodings, JSON", json(&format!("{{\"note\":\"{}\"}}", filled(NESTED_JSON)))),
        ("near matches, one value", json(&format!("{{\"note\":\"{}\"}}", filled(NEAR)))),
        ("near matches, 100 values", json(&format!("[{}]", many(NEAR)))),
        ("10,000 parameters, form", form(&parameters.join("&"))),
        ("10,000 parameters, JSON", json(&format!("{{{}}}", members.join(",")))),
    ]
}

fn filled(part: &str) -> String {
    part.repeat(LONG_BYTES / part.len())
}

fn many(part: &str) -> String {
    let text: Vec<char> = filled(part).chars().collect();
    let pieces: Vec<String> = text
        .chunks(LONG_BYTES / 100)
        .map(|piece| format!("\"{}\"", piece.iter().collect::<String>()))
        .collect();
    pieces.join(",")
}

/// Percent-encoding in percent-encoding, of entities and of escapes of other languages.
const NESTED: &str = "%25252525253C%2525253Cscrip%252526amp%253Blt%253B%25255Cu003c%25%32%35%33%43%25u003c%255Cx3c%2523x3c%253B";
/// The same where percent signs need no escape, and backslashes do.
const NESTED_JSON: &str =
    "%2525253C&amp;amp;lt;&#x26;#x3c;\\u005cu003c\\\\x3c\\\\74%25u003c/*%2f**%2f*/\\\\u0025u0033c";
/// Beginnings of what the rules look for, none of them whole.
const NEAR: &str = "unio al selec 1 fro users wher or 1 = a -- /* ' and slee (5 <scrip onerro =x javascrip :a /etc/pass wd ../. ;ca t $ {jnd i: __proto_ {{7*a }} ldap:/ %0 ";
