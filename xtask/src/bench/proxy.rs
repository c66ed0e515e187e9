//! `bench proxy`: CPU time a request of every case, the ratios, latency below saturation, and memory.

use std::collections::BTreeMap;

use serde_json::json;

use super::arguments::Arguments;
use super::cases::{self, Case, Cases, RATIOS};
use super::lab::Lab;
use super::latency::{self, Latency};
use super::memory::{self, Memory};
use super::statistics::{median, paired};
use super::{load, prepare};

/// Microseconds of CPU a request, by case, one value a round.
type Costs = BTreeMap<&'static str, Vec<f64>>;

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let release = prepare()?;
    let mut lab = Lab::new()?;
    let Cases { mut cases, origin_port } = cases::start(&mut lab, &release.program)?;
    if let Some(only) = &arguments.only {
        cases.retain(|case| case.name.contains(only.as_str()));
    }
    let costs = measure(&cases, arguments.rounds)?;
    let latencies = latency::measure(&lab, &cases, origin_port)?;
    let memory = memory::measure(&cases)?;
    let ratios = ratios(&costs);
    if arguments.json {
        let medians: BTreeMap<_, _> =
            costs.iter().map(|(name, values)| (name, median(values.clone()))).collect();
        let document = json!({ "version": 2, "guided": release.guided, "cpu_us_a_request": medians, "ratios": ratios,
            "latency": latencies, "memory": memory });
        println!("{document}");
    } else {
        report(&costs, &ratios, &latencies, &memory);
        println!("\nours was built {}", if release.guided { "with a profile" } else { "WITHOUT a profile" });
    }
    Ok(())
}

fn measure(cases: &[Case], rounds: usize) -> Result<Costs, String> {
    for case in cases {
        load::run(&case.load, &case.contender, load::WARM_UP_S)?;
    }
    let mut costs = Costs::new();
    for round in 1..=rounds {
        for case in cases {
            let answered = load::run(&case.load, &case.contender, load::ROUND_S)?;
            let cost = answered.cpu_us / answered.requests;
            let requests = answered.requests;
            eprintln!("round {round}/{rounds}  {:<24} {cost:7.1} us  {requests:>8.0} requests", case.name);
            costs.entry(case.name).or_default().push(cost);
        }
    }
    Ok(costs)
}

/// Of the cases that were measured. `two_cores_vs_one` is how many times the work of one core two cores would do at
/// this cost a request, when both are busy.
fn ratios(costs: &Costs) -> BTreeMap<&'static str, f64> {
    let ratio = |(name, ours, theirs): &(&'static str, &str, &str)| {
        let ratio = paired(costs.get(ours)?, costs.get(theirs)?);
        Some((*name, if *name == "two_cores_vs_one" { 2.0 / ratio } else { ratio }))
    };
    RATIOS.iter().filter_map(ratio).collect()
}

fn report(costs: &Costs, ratios: &BTreeMap<&str, f64>, latencies: &[Latency], memory: &[Memory]) {
    println!("\nCPU time a request (median of rounds, microseconds)");
    for (name, values) in costs {
        println!("  {name:<26} {:7.1}", median(values.clone()));
    }
    println!("\nratios (median of paired rounds)");
    for (name, value) in ratios {
        println!("  {name:<26} {value:7.2}");
    }
    println!("\nlatency at 70 % of saturation (microseconds; added: beside the service asked directly)");
    for one in latencies {
        println!(
            "  {:<26} p50 {:>6.0}  p99 {:>6.0}  p99 added {:>6.0}",
            one.name, one.p50_us, one.p99_us, one.p99_added_us
        );
    }
    println!("\nmemory");
    for one in memory {
        println!(
            "  {:<26} {:>6.1} MiB under load, {:>6.2} KiB an idle connection",
            one.name, one.loaded_mib, one.idle_connection_kib
        );
    }
}
