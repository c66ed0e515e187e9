//! CPU time to the nanosecond, from `/proc/*/schedstat`.

use std::fs;

/// Of the calling thread so far, in microseconds.
pub fn this_thread_us() -> Result<f64, String> {
    // The kernel brings the sum up to date when it schedules.
    std::thread::yield_now();
    of_us("/proc/thread-self/schedstat")
}

/// Of a process with one thread so far, in microseconds; exact while it waits.
pub fn process_us(process: u32) -> Result<f64, String> {
    of_us(&format!("/proc/{process}/schedstat"))
}

fn of_us(path: &str) -> Result<f64, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let nanoseconds: Option<f64> = text.split_whitespace().next().and_then(|number| number.parse().ok());
    nanoseconds.map(|nanoseconds| nanoseconds / 1e3).ok_or_else(|| format!("{path}: no time"))
}
