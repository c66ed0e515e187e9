//! What was measured, as a table or as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::hostile::{self, Hostile};
use super::ours::Sets;
use super::{peer, requests};
use crate::bench::statistics::{median, paired};

/// How many times faster, at least.
const RATIO_GOAL: f64 = 25.0;
/// Of the rules, at most.
const LOAD_GOAL_MS: f64 = 1_000.0;

/// Of one round, in microseconds of CPU a request.
#[derive(Clone, Copy)]
pub struct Cost {
    pub crs_us: f64,
    pub own_us: f64,
    pub peer_us: f64,
}

/// By request, one a round.
#[derive(Default)]
pub struct Costs(BTreeMap<&'static str, Vec<Cost>>);

impl Costs {
    pub fn add(&mut self, request: &'static str, cost: Cost) {
        self.0.entry(request).or_default().push(cost);
    }

    fn of(&self, request: &str, which: fn(&Cost) -> f64) -> Vec<f64> {
        self.0.get(request).map(|costs| costs.iter().map(which).collect()).unwrap_or_default()
    }

    fn ratio(&self, request: &str) -> f64 {
        paired(&self.of(request, |cost| cost.peer_us), &self.of(request, |cost| cost.crs_us))
    }
}

pub fn print(costs: &Costs, hostile: &[Hostile], sets: &Sets, json: bool) {
    if json {
        println!("{}", document(costs, hostile, sets));
        return;
    }
    println!("\nCPU time a request (median of rounds, microseconds)");
    println!(
        "{:<10} {:>10} {:>8} {:>12} {:>9} {:>9} {:>11}",
        "", "ours, CRS", "at most", "ModSecurity", "faster", "at least", "own rules"
    );
    for request in requests::all() {
        let of = |which| median(costs.of(request.name, which));
        println!(
            "{:<10} {:>10.1} {:>8} {:>12.1} {:>8.1}x {:>8}x {:>11.1}",
            request.name,
            of(|cost| cost.crs_us),
            request.goal_us,
            of(|cost| cost.peer_us),
            costs.ratio(request.name),
            RATIO_GOAL,
            of(|cost| cost.own_us)
        );
    }
    println!("\nhostile (milliseconds of CPU; at most {})", hostile::GOAL_MS);
    for one in hostile {
        println!(
            "{:<26} {:<10} median {:>8.2}  worst {:>8.2}  {}",
            one.input, one.rules, one.median_ms, one.worst_ms, one.outcome
        );
    }
    println!("\nrules read and compiled in {:.0} ms (at most {LOAD_GOAL_MS})", sets.load_ms);
    println!("beside {}", peer::versions());
}

fn document(costs: &Costs, hostile: &[Hostile], sets: &Sets) -> Value {
    let mut ratios = serde_json::Map::new();
    let mut cpu = serde_json::Map::new();
    for request in requests::all() {
        let of = |which| median(costs.of(request.name, which));
        ratios.insert(format!("{}_vs_modsecurity", request.name), json!(costs.ratio(request.name)));
        cpu.insert(
            request.name.to_owned(),
            json!({
                "ours": of(|cost| cost.crs_us),
                "goal": request.goal_us,
                "modsecurity": of(|cost| cost.peer_us),
                "own_rules": of(|cost| cost.own_us),
            }),
        );
    }
    let hostile: Vec<Value> = hostile
        .iter()
        .map(|one| {
            json!({
                "input": one.input, "rules": one.rules, "median_ms": one.median_ms,
                "worst_ms": one.worst_ms, "outcome": one.outcome,
            })
        })
        .collect();
    json!({
        "version": 1,
        "ratios": ratios,
        "ratio_goal": RATIO_GOAL,
        "cpu_us_a_request": cpu,
        "rules_load_ms": sets.load_ms,
        "rules_load_goal_ms": LOAD_GOAL_MS,
        "hostile": hostile,
        "hostile_goal_ms": hostile::GOAL_MS,
        "peer": peer::versions(),
    })
}
