//! `bench checks`: what each check costs, as the records of real requests say.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::lab::Lab;
use super::load::{self, Load};
use super::peers::bartizan::{self, Form};
use super::peers::nginx;
use super::prepare;
use super::statistics::percentile;

/// Nanoseconds by check, sorted.
type Costs = BTreeMap<String, Vec<f64>>;

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let release = prepare()?;
    let mut measured = Vec::new();
    for (size, script) in [("1 KiB", "guarded_1k.lua"), ("64 KiB", "guarded_64k.lua")] {
        // A gateway for each size, so that its records are of this size alone.
        let mut lab = Lab::new()?;
        let origin = nginx::origin(&mut lab)?.port;
        let gateway = bartizan::start(&mut lab, &release.program, Form::EveryCheck, origin)?;
        let load = Load { tls: false, path: "/orders?channel=web", script: Some(lab.path(script)) };
        eprintln!("POST of {size} of JSON for {} s", load::ROUND_S);
        load::run(&load, &gateway, load::WARM_UP_S)?;
        load::run(&load, &gateway, load::ROUND_S)?;
        // Ending the gateway writes the last records.
        lab.end();
        measured.push((size, costs(&lab)?));
    }
    report(&measured, arguments.json, release.guided);
    Ok(())
}

fn costs(lab: &Lab) -> Result<Costs, String> {
    let folder = lab.folder.join("state-everycheck/records");
    let trouble = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut costs = Costs::new();
    for entry in fs::read_dir(&folder).map_err(trouble)? {
        let text = fs::read_to_string(entry.map_err(trouble)?.path()).map_err(trouble)?;
        for record in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if record.get("outcome").and_then(Value::as_str) != Some("allowed") {
                continue;
            }
            for check in record.get("checks").and_then(Value::as_array).into_iter().flatten() {
                let name = check.get("name").and_then(Value::as_str);
                let duration = check.get("duration_ns").and_then(Value::as_f64);
                if let (Some(name), Some(duration)) = (name, duration) {
                    costs.entry(name.to_owned()).or_default().push(duration);
                }
            }
        }
    }
    if costs.is_empty() {
        return Err("no record of an allowed request was found".to_owned());
    }
    costs.values_mut().for_each(|values| values.sort_by(f64::total_cmp));
    Ok(costs)
}

fn report(measured: &[(&str, Costs)], json: bool, guided: bool) {
    let figures = |values: &Vec<f64>| json!({ "samples": values.len(), "p50_ns": percentile(values, 50), "p99_ns": percentile(values, 99) });
    if json {
        let by_size: BTreeMap<_, BTreeMap<_, _>> = measured
            .iter()
            .map(|(size, costs)| (size, costs.iter().map(|(name, values)| (name, figures(values))).collect()))
            .collect();
        println!("{}", json!({ "version": 1, "guided": guided, "checks": by_size }));
        return;
    }
    for (size, costs) in measured {
        println!("\nPOST of {size} of JSON, nanoseconds");
        println!("  {:<24} {:>8} {:>8} {:>9}", "check", "p50", "p99", "samples");
        for (name, values) in costs {
            let (p50, p99) = (percentile(values, 50), percentile(values, 99));
            println!("  {name:<24} {p50:>8.0} {p99:>8.0} {:>9}", values.len());
        }
    }
}
