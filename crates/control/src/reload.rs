//! Reloading: read off the path of requests, judge, swap; a bad configuration changes nothing and says why.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use config::render::{Format, Style};
use config::{Configuration, Environment, Look, Machine};
use gateway::Gateway;
use model::{Clock, Finding, SystemClock};
use serde::Serialize;

use crate::entrances::{Change, Entrances};
use crate::handover::Transfer;
use crate::talk;
use config::kept::Kept;

/// What one attempt came to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// `false`: the configuration before it is still in force.
    pub(crate) accepted: bool,
    pub(crate) changed: bool,
    /// Of the configuration in force now.
    pub(crate) hash: String,
    /// RFC 3339.
    pub(crate) time: String,
    pub(crate) findings: Vec<Finding>,
    /// The findings as pictures.
    pub(crate) text: String,
}

/// Reads the gateway file again when asked, one attempt at a time.
pub(crate) struct Reloader {
    gateway: Arc<Gateway>,
    config: PathBuf,
    entrances: Arc<Entrances>,
    transfer: Arc<Transfer>,
    state: Mutex<State>,
}

struct State {
    /// What is in force.
    configuration: Configuration,
    last: Outcome,
    /// What the files looked like when they were read.
    seen: BTreeMap<PathBuf, Look>,
}

impl Reloader {
    /// `seen`: what the files looked like when the configuration was read.
    pub(crate) fn new(
        gateway: Arc<Gateway>,
        config: PathBuf,
        configuration: Configuration,
        seen: BTreeMap<PathBuf, Look>,
        entrances: Arc<Entrances>,
        transfer: Arc<Transfer>,
    ) -> Arc<Self> {
        let last = Outcome {
            accepted: true,
            changed: true,
            hash: configuration.settings.hash.clone(),
            time: now(),
            findings: Vec::new(),
            text: String::new(),
        };
        let state = State { configuration, last, seen };
        Arc::new(Self { gateway, config, entrances, transfer, state: Mutex::new(state) })
    }

    pub(crate) fn is_being_replaced(&self) -> bool {
        self.transfer.is_under_way()
    }

    /// How long what is in flight may go on at the end, by the configuration in force.
    pub(crate) fn drain(&self) -> Duration {
        self.state().configuration.settings.timeouts.drain
    }

    pub(crate) fn last(&self) -> Outcome {
        self.state().last.clone()
    }

    /// Whether a file that was read looks otherwise now. Blocks on the file system.
    pub(crate) fn is_stale(&self) -> bool {
        // What changes while a successor takes over is the successor's to see.
        !self.transfer.is_under_way()
            && self.state().seen.iter().any(|(path, look)| Machine.look(path) != *look)
    }

    /// Reads, judges, swaps. Blocks: for a blocking task.
    pub(crate) fn reload(&self) -> Outcome {
        let mut state = self.state();
        let (read, mut findings, sources) = config::read(&self.config, &Machine);
        // A failed attempt is not repeated until a file changes again.
        state.seen = sources.looks().clone();
        let hash = state.configuration.settings.hash.clone();
        let mut accepted = false;
        let mut changed = false;
        if let Some(new) = read {
            match self.swap(&new) {
                Ok(change) => {
                    accepted = true;
                    self.entrances.apply(change, state.configuration.settings.timeouts.drain);
                    changed = new.settings.hash != hash;
                    findings.extend(config::restart::needed(&state.configuration, &new));
                    keep(&self.config, &state.configuration, &new, &sources);
                    crate::watched::note(&self.gateway, &state.configuration.state_dir);
                    // Where things are kept and listened on stays as it was.
                    state.configuration.settings = new.settings;
                    state.configuration.admin = new.admin;
                }
                Err(faults) => findings.extend(faults),
            }
        }
        let text = config::render::findings(&findings, &sources, Format::Text(Style::Plain));
        let hash = state.configuration.settings.hash.clone();
        state.last = Outcome { accepted, changed, hash, time: now(), findings, text };
        state.last.clone()
    }

    /// Binds and reads what is new, then swaps: after the swap nothing can fail.
    fn swap(&self, new: &Configuration) -> Result<Change, Vec<Finding>> {
        let change = self.entrances.prepare(new, Vec::new());
        let change = change.map_err(|failure| vec![Finding::error("B3302", failure.sentence)])?;
        self.gateway.reload(new.settings.clone())?;
        Ok(change)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says on stderr what a reload came to; for those that nobody waits for.
pub(crate) fn tell(outcome: &Outcome) {
    talk::say(outcome.text.trim_end());
    talk::say(&match (outcome.accepted, outcome.changed) {
        (true, true) => format!("reloaded: configuration {} is in force", outcome.hash),
        (true, false) => format!("reloaded: nothing changed, configuration {}", outcome.hash),
        (false, _) => format!("not reloaded: configuration {} stays in force", outcome.hash),
    });
}

/// Keeps what came into force, for `serve --last-good`.
pub(crate) fn keep(
    config: &std::path::Path,
    old: &Configuration,
    new: &Configuration,
    sources: &config::Sources,
) {
    let kept = Kept::new(config, now(), &new.settings.hash, sources);
    if let Err(error) = kept.write(&old.state_dir) {
        talk::say(&format!(
            "the configuration cannot be kept in {}: {}",
            old.state_dir.display(),
            error.kind()
        ));
    }
}

pub(crate) fn now() -> String {
    model::rfc3339_millis(SystemClock::default().unix_ms())
}
