//! Since when checks only watch: kept in `state_dir`, so that a protection that was never switched on is noticed.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use gateway::Gateway;
use model::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::talk;

const FILE: &str = "watched.json";
/// Watching for longer is told of.
const DAYS_MAX: u64 = 14;
const DAY_S: u64 = 86_400;

/// By API and check, seconds since 1970.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Since {
    version: u32,
    since: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Notes what watches now: to be called when a configuration has come into force.
pub(crate) fn note(gateway: &Gateway, state_dir: &Path) {
    let status = gateway.status();
    let watched = status
        .apis
        .iter()
        .flat_map(|api| api.watched.iter().map(|count| (api.name.clone(), count.check.to_owned())));
    let before = read(state_dir);
    let now = before.at(watched, now_s());
    if now == before {
        return;
    }
    if let Err(error) = write(state_dir, &now) {
        talk::say(&format!("since when checks only watch could not be kept: {}", error.kind()));
    }
}

/// Adds `since` and `days` to what a status tells of watched checks, and `long_watched` for those beyond 14 days.
pub(crate) fn annotate(status: &mut Value, state_dir: &Path) {
    read(state_dir).annotate(status, now_s());
}

impl Since {
    /// Those that watched before keep their time; those that no longer do are forgotten.
    fn at(&self, watched: impl Iterator<Item = (String, String)>, now_s: u64) -> Self {
        let mut since: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for (api, check) in watched {
            let before = self.since.get(&api).and_then(|checks| checks.get(&check)).copied();
            since.entry(api).or_default().insert(check, before.unwrap_or(now_s).min(now_s));
        }
        Self { version: 1, since }
    }

    fn annotate(&self, status: &mut Value, now_s: u64) {
        let mut long = Vec::new();
        let apis = status.get_mut("apis").and_then(Value::as_array_mut);
        for api in apis.into_iter().flatten() {
            let name = api.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let Some(checks) = self.since.get(&name) else { continue };
            let watched = api.get_mut("watched").and_then(Value::as_array_mut);
            for one in watched.into_iter().flatten().filter_map(Value::as_object_mut) {
                let check = one.get("check").and_then(Value::as_str).unwrap_or_default().to_owned();
                let Some(since_s) = checks.get(&check) else { continue };
                let days = now_s.saturating_sub(*since_s) / DAY_S;
                let since = model::rfc3339_millis(since_s.saturating_mul(1_000));
                one.insert("since".to_owned(), json!(since));
                one.insert("days".to_owned(), json!(days));
                if days > DAYS_MAX {
                    long.push(json!({ "api": name, "check": check, "since": since, "days": days }));
                }
            }
        }
        if let Some(status) = status.as_object_mut() {
            status.insert("long_watched".to_owned(), Value::Array(long));
        }
    }
}

fn now_s() -> u64 {
    SystemClock::default().unix_ms() / 1_000
}

/// What cannot be read begins anew.
fn read(state_dir: &Path) -> Since {
    let bytes = std::fs::read(state_dir.join(FILE)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Whole or not at all.
fn write(state_dir: &Path, since: &Since) -> io::Result<()> {
    let fresh = state_dir.join(FILE).with_extension("new");
    std::fs::write(&fresh, serde_json::to_vec(since).map_err(io::Error::other)?)?;
    std::fs::rename(fresh, state_dir.join(FILE))
}
