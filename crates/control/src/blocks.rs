//! The emergency block list as it is operated: what a running gateway answers, and what is done without one.

mod follow;
pub mod offline;
mod token;
mod user;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::Gateway;
use gateway::blocks::{
    Added, BlockFault, By, End, JournalFault, Judged, Kind, Lifted, Target, Wanted, wide_together,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::handover::ask_again;
use crate::talk::{self, Failure};

pub(crate) use follow::follow;
pub use token::{fingerprint_of_file, networks_of_file};

/// For another process to let go of the journal: one that was killed has, one that hands over is about to.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer is one line of at most 4 MiB: so many blocks are told one by one, of the others the number.
const TOLD_MAX: usize = 5_000;

/// Blocks that are asked for: all or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub targets: Vec<Target>,
    pub reason: String,
    pub end: End,
    /// A target that hits more than is usual is meant.
    #[serde(default)]
    pub wide: bool,
    /// In force even when the journal cannot be written.
    #[serde(default)]
    pub not_durable: bool,
    /// Only say what would be hit.
    #[serde(default)]
    pub dry_run: bool,
    #[serde(default)]
    pub sudo_user: Option<String>,
}

/// Blocks that are to end before their time: all or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiftOrder {
    pub ids: Vec<Arc<str>>,
    pub reason: String,
    #[serde(default)]
    pub sudo_user: Option<String>,
}

/// Puts in force what the journal holds, before the first request is accepted.
pub(crate) fn open(gateway: &Gateway, state_dir: &Path) -> Result<(), Failure> {
    let blocks = &gateway.shared().blocks;
    let torn_bytes = blocks.open(state_dir, PATIENCE).map_err(|fault| Failure::trouble(fault.to_string()))?;
    if torn_bytes > 0 {
        talk::say(&format!(
            "the journal of blocks ended in half a line ({torn_bytes} bytes) that was never acknowledged; it was dropped"
        ));
    }
    let totals = blocks.totals();
    if totals.in_force > 0 {
        talk::say(&format!("{} blocks are in force; `bartizan block list` shows them", totals.in_force));
    }
    Ok(())
}

pub(crate) fn block(gateway: &Gateway, order: Order, uid: u32) -> Value {
    let judged: Vec<Judged> = order.targets.iter().map(|target| gateway.judge_block(target)).collect();
    if let Err(why) = permitted(&judged, &order) {
        return error(&why);
    }
    let notes = notes(&judged);
    let targets = order.targets.clone();
    let impact = || gateway.impact(&targets).ok();
    if order.dry_run {
        let what: Vec<String> = targets.iter().map(ToString::to_string).collect();
        return json!({ "version": 1, "dry_run": true, "what": what, "impact": impact(), "notes": notes });
    }
    let not_durable = order.not_durable;
    match gateway.shared().blocks.add(wanted(order, uid), not_durable) {
        Ok(added) => {
            tell_blocked(&added);
            // In force already; the look back takes longer.
            json!({ "version": 1, "block": blocked(&added), "impact": impact(), "notes": notes })
        }
        Err(fault) => answer_to(&fault),
    }
}

/// A target that nothing has is never blocked, one that hits too much only when it is meant.
fn permitted(judged: &[Judged], order: &Order) -> Result<(), String> {
    if order.targets.is_empty() {
        return Err("there is nothing to block".to_owned());
    }
    let said = |of: fn(&Judged) -> &Vec<String>| {
        let all: Vec<&str> = judged.iter().flat_map(of).map(String::as_str).collect();
        (!all.is_empty()).then(|| all.join("; "))
    };
    if let Some(unknown) = said(|judged| &judged.unknown) {
        return Err(format!("{unknown}; nothing was blocked"));
    }
    let wide = said(|judged| &judged.wide).or_else(|| wide_together(&order.targets));
    match wide.filter(|_| !order.wide) {
        Some(wide) => Err(format!("{wide}; nothing was blocked: add `--wide` if that is meant")),
        None => Ok(()),
    }
}

fn notes(judged: &[Judged]) -> Vec<&str> {
    let mut notes: Vec<&str> = judged.iter().flat_map(|judged| &judged.notes).map(String::as_str).collect();
    notes.dedup();
    notes.truncate(5);
    notes
}

