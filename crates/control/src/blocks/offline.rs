//! Blocks without a running gateway: looked at, kept for the next start, and a damaged journal mended.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gateway::blocks::{Blocks, journal, judge, judge_alone};
use gateway::settings::Settings;
use model::{Clock, SystemClock};
use serde_json::{Value, json};

use super::{LiftOrder, Order, blocked, lifted, notes, own, permitted, wanted};
use crate::talk::Failure;

fn trouble(fault: impl std::fmt::Display) -> Failure {
    Failure::trouble(fault.to_string())
}

/// Where the journal is: as the command says, else as the gateway file says, be the rest of it wrong. Never a guess: a
/// block in another directory would hold nobody.
pub fn state_dir(config: &Path, said: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    let known = said.cloned().or_else(|| config::known_state_dir(config, &config::Machine));
    known.ok_or_else(|| {
        let file = config.display();
        trouble(format!("{file} does not say where the state is kept: name it with `--state-dir DIR`"))
    })
}

fn empty() -> Blocks {
    Blocks::new(Arc::new(SystemClock::default()))
}

/// What the next start would find; `None` when the state directory holds no journal.
pub fn list(state_dir: &Path) -> Result<Option<Value>, Failure> {
    let held = journal::read(state_dir).map_err(trouble)?;
    if !state_dir.join(journal::JOURNAL).exists() {
        return Ok(None);
    }
    let blocks = empty();
    blocks.put_in_force(held.blocks);
    Ok(Some(json!({ "version": 1, "running": false, "blocks": blocks.list(), "totals": blocks.totals() })))
}

/// Keeps blocks for the next start. Without settings (the configuration does not load) names are not compared with
/// them.
pub fn block(state_dir: &Path, settings: Option<&Settings>, order: Order) -> Result<Value, Failure> {
    let one = |target| settings.map_or_else(|| judge_alone(target), |settings| judge(target, settings));
    let judged: Vec<_> = order.targets.iter().map(one).collect();
    permitted(&judged, &order).map_err(trouble)?;
    let notes = notes(&judged);
    let blocks = opened(state_dir)?;
    let added = blocks.add(wanted(order, own().uid), false).map_err(trouble)?;
    let mut document = blocked(&added);
    if let Some(in_force) = document.get_mut("in_force") {
        *in_force = false.into();
    }
    Ok(json!({ "version": 1, "block": document, "impact": null, "notes": notes }))
}

/// Lifts blocks before the next start.
pub fn lift(state_dir: &Path, order: &LiftOrder) -> Result<Value, Failure> {
    let blocks = opened(state_dir)?;
    let done = blocks.lift(&order.ids, &order.reason, &own()).map_err(trouble)?;
    if let Some(fault) = &done.undurable_because {
        return Err(trouble(fault));
    }
    Ok(lifted(&done, &[]))
}

/// Puts a damaged journal aside and keeps what can be read of it.
pub fn repair(state_dir: &Path) -> Result<Value, Failure> {
    let mended = journal::repair(state_dir, SystemClock::default().unix_ms()).map_err(trouble)?;
    let dropped: Vec<Value> =
        mended.dropped.iter().map(|(line, why)| json!({ "line": line, "why": why })).collect();
    let aside = mended.aside.map(|path| path.display().to_string());
    Ok(json!({ "version": 1, "repair": { "kept": mended.kept, "dropped": dropped, "aside": aside } }))
}

fn opened(state_dir: &Path) -> Result<Blocks, Failure> {
    if !state_dir.is_dir() {
        let sentence =
            format!("there is no state directory {}; no gateway has run with it", state_dir.display());
        return Err(Failure::unreachable(sentence));
    }
    let blocks = empty();
    blocks.open(state_dir, Duration::ZERO).map_err(trouble)?;
    Ok(blocks)
}
