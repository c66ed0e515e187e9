//! How right a rule set is: honest requests that were recorded, and attacks of public collections.
//!
//! All are split for good, honest requests by their site and attacks by their text. Rules are written with an eye on
//! the half called `learn`; the half called `measure` is seen by nobody but through the score.
//!
//! Beside them stand values and requests that were written for this repository (`conformance/waf`), split likewise.
//! Who writes rules has read them all, so their figures stand apart.

mod attacks;
mod honest;
mod place;
mod score;
mod written;

use std::path::Path;
use std::sync::Arc;

use seclang::ftw;
use seclang::{Limits, RuleSet};

use super::super::samples::{Sample, given, split};
use super::front;
use super::rules::{self, Data};
use score::{ByRule, Table};

/// What is judged besides, and where to write which requests of the half called `learn` our own rules got wrong.
#[derive(Debug, Default)]
pub struct Lists {
    pub misses: Option<String>,
    pub false_alarms: Option<String>,
    /// Only classes whose name contains this text.
    pub filter: Option<String>,
    /// Of each rule: attacks that it found and that it alone found, and honest requests that it took for attacks.
    pub by_rule: Option<String>,
    /// Honest values of one's own, to be judged too: a class, a tab, a value a line.
    pub honest: Option<String>,
    /// Requests of one's own instead of all others: see `given`.
    pub requests: Option<String>,
}

pub fn run(data: &Data, lists: &Lists, as_json: bool) -> Result<(), String> {
    let Some(mut samples) = samples(data, lists)? else { return Ok(()) };
    samples.retain(|sample| lists.filter.as_ref().is_none_or(|text| sample.class.contains(text.as_str())));
    let own = rules::own()?;
    let core = rules::blocking(data, 1)?;
    let mut tables = Vec::new();
    for (name, set) in [("bartizan", &own), ("crs level 1", &core)] {
        let mut table = Table::new(name);
        let (mut misses, mut alarms) = (String::new(), String::new());
        let mut by_rule = ByRule::default();
        for sample in &samples {
            let (refused, matched) = judge(set, sample);
            table.add(sample, refused);
            by_rule.add(sample, &matched);
            let wrong = sample.learn && name == "bartizan" && refused == sample.honest;
            if wrong {
                let list = if sample.honest { &mut alarms } else { &mut misses };
                *list += &format!("{}\t{}\t{matched:?}\t{}\n", sample.class, sample.id, shown(&sample.sent));
            }
        }
        if name == "bartizan" {
            write(lists.misses.as_deref(), &misses)?;
            write(lists.false_alarms.as_deref(), &alarms)?;
            write(lists.by_rule.as_deref(), &by_rule.text())?;
        }
        tables.push(table);
    }
    score::print(&tables, as_json);
    Ok(())
}

/// All samples; `None`, said aloud, where those of others are not there.
fn samples(data: &Data, lists: &Lists) -> Result<Option<Vec<Sample>>, String> {
    if let Some(path) = &lists.requests {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        return given::read(&text).map(Some).map_err(|why| format!("{path}:{why}"));
    }
    let folder = data.samples();
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return Ok(None);
    }
    let mut samples = honest::read(&folder)?;
    attacks::read(&folder, &mut samples)?;
    written::read(&mut samples)?;
    if let Some(path) = &lists.honest {
        written::values(Path::new(path), true, &mut samples)?;
    }
    Ok(Some(samples))
}

/// Whether the request is refused, and by which rules. What the gateway's door refuses counts for no rule set.
fn judge(rules: &Arc<RuleSet>, sample: &Sample) -> (bool, Vec<u64>) {
    let Some((request, body)) = front::past_the_door(&sample.sent) else { return (false, Vec::new()) };
    let (seen, transaction) = ftw::run(rules, Limits::default(), request, &body, ftw::reflect);
    (transaction.interruption().is_some() || seen.status == Some(500), seen.ids)
}

fn shown(sent: &[u8]) -> String {
    String::from_utf8_lossy(sent).escape_debug().take(1_500).collect()
}

fn write(file: Option<&str>, text: &str) -> Result<(), String> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(file, text).map_err(|error| format!("{file}: {error}"))
}
