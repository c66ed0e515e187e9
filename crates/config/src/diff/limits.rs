//! Limits: looser, tighter, added, removed.

use gateway::settings::{Limit, Per};
use model::LimitUnit;

use super::Changes;
use crate::walk::rate_text;

pub(super) fn compare(changes: &mut Changes, whose: &str, old: &[Limit], new: &[Limit]) {
    for limit in new {
        match old.iter().find(|other| other.name == limit.name) {
            Some(other) => one(changes, other, limit),
            None => changes.stronger(format!("{whose}limit `{}` is new: {}", limit.name, text(limit))),
        }
    }
    for limit in old {
        if !new.iter().any(|other| other.name == limit.name) {
            changes.weaker(format!("{whose}limit `{}` of {} is gone", limit.name, text(limit)));
        }
    }
}

fn one(changes: &mut Changes, old: &Limit, new: &Limit) {
    let name = &new.name;
    if old.per != new.per {
        let per = |limit: &Limit| format!("{:?}", limit.per).to_lowercase();
        let sentence = format!("limit `{name}` counts per {} instead of per {}", per(new), per(old));
        match (is_part_of(new.per, old.per), is_part_of(old.per, new.per)) {
            (true, _) => changes.weaker(sentence),
            (_, true) => changes.stronger(sentence),
            _ => changes.unknown(sentence),
        }
    }
    if old.unit != new.unit {
        changes.unknown(format!("limit `{name}` counts {} instead of {}", counts(new), counts(old)));
    }
    match (old.daily, new.daily) {
        (Some(before), Some(now)) => {
            changes.more(&format!("daily cap of limit `{name}`"), before, now, u64::to_string);
        }
        (Some(before), None) => changes.weaker(format!("limit `{name}` has no daily cap any more: {before}")),
        (None, Some(now)) => changes.stronger(format!("limit `{name}` has a daily cap now: {now}")),
        (None, None) => {}
    }
    let rate = |limit: &Limit| (limit.count as f64 / limit.window.as_secs_f64(), text(limit));
    changes.more(&format!("limit `{name}`"), rate(old), rate(new), |(_, text)| text.clone());
    // A burst that is the rate's count moves with the rate.
    let burst = |limit: &Limit| if limit.burst == limit.count { None } else { Some(limit.burst) };
    if burst(old).is_some() || burst(new).is_some() {
        changes.more(&format!("burst of limit `{name}`"), old.burst, new.burst, u64::to_string);
    }
    if old.operations != new.operations {
        let (all_before, all_now) = (old.operations.is_empty(), new.operations.is_empty());
        let fewer = !all_now && (all_before || old.operations.iter().any(|id| !new.operations.contains(id)));
        let sentence = format!("limit `{name}` holds for other operations");
        if fewer { changes.weaker(sentence) } else { changes.stronger(sentence) }
    }
}

/// Whether several of `fine` share what one of `coarse` has: each then gets a whole quota of its own.
fn is_part_of(fine: Per, coarse: Per) -> bool {
    let rank = |per: Per| match per {
        Per::Api => 0,
        Per::Operation => 1,
        Per::Tenant => 2,
        Per::Client => 3,
        Per::Principal => 4,
        Per::Address => 5,
    };
    // One caller may have many addresses, and one address many callers.
    let is_comparable = fine != Per::Address || rank(coarse) <= rank(Per::Operation);
    is_comparable && rank(fine) > rank(coarse)
}

fn counts(limit: &Limit) -> &'static str {
    match limit.unit {
        LimitUnit::Requests => "requests",
        LimitUnit::Cost => "cost",
        LimitUnit::Bytes => "bytes of answers",
    }
}

fn text(limit: &Limit) -> String {
    rate_text(limit.count, limit.window)
}
