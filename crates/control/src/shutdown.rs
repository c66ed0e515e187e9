//! Signals: SIGTERM and SIGINT stop gracefully, a second one at once; SIGHUP reloads; SIGUSR2 starts a successor.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::reload::Reloader;
use crate::wire::End;
use crate::{notify, talk};

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
    pub(crate) async fn conduct(mut self, end: &End, reloader: &Reloader) {
        self.next().await;
        let drain = reloader.drain();
        talk::say(&format!(
            "stopping: requests in flight have {} s; a second signal ends them at once",
            drain.as_secs()
        ));
        notify::stopping();
        end.begin(drain);
        self.next().await;
        talk::say("stopping at once");
        end.begin(Duration::ZERO);
    }
}

pub(crate) fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

pub(crate) fn replacements() -> std::io::Result<Signal> {
    signal(SignalKind::user_defined2())
}

/// Starts this program again with `--replace` at each signal. The program is the one that lies now where this one was
/// started from; its arguments and environment are this one's.
pub(crate) async fn on_replacement(mut signals: Signal) {
    while signals.recv().await.is_some() {
        let mut arguments = std::env::args_os();
        let Some(program) = arguments.next() else { continue };
        let mut arguments: Vec<_> = arguments.collect();
        if !arguments.iter().any(|argument| argument == "--replace") {
            arguments.push("--replace".into());
        }
        match Command::new(&program).args(arguments).stdin(Stdio::null()).spawn() {
            Ok(mut child) => {
                talk::say(&format!("starting a successor: process {}", child.id()));
                // Ends only when the successor fails, and then has to be waited for.
                std::thread::spawn(move || child.wait());
            }
            Err(error) => talk::say(&format!("no successor can be started: {}", error.kind())),
        }
    }
}
