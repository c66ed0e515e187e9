//! The gateway before the application.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use demo::stage::Process;

/// A running gateway; its process ends when this is dropped.
pub struct Gateway {
    pub address: SocketAddr,
    pub file: PathBuf,
    _process: Process,
}

impl Gateway {
    /// Serves the gateway file with the `bartizan` program.
    ///
    /// # Errors
    /// What the gateway said when it did not start.
    pub fn start(program: &Path, file: &Path) -> Result<Self, String> {
        let said = file.with_file_name("stderr.log");
        let errors = std::fs::File::create(&said).map_err(|error| format!("{}: {error}", said.display()))?;
        let process = Process::start(program, file, Stdio::from(errors), &[])
            .map_err(|error| format!("{error}:\n{}", std::fs::read_to_string(&said).unwrap_or_default()))?;
        Ok(Self { address: process.address, file: file.to_owned(), _process: process })
    }
}
