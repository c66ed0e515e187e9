//! The WAF of an API: its rules, what it leaves alone, how much it may take.

use std::collections::BTreeSet;

use gateway::settings::Api;
use gateway::waf::{Exclude, Set, Waf};

use super::Changes;
use crate::Configuration;

/// Rules that keep their ids, and say something else.
pub(super) fn files(changes: &mut Changes, old: &Configuration, new: &Configuration) {
    if old.rule_files != new.rule_files {
        changes.unknown("what stands in the files of WAF rules is another");
    }
}

pub(super) fn compare(changes: &mut Changes, old: &Api, new: &Api) {
    let (Some(old), Some(new)) = (&old.waf, &new.waf) else { return };
    sets(changes, &old.sets, &new.sets);
    excluded(changes, "", &old.exclude, &new.exclude);
    let ids: BTreeSet<_> = old.operations.keys().chain(new.operations.keys()).collect();
    for id in ids {
        let of = |waf: &Waf| waf.operations.get(id).cloned().unwrap_or_default();
        excluded(changes, &format!(" for {id}"), &of(old), &of(new));
    }
    changes.danger(
        old.skip_proven,
        new.skip_proven,
        "the WAF passes over values that the description proves",
        "the WAF also looks at values that the description proves",
    );
    changes.danger(
        !old.answers,
        !new.answers,
        "the WAF no longer looks at bodies of answers",
        "the WAF now looks at bodies of answers",
    );
    if old.bounds != new.bounds {
        changes.unknown("what the WAF may take of a request has changed");
    }
}

fn sets(changes: &mut Changes, old: &[Set], new: &[Set]) {
    let ids = |sets: &[Set]| -> BTreeSet<(&'static str, u64)> {
        sets.iter().flat_map(|set| set.rules.rules().iter().map(|rule| (set.name, rule.id))).collect()
    };
    let (old, new) = (ids(old), ids(new));
    let (gone, come) = (old.difference(&new).count(), new.difference(&old).count());
    if gone > 0 {
        changes.weaker(format!("the WAF has lost {gone} rules"));
    }
    if come > 0 {
        changes.stronger(format!("the WAF has {come} more rules"));
    }
}

fn excluded(changes: &mut Changes, of: &str, old: &[Exclude], new: &[Exclude]) {
    changes.each_lets(
        old,
        new,
        |exclude| format!("the WAF leaves out {}{of}", exclude.text()),
        |exclude| format!("the WAF no longer leaves out {}{of}", exclude.text()),
    );
}
