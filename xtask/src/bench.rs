//! `cargo x bench proxy`: what a request costs beside nginx, in the same run.
//!
//! The proxy under test is pinned to one core, load and upstream to the other. Cost is the proxy's own CPU time
//! (user and system, from `/proc/PID/stat`) divided by the requests answered. Rounds are interleaved, so that a
//! change of the machine's speed meets every contender alike; the median of the rounds counts, and ratios count more
//! than microseconds.

mod contender;
mod files;
mod load;
mod setup;

use std::collections::BTreeMap;

use contender::Contender;

use crate::{packages, shell};

const ROUNDS: usize = 5;

/// One measured case: a contender under one kind of load.
pub struct Case {
    pub name: &'static str,
    pub contender: Contender,
    pub load: load::Load,
}

/// `bench proxy [--json] [--rounds N]`
pub fn run(arguments: &[String]) -> Result<(), String> {
    if arguments.first().map(String::as_str) != Some("proxy") {
        return Err("usage: cargo x bench proxy [--json] [--rounds N]".to_owned());
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let rounds = match arguments.iter().position(|argument| argument == "--rounds") {
        Some(at) => {
            arguments.get(at + 1).and_then(|text| text.parse().ok()).ok_or("--rounds takes a number")?
        }
        None => ROUNDS,
    };
    packages::ensure(packages::FOR_BENCH)?;
    for package in packages::FOR_BENCH {
        if !shell::has(package.program) {
            return Err(format!("`{}` is missing: {}", package.program, package.why));
        }
    }
    shell::run("cargo", &["build", "--release", "--locked", "--package", "bartizan"])?;
    let bench = setup::Bench::start()?;
    let results = measure(&bench, rounds)?;
    report(&results, json);
    Ok(())
}

/// Microseconds of CPU a request, by case, one value a round.
type Results = BTreeMap<&'static str, Vec<f64>>;

fn measure(bench: &setup::Bench, rounds: usize) -> Result<Results, String> {
    let cases = bench.cases();
    let mut results = Results::new();
    for case in &cases {
        load::run(&case.load, case.contender.port, load::WARM_UP_S)?;
    }
    for round in 1..=rounds {
        for case in &cases {
            let before = case.contender.cpu_us()?;
            let requests = load::run(&case.load, case.contender.port, load::ROUND_S)?;
            let spent = case.contender.cpu_us()? - before;
            let cost = spent / requests;
            eprintln!("round {round}/{rounds}  {:<18} {cost:7.1} us  {requests:>8.0} requests", case.name);
            results.entry(case.name).or_default().push(cost);
        }
    }
    Ok(results)
}

/// Medians, and ratios of medians paired round by round.
fn report(results: &Results, json: bool) {
    let ratio = |name: &str, peer: &str| -> f64 {
        let (Some(ours), Some(theirs)) = (results.get(name), results.get(peer)) else { return f64::NAN };
        median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
    };
    let ratios = [
        ("plain_vs_nginx", ratio("bartizan plain", "nginx plain")),
        ("recorded_vs_nginx_logged", ratio("bartizan recorded", "nginx logged")),
        ("guarded_vs_nginx", ratio("bartizan guarded", "nginx plain")),
    ];
    if json {
        let medians: BTreeMap<_, _> =
            results.iter().map(|(name, values)| (*name, median(values.clone()))).collect();
        let ratios: BTreeMap<_, _> = ratios.into_iter().collect();
        println!("{}", serde_json::json!({ "version": 1, "cpu_us_a_request": medians, "ratios": ratios }));
        return;
    }
    println!("\nCPU time a request (median of rounds, microseconds)");
    for (name, values) in results {
        println!("  {name:<18} {:7.1}", median(values.clone()));
    }
    println!("\nratios (median of paired rounds)");
    for (name, value) in ratios {
        println!("  {name:<26} {value:5.2}");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
