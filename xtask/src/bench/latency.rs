//! How long a request takes at 70 % of what the proxy can do: h2load at a fixed rate, the time of each request.

use serde::Serialize;

use super::cases::Case;
use super::lab::{Lab, OTHER_CORE};
use super::load;
use super::statistics::percentile;
use crate::shell;

/// The cases that are looked at.
const CASES: &[&str] = &["nginx plain", "bartizan plain", "haproxy plain"];
const SHARE_OF_SATURATION: f64 = 0.7;
const CLIENTS: f64 = 16.0;
const DURATION: &str = "5s";

#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    pub name: &'static str,
    pub requests_per_s: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// Beyond the service asked directly at the same rate.
    pub p99_added_us: f64,
}

pub fn measure(lab: &Lab, cases: &[Case], origin: u16) -> Result<Vec<Latency>, String> {
    let chosen: Vec<&Case> = cases.iter().filter(|case| CASES.contains(&case.name)).collect();
    // One rate for all, so that the tails can be compared: that of the slowest.
    let mut saturation = f64::INFINITY;
    for case in &chosen {
        let answered = load::run(&case.load, &case.contender, load::ROUND_S)?;
        saturation = saturation.min(answered.requests / f64::from(load::ROUND_S));
    }
    let rate = saturation * SHARE_OF_SATURATION;
    let mut latencies = Vec::new();
    for case in chosen {
        let direct = at_rate(lab, &case.load.url(origin), rate)?;
        let through = at_rate(lab, &case.load.url(case.contender.port), rate)?;
        let p99_us = percentile(&through, 99);
        latencies.push(Latency {
            name: case.name,
            requests_per_s: rate,
            p50_us: percentile(&through, 50),
            p99_us,
            p99_added_us: p99_us - percentile(&direct, 99),
        });
    }
    Ok(latencies)
}

/// The microseconds of each request, sorted.
fn at_rate(lab: &Lab, url: &str, rate: f64) -> Result<Vec<f64>, String> {
    let log = lab.path("h2load.log");
    let _ = std::fs::remove_file(&log);
    let (log_file, per_client) = (format!("--log-file={log}"), format!("--rps={:.1}", rate / CLIENTS));
    let arguments =
        ["-c", OTHER_CORE, "h2load", "--h1", "-c", "16", "-D", DURATION, &per_client, &log_file, url];
    shell::output("taskset", &arguments)?;
    let text = std::fs::read_to_string(&log).map_err(|error| format!("{log}: {error}"))?;
    let mut times: Vec<f64> = text
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('\t').skip(1);
            let status = columns.next()?;
            status.starts_with('2').then(|| columns.next()?.parse().ok())?
        })
        .collect();
    times.sort_by(f64::total_cmp);
    if times.is_empty() { Err(format!("h2load got no answer from {url}")) } else { Ok(times) }
}
