//! What stories are told with: the real binary on a port of its choosing, an upstream that records, an issuer that
//! rotates its keys, and a client that sends exactly the bytes it is given.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a story that cannot go on ends"
)]

pub mod attack;
mod client;
pub mod fuzz;
mod gateway;
pub mod go_tools;
mod issuer;
pub mod pebble;
mod server;
pub mod tls;

pub use client::{Answer, Client, exchange, until_ended};
pub use gateway::{Gateway, program, verb_in};
pub use issuer::{Issuer, now_s};
pub use server::{Reply, Request, Server};

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a story waits for what takes a moment: an answer, a record, a program that starts. A machine that is slow or
/// busy with other things may need many times as long as a quick one, and whoever is done earlier waits no longer.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map(PathBuf::from).unwrap()
}

/// A folder of its own at each call, under the system's folder for temporary files; the name tells a reader whose it is.
pub fn folder(story: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("bartizan-e2e-{}-{number}-{story}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Waits until the condition holds, or ends the story after [`PATIENCE`].
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "not within {} s: {what}", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port of loopback for whoever has to be told one before it listens, or for nobody to listen at. Another one at each
/// call, of processes that run side by side too, and from below the ports that systems give by themselves (32768 and up on
/// Linux, `ip_local_port_range` of ip(7)): nobody else is given it before it is used.
pub fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(101);
    let mut ports = std::iter::repeat_with(|| {
        let number = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        u16::try_from(FIRST + number).unwrap()
    });
    let found = ports.by_ref().take(1000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    found.expect("a thousand ports of loopback are taken")
}
