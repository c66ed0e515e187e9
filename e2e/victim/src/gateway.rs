//! The gateway before the application: the real program, as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running gateway; its process ends when this is dropped.
pub struct Gateway {
    pub address: SocketAddr,
    pub file: PathBuf,
    child: Child,
}

impl Gateway {
    /// Serves the gateway file with the `bartizan` program.
    ///
    /// # Errors
    /// What the gateway said when it did not start.
    pub fn start(program: &Path, file: &Path) -> Result<Self, String> {
        let folder = file.parent().unwrap_or(file);
        let said = folder.join("stderr.log");
        let fail = |error: std::io::Error| format!("{}: {error}", program.display());
        let errors = std::fs::File::create(&said).map_err(fail)?;
        let mut child = Command::new(program)
            .args(["serve", "--json", "--config"])
            .arg(file)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(fail)?;
        let Some(address) = first_address(&mut child) else {
            let _ = child.kill();
            let _ = child.wait();
            let said = std::fs::read_to_string(&said).unwrap_or_default();
            return Err(format!("the gateway did not start:\n{said}"));
        };
        Ok(Self { address, file: file.to_owned(), child })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `serve --json` prints one line with the addresses it listens on.
fn first_address(child: &mut Child) -> Option<SocketAddr> {
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let line = receiver.recv_timeout(START_TIMEOUT).ok()?;
    let value: Value = serde_json::from_str(&line).ok()?;
    value.pointer("/listeners/0/address")?.as_str()?.parse().ok()
}
