//! The matrix's outcome: what was open, what is closed, and every cell that went otherwise than the rule says.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::cells::Cell;
use super::rule::Verdict;
use super::run::Outcome;

/// One cell at all three places.
#[derive(Debug)]
pub struct Row {
    pub cell: Cell,
    pub expected: Verdict,
    pub weak: Outcome,
    pub hardened: Outcome,
    pub gateway: Outcome,
}

/// All of them.
#[derive(Debug)]
pub struct Report {
    pub rows: Vec<Row>,
}

/// What lists say about their length and how to go on: it may be less behind the gateway than at the reference.
const COUNTS: &[&str] = &["$.total=", "$.next="];

impl Row {
    /// How the weak twin falls short of the rule; empty where it does not.
    pub fn hole(&self) -> String {
        self.fault(&self.weak)
    }

    /// How the hardened twin does: the reference must be right itself.
    pub fn misjudged(&self) -> String {
        self.fault(&self.hardened)
    }

    /// How the weak twin behind the gateway does.
    pub fn fault_behind_the_gateway(&self) -> String {
        self.fault(&self.gateway)
    }

    fn fault(&self, outcome: &Outcome) -> String {
        if !self.expected.is(outcome.verdict) {
            return format!("{:?} instead of {:?} {}", outcome.verdict, self.expected, outcome.code);
        }
        if outcome.changed != self.hardened.changed {
            let (left, right) = (outcome.changed.is_some(), self.hardened.changed.is_some());
            return format!("another effect (changed: {left}, in the reference: {right})");
        }
        if !outcome.leaks.is_empty() {
            return format!("shown: {}", outcome.leaks.join(" "));
        }
        let is_count = |leaf: &&String| COUNTS.iter().any(|count| leaf.starts_with(count));
        let more: Vec<&String> = outcome.disclosed.difference(&self.hardened.disclosed).take(5).collect();
        let less = self.hardened.disclosed.difference(&outcome.disclosed).filter(|leaf| !is_count(leaf));
        let less: Vec<&String> = less.take(5).collect();
        if more.is_empty() && less.is_empty() {
            return String::new();
        }
        format!("shown more: {more:?}, less: {less:?}")
    }
}

impl Report {
    /// Cells of the matrix by hole: how many there are, open at the weak twin, wrong at the hardened one, and wrong
    /// behind the gateway.
    pub fn by_pattern(&self) -> BTreeMap<&'static str, [usize; 4]> {
        let mut patterns: BTreeMap<&'static str, [usize; 4]> = BTreeMap::new();
        for row in &self.rows {
            let counts = patterns.entry(row.cell.operation.pattern).or_default();
            let add = [
                true,
                !row.hole().is_empty(),
                !row.misjudged().is_empty(),
                !row.fault_behind_the_gateway().is_empty(),
            ];
            for (count, add) in counts.iter_mut().zip(add) {
                *count += usize::from(add);
            }
        }
        patterns
    }

    /// Whether the weak twin behind the gateway equals the reference in every cell, and the reference the rule.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.misjudged().is_empty() && row.fault_behind_the_gateway().is_empty())
    }

    /// Cells that are wrong behind the gateway or at the reference, in words.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for row in &self.rows {
            for (place, fault) in
                [("hardened", row.misjudged()), ("behind the gateway", row.fault_behind_the_gateway())]
            {
                if !fault.is_empty() {
                    faults.push(format!("{place}: {}: {fault}", row.cell.about()));
                }
            }
        }
        faults
    }

    /// Refusals of one operation that differ between what is missing and what is denied.
    pub fn tells_missing_from_denied(&self) -> Vec<String> {
        let mut first: BTreeMap<(&str, &str, &str), &Row> = BTreeMap::new();
        let mut told = Vec::new();
        for row in self.rows.iter().filter(|row| row.gateway.verdict == Verdict::Hidden) {
            let operation = row.cell.operation;
            let other = first.entry((operation.id, operation.target, operation.body)).or_insert(row);
            if other.gateway.refusal != row.gateway.refusal {
                told.push(format!("{} against {}", row.cell.about(), other.cell.about()));
            }
        }
        told
    }

    /// The report as data, version 1.
    pub fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "operation": row.cell.operation.id,
                "pattern": row.cell.operation.pattern,
                "principal": row.cell.principal.map(|person| person.name),
                "request": format!("{} {}", row.cell.request().method, row.cell.request().target),
                "body": row.cell.request().body,
                "expected": format!("{:?}", row.expected),
                "bare": format!("{:?}", row.weak.verdict),
                "hardened": format!("{:?}", row.hardened.verdict),
                "behind": format!("{:?}", row.gateway.verdict),
                "code": row.gateway.code,
                "hole": row.hole(),
                "fault": row.fault_behind_the_gateway(),
            })
        });
        json!({ "version": 1, "holds": self.holds(), "rows": rows.collect::<Vec<_>>() })
    }
}

/// A table for a person: one line a hole.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<46} {:>6} {:>10} {:>9} {:>7}",
            "pattern", "cells", "open bare", "hardened", "behind"
        )?;
        let mut all = [0; 4];
        for (pattern, counts) in self.by_pattern() {
            let name = if pattern.is_empty() { "(right in the application itself)" } else { pattern };
            let [cells, open, wrong, behind] = counts;
            writeln!(f, "{name:<46} {cells:>6} {open:>10} {wrong:>9} {behind:>7}")?;
            all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
        }
        let [cells, open, wrong, behind] = all;
        writeln!(f, "{:<46} {cells:>6} {open:>10} {wrong:>9} {behind:>7}", "all")?;
        for fault in self.faults() {
            writeln!(f, "  {fault}")?;
        }
        Ok(())
    }
}
