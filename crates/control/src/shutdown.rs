//! Signals: SIGTERM and SIGINT stop gracefully, a second one at once; SIGHUP reloads.

use std::time::Duration;

use net::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::talk;

/// The signals that end the process.
pub(crate) struct Endings {
    terminate: Signal,
    interrupt: Signal,
}

impl Endings {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Says stop, with time for requests in flight; returns when it was asked for again, and nothing is waited for.
    pub(crate) async fn conduct(mut self, stop: &Stop, drain: Duration) {
        self.next().await;
        talk::say(&format!(
            "stopping: requests in flight have {} s; a second signal ends them at once",
            drain.as_secs()
        ));
        stop.begin(drain);
        self.next().await;
        talk::say("stopping at once");
        stop.begin(Duration::ZERO);
    }
}

pub(crate) fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}
