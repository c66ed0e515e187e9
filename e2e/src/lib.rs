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

pub use client::{Answer, Client, exchange};
pub use gateway::{Gateway, program, verb_in};
pub use issuer::{Issuer, now_s};
pub use server::{Reply, Request, Server};

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

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

/// Waits until the condition holds, or ends the story after half a minute: a machine that is busy with other things is slow.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed().as_secs() < 30, "not within 30 s: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