fn wanted(order: Order, uid: u32) -> Vec<Wanted> {
    let Order { targets, reason, end, sudo_user, .. } = order;
    let by = user::by(uid, sudo_user);
    let one = |target| Wanted { target, reason: reason.clone(), by: by.clone(), end, drill: false };
    targets.into_iter().map(one).collect()
}

fn blocked(added: &Added) -> Value {
    let one = |block: &gateway::blocks::Block| {
        json!({
            "id": block.id,
            "what": block.target.to_string(),
            "kind": block.target.kind().map(Kind::word),
            "target": block.target,
            "end": model::rfc3339_millis(block.end_unix_ms),
            "end_unix_ms": block.end_unix_ms,
            "reason": block.reason,
            "by": block.by,
        })
    };
    json!({
        "blocks": added.blocks.iter().take(TOLD_MAX).map(one).collect::<Vec<_>>(),
        "count": added.blocks.len(),
        "in_force": true,
        "durable": added.durable,
        "undurable_because": added.undurable_because,
        "journal_us": added.journal_us,
        "in_force_us": added.in_force_us,
    })
}

fn tell_blocked(added: &Added) {
    let (first, more) = (added.blocks.first(), added.blocks.len().saturating_sub(1));
    let Some(first) = first else { return };
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = config::render::printable(&first.target.to_string());
    talk::say(&format!("block {}{more}: {what}, by {}", first.id, user::words(&first.by)));
}

pub(crate) fn lift(gateway: &Gateway, order: LiftOrder, uid: u32) -> Value {
    let by = user::by(uid, order.sudo_user);
    match gateway.shared().blocks.lift(&order.ids, &order.reason, &by) {
        Ok(done) => {
            for listed in &done.blocks {
                talk::say(&format!("block {} was lifted by {}", listed.block.id, user::words(&by)));
            }
            let left = gateway.shared().blocks.list();
            let same: Vec<&str> = left
                .iter()
                .filter(|listed| done.blocks.iter().any(|gone| gone.block.target == listed.block.target))
                .map(|listed| &*listed.block.id)
                .collect();
            lifted(&done, &same)
        }
        Err(fault) => answer_to(&fault),
    }
}

fn lifted(done: &Lifted, same: &[&str]) -> Value {
    json!({ "version": 1, "lift": {
        "blocks": done.blocks,
        "lifted_us": done.lifted_us,
        "durable": done.undurable_because.is_none(),
        "undurable_because": done.undurable_because,
        // Other blocks of the same target, which is still refused.
        "still_blocked_by": same,
    } })
}

pub(crate) fn list(gateway: &Gateway) -> Value {
    let blocks = &gateway.shared().blocks;
    let mut list = blocks.list();
    let more = list.len().saturating_sub(TOLD_MAX);
    list.truncate(TOLD_MAX);
    json!({ "version": 1, "running": true, "blocks": list, "more": more, "totals": blocks.totals() })
}

pub(crate) fn drill(gateway: &Gateway, sudo_user: Option<String>, uid: u32) -> Value {
    match gateway.drill(&user::by(uid, sudo_user)) {
        Ok(drilled) => {
            talk::say(if drilled.passed { "a block drill has passed" } else { "a block drill has FAILED" });
            json!({ "version": 1, "drill": drilled })
        }
        Err(fault) => answer_to(&fault),
    }
}

fn answer_to(fault: &BlockFault) -> Value {
    match fault {
        BlockFault::Journal(JournalFault::HandedOver) => ask_again(),
        BlockFault::Journal(fault) => error(&format!(
            "{fault}; NOTHING WAS BLOCKED: add `--not-durable` to block until the gateway ends"
        )),
        fault => error(&fault.to_string()),
    }
}

fn error(why: &str) -> Value {
    json!({ "version": 1, "error": why })
}

/// Who asks, as the command knows it.
pub fn sudo_user() -> Option<String> {
    std::env::var("SUDO_USER").ok().filter(|user| !user.is_empty() && user.len() <= 64)
}

/// Of whoever runs this process.
pub(crate) fn own() -> By {
    user::own()
}
