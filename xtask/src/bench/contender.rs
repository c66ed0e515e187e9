//! A proxy under test: a process tree, pinned to one core, whose CPU time is read from `/proc`.

use std::fs;

/// Clock ticks a second of `/proc/PID/stat`; Linux has shown 100 to programs on every architecture since 2.6.
const TICKS_A_SECOND: f64 = 100.0;

/// A running proxy, by its port and the processes that do its work.
#[derive(Debug, Clone)]
pub struct Contender {
    pub port: u16,
    pub processes: Vec<u32>,
}

impl Contender {
    /// A parent and its children (nginx: master and worker).
    pub fn of(parent: u32, port: u16) -> Self {
        let mut processes = vec![parent];
        processes.extend(children(parent));
        Self { port, processes }
    }

    /// User and system time of all processes so far, in microseconds; the kernel counts in steps of 10 ms.
    pub fn cpu_us(&self) -> Result<f64, String> {
        self.processes.iter().map(|process| cpu_us(*process)).sum()
    }

    /// Resident memory of all processes; what they share counts for each.
    pub fn resident_kib(&self) -> Result<f64, String> {
        self.processes.iter().map(|process| resident_kib(*process)).sum()
    }
}

fn resident_kib(process: u32) -> Result<f64, String> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    number.ok_or_else(|| format!("{path}: no VmRSS"))
}

fn cpu_us(process: u32) -> Result<f64, String> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The second field is the name in parentheses and may hold spaces; utime and stime are fields 14 and 15.
    let after = text.rsplit_once(')').map(|(_, after)| after).ok_or_else(|| format!("{path}: no name"))?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS_A_SECOND * 1e6),
        _ => Err(format!("{path}: no times")),
    }
}

fn children(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}
