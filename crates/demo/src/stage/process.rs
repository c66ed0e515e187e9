//! The real program, as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

/// A machine that is busy may need many times as long as a quick one.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// A running gateway; its process ends when this is dropped.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

impl Process {
    /// Serves a gateway file with the `bartizan` program, in the file's folder. `errors`: where what it says of itself goes.
    ///
    /// # Errors
    /// A sentence when it cannot be started, ends, or does not listen within two minutes.
    pub fn start(
        program: &Path,
        file: &Path,
        errors: Stdio,
        environment: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["serve", "--json", "--config"])
            .arg(file)
            .current_dir(file.parent().unwrap_or(file))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        match first_address(&mut child) {
            Ok(address) => Ok(Self { address, child }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// `serve --json` prints one line with the addresses it listens on.
fn first_address(child: &mut Child) -> Result<SocketAddr, String> {
    let stdout = child.stdout.take().ok_or("the gateway has no output")?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let line = receiver.recv_timeout(START_TIMEOUT).map_err(|silence| match silence {
        mpsc::RecvTimeoutError::Timeout => {
            format!("the gateway said nothing within {} s", START_TIMEOUT.as_secs())
        }
        // Its output ends with the process.
        mpsc::RecvTimeoutError::Disconnected => match child.wait() {
            Ok(status) => format!("the gateway ended before it listened ({status})"),
            Err(error) => format!("the gateway ended before it listened: {error}"),
        },
    })?;
    let value: Value = serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))?;
    value
        .pointer("/listeners/0/address")
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("the gateway printed no address: {line}"))
}
