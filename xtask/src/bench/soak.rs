//! `bench soak`: guarded load for a long time; memory and cost must stay where they were.

use std::time::{Duration, Instant};

use serde_json::json;

use super::arguments::Arguments;
use super::lab::Lab;
use super::load::{self, Load};
use super::peers::bartizan::{self, Form};
use super::peers::nginx;
use super::prepare;
use super::statistics::median;

/// One sample is a stretch of load this long.
const SAMPLE_S: u32 = 20;

struct Sample {
    cpu_us: f64,
    resident_kib: f64,
    requests: f64,
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let release = prepare()?;
    let mut lab = Lab::new()?;
    let origin = nginx::origin(&mut lab)?.port;
    let gateway = bartizan::start(&mut lab, &release.program, Form::Guarded, origin)?;
    let script = |name: &str| Some(lab.path(name));
    let loads = ["guarded_1k.lua", "guarded_64k.lua"].map(|name| Load {
        tls: false,
        path: "/orders",
        script: script(name),
    });
    let end = Instant::now() + Duration::from_secs(arguments.minutes * 60);
    let mut samples = Vec::new();
    while Instant::now() < end {
        let (mut requests, mut cpu_us, mut p99) = (0.0, 0.0, String::new());
        for load in &loads {
            let answered = load::run(load, &gateway, SAMPLE_S / 2)?;
            requests += answered.requests;
            cpu_us += answered.cpu_us;
            p99 = answered.p99;
        }
        let sample = Sample { cpu_us: cpu_us / requests, resident_kib: gateway.resident_kib()?, requests };
        let resident_mib = sample.resident_kib / 1024.0;
        let number = samples.len() + 1;
        eprintln!(
            "sample {number:>3}  {:7.1} us  {resident_mib:7.1} MiB  {requests:>8.0} requests  p99 {p99}",
            sample.cpu_us
        );
        samples.push(sample);
    }
    report(&samples, arguments, release.guided);
    Ok(())
}

/// The last third beside the first, warm-up included: 1 is flat.
fn report(samples: &[Sample], arguments: &Arguments, guided: bool) {
    let third = (samples.len() / 3).max(1);
    let growth = |value: fn(&Sample) -> f64| {
        let first = median(samples.iter().take(third).map(value).collect());
        let last = median(samples.iter().rev().take(third).map(value).collect());
        last / first
    };
    let (memory, cost) = (growth(|sample| sample.resident_kib), growth(|sample| sample.cpu_us));
    let requests: f64 = samples.iter().map(|sample| sample.requests).sum();
    let resident_mib = samples.last().map_or(f64::NAN, |sample| sample.resident_kib / 1024.0);
    if arguments.json {
        let document = json!({ "version": 1, "guided": guided, "minutes": arguments.minutes, "requests": requests,
            "resident_mib": resident_mib, "memory_last_third_vs_first": memory, "cost_last_third_vs_first": cost });
        println!("{document}");
        return;
    }
    println!("{requests:.0} requests in {} minutes, {resident_mib:.1} MiB at the end", arguments.minutes);
    println!("last third beside the first: memory {memory:.3}, cost a request {cost:.3}");
}
