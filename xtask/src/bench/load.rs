//! The load: wrk on the other core, bounded in time.

use super::contender::Contender;
use super::lab::OTHER_CORE;
use crate::shell;

pub const WARM_UP_S: u32 = 1;
pub const ROUND_S: u32 = 3;
const CONNECTIONS: &str = "16";

/// What is sent.
#[derive(Debug, Clone)]
pub struct Load {
    pub tls: bool,
    pub path: &'static str,
    /// A wrk script that sets method, headers and body.
    pub script: Option<String>,
}

impl Load {
    pub fn url(&self, port: u16) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{port}{}", self.path)
    }
}

/// What a load came to.
pub struct Answered {
    /// All with a 2xx status.
    pub requests: f64,
    /// Of the proxy, in microseconds.
    pub cpu_us: f64,
    /// The time within which 99 of 100 were answered, as wrk prints it.
    pub p99: String,
}

/// Sends the load for some seconds. Errors: an answer other than 2xx, a socket's error.
pub fn run(load: &Load, contender: &Contender, seconds: u32) -> Result<Answered, String> {
    let url = load.url(contender.port);
    let duration = format!("{seconds}s");
    let mut arguments =
        vec!["-c", OTHER_CORE, "wrk", "--latency", "-t", "1", "-c", CONNECTIONS, "-d", &duration];
    if let Some(script) = &load.script {
        arguments.extend(["-s", script]);
    }
    arguments.push(&url);
    let before = contender.cpu_us()?;
    let printed = shell::output("taskset", &arguments)?;
    let cpu_us = contender.cpu_us()? - before;
    let fault = printed.lines().find(|line| line.contains("Non-2xx") || line.contains("Socket errors"));
    if let Some(line) = fault {
        return Err(format!("{url}: {}", line.trim()));
    }
    let requests = printed
        .lines()
        .find_map(|line| line.trim().split_once(" requests in ").and_then(|(count, _)| count.parse().ok()))
        .ok_or_else(|| format!("wrk printed no count of requests: {printed}"))?;
    let p99 = printed
        .lines()
        .find_map(|line| line.trim().strip_prefix("99%"))
        .unwrap_or_default()
        .trim()
        .to_owned();
    Ok(Answered { requests, cpu_us, p99 })
}
