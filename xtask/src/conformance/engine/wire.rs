//! The regression tests once more, as bytes on a connection to the real gateway, with the rules in watch mode. What
//! matched stands in its records.

mod client;
mod gateway;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use seclang::ftw::{Expected, Seen, Test};
use serde_json::Value;

use super::overrides::{self, Instead};
use super::rules::Data;
use client::Answer;

const OVERRIDES: &str = "conformance/crs-wire-overrides.yaml";

/// How the tests went through the gateway.
#[derive(Debug, Default)]
pub struct Wire {
    pub total: usize,
    pub passed: usize,
    /// Test and reason.
    pub overridden: Vec<(String, String)>,
    /// Test and what went wrong.
    pub failed: Vec<(String, String)>,
    pub stale: Vec<String>,
}

/// What one request came to.
struct Sent {
    answer: Option<Answer>,
    ids: Vec<u64>,
    /// The gateway's own word for its refusal.
    code: Option<String>,
}

pub fn run(data: &Data, suite: &[Test]) -> Result<Wire, String> {
    let overrides: BTreeMap<_, _> =
        overrides::read(overrides::DOOR)?.into_iter().chain(overrides::read(OVERRIDES)?).collect();
    let service = service::start()?;
    let gateway = gateway::Gateway::start(data, service)?;
    let mut answers = Vec::new();
    for test in suite {
        for stage in &test.stages {
            answers.push(client::exchange(gateway.address, &stage.request));
        }
    }
    let folder = gateway.stop()?;
    let records = records(&folder.join("state/records"))?;
    let _ = std::fs::remove_dir_all(&folder);
    let mut answers = answers.into_iter();
    let mut wire = Wire { total: suite.len(), ..Wire::default() };
    for test in suite {
        let sent: Vec<_> =
            answers.by_ref().take(test.stages.len()).map(|answer| told(answer, &records)).collect();
        let unmet = test.stages.iter().zip(&sent).find_map(|(stage, sent)| unmet(&stage.expected, sent));
        match (unmet, overrides.get(&test.id)) {
            (None, None) => wire.passed += 1,
            (None, Some(_)) => {
                wire.passed += 1;
                wire.stale.push(test.id.clone());
            }
            (Some(_), Some(known)) if sent.iter().any(|sent| sent.is(&known.instead)) => {
                wire.overridden.push((test.id.clone(), known.reason.clone()));
            }
            (Some(why), _) => {
                let code = sent.iter().find_map(|sent| sent.code.as_deref());
                let code = code.map(|code| format!(" (refused: {code})")).unwrap_or_default();
                wire.failed.push((test.id.clone(), why + &code));
            }
        }
    }
    // Every override is of a test that the door or the route settles; in process only the door's are met.
    let door: BTreeSet<_> = overrides::read(overrides::DOOR)?.into_keys().collect();
    wire.stale.retain(|id| !door.contains(id));
    Ok(wire)
}

impl Sent {
    fn is(&self, instead: &Instead) -> bool {
        match instead {
            Instead::Refused(status) => self.answer.as_ref().is_some_and(|answer| answer.status == *status),
            // Where nothing is to match, the service has to have answered: else no rule saw the request.
            Instead::Matched(ids) => {
                let is_served = self.answer.is_some() && self.code.is_none();
                is_served && ids.iter().all(|id| self.ids.contains(id))
            }
        }
    }
}

/// Values of requests stand in no record, so what lines of a log must say is judged in process only; that no line names a
/// rule is judged by the ids.
fn unmet(expected: &Expected, sent: &Sent) -> Option<String> {
    let expected = Expected {
        status: expected.status,
        error: expected.error,
        ids: expected.ids.clone(),
        no_ids: expected.no_ids.clone(),
        no_line: expected.no_line.clone(),
        ..Expected::default()
    };
    let status = sent.answer.as_ref().map(|answer| answer.status);
    let lines = sent.ids.iter().map(|id| format!("[id \"{id}\"]")).collect();
    expected.unmet(&Seen { status, ids: sent.ids.clone(), lines })
}

fn told(answer: Option<Answer>, records: &BTreeMap<String, Value>) -> Sent {
    let record = answer.as_ref().and_then(|answer| records.get(answer.request_id.as_deref()?));
    let matches = record.and_then(|record| record.pointer("/inspection/matches")).and_then(Value::as_array);
    let ids = matches.into_iter().flatten().filter_map(|found| found.get("rule")?.as_u64()).collect();
    let code = answer.as_ref().and_then(|answer| answer.code.clone());
    Sent { answer, ids, code }
}

/// By request id.
fn records(folder: &Path) -> Result<BTreeMap<String, Value>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut all = BTreeMap::new();
    for entry in entries.flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let records = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        all.extend(records.filter_map(|record| {
            let id = record.get("request_id")?.as_str()?.to_owned();
            Some((id, record))
        }));
    }
    Ok(all)
}
