//! The load: wrk on the other core, bounded in time.

use std::path::PathBuf;

use crate::shell;

pub const WARM_UP_S: u32 = 1;
pub const ROUND_S: u32 = 4;
const CONNECTIONS: &str = "16";

/// What is sent.
#[derive(Clone)]
pub struct Load {
    pub path: &'static str,
    /// A wrk script that sets method, headers and body.
    pub script: Option<PathBuf>,
}

/// Sends the load for some seconds and returns how many requests were answered with a 2xx status.
pub fn run(load: &Load, port: u16, seconds: u32) -> Result<f64, String> {
    let url = format!("http://127.0.0.1:{port}{}", load.path);
    let duration = format!("{seconds}s");
    let mut arguments = vec!["-c", "1", "wrk", "-t", "1", "-c", CONNECTIONS, "-d", &duration];
    let script = load.script.as_ref().map(|path| path.to_string_lossy().into_owned());
    if let Some(script) = &script {
        arguments.extend(["-s", script]);
    }
    arguments.push(&url);
    let printed = shell::output("taskset", &arguments)?;
    if let Some(line) =
        printed.lines().find(|line| line.contains("Non-2xx") || line.contains("Socket errors"))
    {
        return Err(format!("{url}: {}", line.trim()));
    }
    printed
        .lines()
        .find_map(|line| line.trim().split_once(" requests in ").and_then(|(count, _)| count.parse().ok()))
        .ok_or_else(|| format!("wrk printed no count of requests: {printed}"))
}
