//! What could be excluded, from what rules matched while they only watched.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use model::{Mode, Outcome, Record};
use serde_json::{Value, json};

use crate::render::{field, printable};

/// Fewer callers than this may be one attacker who trains the rules.
const CALLERS_MIN: usize = 3;
/// Kinds of matches that are told apart.
const KINDS_MAX: usize = 10_000;
/// Callers that are told apart for one kind.
const CALLERS_MAX: usize = 1_000;

/// API, operation, rule, variable.
type Kind = (String, String, u64, String);

#[derive(Debug, Default)]
struct Hits {
    count: u64,
    callers: BTreeSet<String>,
    /// Answered by the service with success.
    answered: u64,
    message: String,
    shape: String,
}

/// Counts matches of watched requests.
#[derive(Debug, Default)]
pub struct Tuning {
    requests: u64,
    watched: u64,
    hits: BTreeMap<Kind, Hits>,
    dropped: u64,
}

impl Tuning {
    pub fn add(&mut self, record: &Record) {
        self.requests += 1;
        let watches = record.checks.iter().any(|check| check.name == "waf" && check.mode == Mode::Watch);
        let Some(inspection) = record.inspection.as_ref().filter(|_| watches) else { return };
        self.watched += 1;
        let api = record.api.clone().unwrap_or_default();
        let caller = record.caller.as_ref().and_then(|caller| caller.client.as_deref());
        let caller = caller.map_or_else(|| network(&record.address), str::to_owned);
        for found in &inspection.matches {
            let Some(seen) = found.seen.first().filter(|seen| !seen.variable.starts_with("TX")) else {
                continue;
            };
            let kind = (api.clone(), record.operation.clone(), found.rule, seen.variable.clone());
            if self.hits.len() >= KINDS_MAX && !self.hits.contains_key(&kind) {
                self.dropped += 1;
                continue;
            }
            let hits = self.hits.entry(kind).or_default();
            hits.count += 1;
            hits.answered += u64::from(record.outcome == Outcome::Allowed && record.status < 400);
            hits.message.clone_from(&found.message);
            hits.shape.clone_from(&seen.shape);
            if hits.callers.len() < CALLERS_MAX {
                hits.callers.insert(caller.clone());
            }
        }
    }

    pub fn document(&self) -> Value {
        let list = self.sorted().into_iter().map(|((api, operation, rule, variable), hits)| {
            json!({
                "api": api, "operation": operation, "rule": rule, "variable": variable,
                "message": hits.message, "matches": hits.count, "callers": hits.callers.len(),
                "answered": hits.answered, "shape": hits.shape, "proposed": is_proposed(variable, hits),
            })
        });
        json!({
            "version": 1, "requests": self.requests, "matched": self.watched,
            "matches": list.collect::<Vec<_>>(), "dropped": self.dropped,
        })
    }

    /// A piece of a gateway file, with the counts beside each line; what is not proposed says why.
    pub fn text(&self) -> String {
        let mut out = format!(
            "# {} requests, {} of them matched while the WAF watched. Read each line before you use it.\n",
            self.requests, self.watched
        );
        let (mut api_before, mut operation_before) = ("", "");
        let mut sorted = self.sorted();
        sorted.sort_by_key(|((api, operation, ..), _)| (api.as_str(), operation.as_str()));
        for ((api, operation, rule, variable), hits) in sorted {
            if api != api_before {
                let _ = writeln!(out, "apis:\n  {}:\n    operations:", field(api));
                operation_before = "";
            }
            if operation != operation_before {
                let _ = writeln!(out, "      {}:\n        waf:\n          exclude:", field(operation));
            }
            (api_before, operation_before) = (api, operation);
            let _ = writeln!(
                out,
                "            # {}: {} matches of {} callers, {} answered; `{}`",
                printable(&hits.message),
                hits.count,
                hits.callers.len(),
                hits.answered,
                printable(&hits.shape)
            );
            let line = format!("- {{ rule: {rule}, target: \"{}\" }}", field(variable));
            let _ = match is_proposed(variable, hits) {
                true => writeln!(out, "            {line}"),
                false => writeln!(out, "            # not proposed: {line}"),
            };
        }
        if self.dropped > 0 {
            let _ = writeln!(out, "# {} matches of further kinds were left out", self.dropped);
        }
        out
    }

    fn sorted(&self) -> Vec<(&Kind, &Hits)> {
        let mut all: Vec<_> = self.hits.iter().collect();
        all.sort_by_key(|(_, hits)| std::cmp::Reverse(hits.count));
        all
    }
}

/// Who has one IPv6 address has a whole network of them, so that those are one caller.
fn network(address: &str) -> String {
    address.parse().map_or_else(|_| address.to_owned(), |address| net::network(address).to_string())
}

/// Of several callers, mostly answered, and of a variable that has a name.
fn is_proposed(variable: &str, hits: &Hits) -> bool {
    hits.callers.len() >= CALLERS_MIN && hits.answered * 10 >= hits.count * 9 && !variable.ends_with(":*")
}
