//! True positives, true negatives and their mean, by half and by class.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Sample;

/// Rules that only add up.
const DECISIONS: std::ops::Range<u64> = 9_119_000..9_120_000;

/// How many requests of a kind, and how many of them were refused.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    all: u32,
    refused: u32,
}

impl Count {
    fn percent(self) -> f64 {
        if self.all == 0 { 0.0 } else { f64::from(self.refused) * 100.0 / f64::from(self.all) }
    }
}

/// What one rule set did.
#[derive(Debug)]
pub struct Table {
    rules: &'static str,
    /// By honesty, class and half.
    counts: BTreeMap<(bool, String, bool), Count>,
}

impl Table {
    pub fn new(rules: &'static str) -> Self {
        Self { rules, counts: BTreeMap::new() }
    }

    pub fn add(&mut self, sample: &Sample, refused: bool) {
        let count = self.counts.entry((sample.honest, sample.class.clone(), sample.learn)).or_default();
        count.all += 1;
        count.refused += u32::from(refused);
    }

    /// Requests of a half: attacks or honest ones; those that were written for this repository, or all others. The
    /// former were written with an eye on the rules, so they count for nothing in the figures of the latter.
    fn sum(&self, written: bool, honest: bool, learn: bool) -> Count {
        let of = self.counts.iter().filter(|((is, class, half), _)| {
            *is == honest && *half == learn && class.starts_with("written/") == written
        });
        of.fold(Count::default(), |sum, (_, count)| Count {
            all: sum.all + count.all,
            refused: sum.refused + count.refused,
        })
    }

    fn class(&self, honest: bool, class: &str, learn: bool) -> Count {
        self.counts.get(&(honest, class.to_owned(), learn)).copied().unwrap_or_default()
    }

    fn to_json(&self, learn: bool) -> Value {
        let (caught, alarms) = (self.sum(false, false, learn), self.sum(false, true, learn));
        let of_sites = self.class(true, "sites", learn);
        let classes = self.counts.iter().filter(|((_, _, half), _)| *half == learn);
        let classes: Vec<_> = classes
            .map(|((honest, class, _), count)| {
                json!({"class": class, "honest": honest, "requests": count.all, "refused": count.refused})
            })
            .collect();
        json!({
            "attacks": caught.all,
            "honest": alarms.all,
            "true_positive": caught.percent(),
            "true_negative": 100.0 - alarms.percent(),
            "balanced_accuracy": (caught.percent() + 100.0 - alarms.percent()) / 2.0,
            "false_alarms_on_sites": of_sites.percent(),
            "balanced_accuracy_with_sites_alone": (caught.percent() + 100.0 - of_sites.percent()) / 2.0,
            "classes": classes,
        })
    }
}

/// What single rules are worth: attacks found, attacks found by no other, honest requests matched; by half.
#[derive(Debug, Default)]
pub struct ByRule(BTreeMap<u64, [[u32; 3]; 2]>);

impl ByRule {
    pub fn add(&mut self, sample: &Sample, matched: &[u64]) {
        let found: Vec<_> = matched.iter().filter(|id| !DECISIONS.contains(id)).collect();
        for id in &found {
            let [learn, measure] = self.0.entry(**id).or_default();
            let [attacks, alone, honest] = if sample.learn { learn } else { measure };
            *attacks += u32::from(!sample.honest);
            *alone += u32::from(!sample.honest && found.len() == 1);
            *honest += u32::from(sample.honest);
        }
    }

    pub fn text(&self) -> String {
        let head = "rule: attacks, alone, honest of the learn half; of the measure half\n".to_owned();
        self.0.iter().fold(head, |text, (id, [[a, b, c], [d, e, f]])| {
            text + &format!("{id}\t{a}\t{b}\t{c}\t{d}\t{e}\t{f}\n")
        })
    }
}

pub fn print(tables: &[Table], as_json: bool) {
    if as_json {
        let sets: Vec<_> = tables
            .iter()
            .map(|table| {
                json!({"rules": table.rules, "learn": table.to_json(true), "measure": table.to_json(false)})
            })
            .collect();
        println!("{}", json!({ "sets": sets }));
        return;
    }
    let Some(first) = tables.first() else { return };
    print!("{:<44}", "refused, per cent: learn / measure");
    for table in tables {
        print!("{:>34}", table.rules);
    }
    println!();
    let mut classes: Vec<_> = first.counts.keys().map(|(honest, class, _)| (*honest, class)).collect();
    classes.dedup();
    for (honest, class) in classes {
        print!("{:<44}", format!("{} {class}", if honest { "honest" } else { "attack" }));
        for table in tables {
            let [learn, measure] = [true, false].map(|half| table.class(honest, class, half));
            let half = |count: Count| match count.all {
                0 => "-".to_owned(),
                all => format!("{:.2} of {all}", count.percent()),
            };
            print!("{:>34}", format!("{} / {}", half(learn), half(measure)));
        }
        println!();
    }
    for table in tables {
        for (half, learn) in [("learn", true), ("measure", false)] {
            let (caught, alarms) = (table.sum(false, false, learn), table.sum(false, true, learn));
            println!(
                "{:<12} {half:<8} true positive {:.2}, true negative {:.2}, balanced accuracy {:.2}; false alarms on sites {:.2}",
                table.rules,
                caught.percent(),
                100.0 - alarms.percent(),
                (caught.percent() + 100.0 - alarms.percent()) / 2.0,
                table.class(true, "sites", learn).percent(),
            );
            let (caught, alarms) = (table.sum(true, false, learn), table.sum(true, true, learn));
            println!(
                "{:<12} {half:<8} written here: attacks refused {:.2} of {}, honest refused {:.2} of {}",
                table.rules,
                caught.percent(),
                caught.all,
                alarms.percent(),
                alarms.all,
            );
        }
    }
}
