//! The real binary, started as a user would start it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::{Client, PATIENCE};

/// A running gateway. Dropped, it is killed; [`Gateway::stop`] ends it as an operator would.
pub struct Gateway {
    pub address: SocketAddr,
    /// Of all listeners, in the order of the file; `address` is the first.
    pub listeners: Vec<SocketAddr>,
    pub admin: SocketAddr,
    pub file: PathBuf,
    child: Child,
    /// Behind a lock so that a story's threads can share a gateway.
    lines: std::sync::Mutex<mpsc::Receiver<String>>,
}

/// The program under test: beside the test's own executable.
pub fn program() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    let folder = executable.ancestors().find(|folder| folder.join("bartizan").is_file());
    folder.expect("`bartizan` is built before the stories run: use `cargo x test`").join("bartizan")
}

impl Gateway {
    /// Writes the file into the folder and serves it. `listen` and `state_dir` are added when the text lacks them.
    pub fn start(folder: &Path, text: &str) -> Self {
        Self::start_with(folder, text, &[])
    }

    pub fn start_with(folder: &Path, text: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program());
        command.envs(environment.iter().copied());
        Self::start_as(folder, text, command)
    }

    /// Serves through a command that ends in running the program with the arguments that are added to it, in the same
    /// process: `sh -c 'ulimit -n 64; exec "$@"' sh PROGRAM`.
    pub fn start_as(folder: &Path, text: &str, command: Command) -> Self {
        let file = folder.join("bartizan.yaml");
        std::fs::write(&file, complete(text)).unwrap();
        let errors = std::fs::File::create(folder.join("stderr.log")).unwrap();
        Self::spawn(file, &[], command, errors).unwrap_or_else(|why| {
            let said = std::fs::read_to_string(folder.join("stderr.log")).unwrap_or_default();
            panic!("the gateway in {} did not start: {why}; it said:\n{said}", folder.display());
        })
    }

    /// Errors: why it did not start, as far as that can be seen from outside.
    fn spawn(
        file: PathBuf,
        more: &[&str],
        mut command: Command,
        errors: std::fs::File,
    ) -> Result<Self, String> {
        let mut child = command
            .args(["serve", "--json", "--config"])
            .arg(&file)
            .args(more)
            .current_dir(file.parent().unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let lines = read_lines(child.stdout.take().unwrap());
        let line = lines.recv_timeout(PATIENCE).map_err(|silence| why_silent(&mut child, silence))?;
        let value: serde_json::Value =
            serde_json::from_str(&line).map_err(|fault| format!("{fault} in what it printed: {line}"))?;
        let at = |pointer: &str| value.pointer(pointer).unwrap().as_str().unwrap().parse().unwrap();
        let lines = lines.into();
        let all = value.pointer("/listeners").and_then(|all| all.as_array()).unwrap();
        let listeners = all.iter().map(|one| one["address"].as_str().unwrap().parse().unwrap()).collect();
        Ok(Self { address: at("/listeners/0/address"), listeners, admin: at("/admin"), file, child, lines })
    }

    /// Starts a successor with the file as it is now, which takes over. Gives the process before, which drains; an error
    /// says why the successor could not: then this process goes on.
    pub fn replace(&mut self) -> Result<Gateway, String> {
        let errors = std::fs::OpenOptions::new().append(true).open(self.file.with_file_name("stderr.log"));
        let successor =
            Self::spawn(self.file.clone(), &["--replace"], Command::new(program()), errors.unwrap())?;
        Ok(std::mem::replace(self, successor))
    }

    /// Waits until the process has ended by itself; its exit code. `None` too when it goes on for [`PATIENCE`].
    pub fn ended(mut self) -> Option<i32> {
        self.exit_code()
    }

    fn exit_code(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub fn client_with(&self, token: &str) -> Client {
        Client::with_token(self.address, token)
    }

    /// Runs another verb against this gateway's file.
    pub fn verb(&self, arguments: &[&str]) -> Output {
        let folder = self.file.parent().unwrap();
        verb_in(folder, &[arguments, &["--config", self.file.to_str().unwrap()]].concat())
    }

    /// What `explain --request-id` answers once the request is recorded, which it is when its last byte is out: whoever
    /// was answered may be earlier with the question.
    pub fn explained(&self, id: &str, more: &[&str]) -> String {
        let mut said = String::new();
        crate::eventually("the record is written", || {
            let output = self.verb(&[&["explain", "--request-id", id], more].concat());
            said = String::from_utf8_lossy(&output.stdout).into_owned();
            output.status.code() == Some(0)
        });
        said
    }

    /// What `/metrics` says, as an operator reads it.
    pub fn metrics(&self) -> String {
        let token = std::fs::read_to_string(self.file.with_file_name("state").join("admin.token")).unwrap();
        Client::with_token(self.admin, token.trim()).get("/metrics").text()
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(self.file.with_file_name("stderr.log")).unwrap_or_default()
    }

    /// Whether the process is still there.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Rewrites the gateway file, as an editor would.
    pub fn rewrite(&self, text: &str) {
        std::fs::write(&self.file, complete(text)).unwrap();
    }

    /// The process, for signals.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no goodbye to anybody.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and the exit code; `None` too when the process goes on for [`PATIENCE`].
    pub fn stop(mut self) -> Option<i32> {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let code = self.exit_code();
        let _ = self.lines.lock().unwrap().try_iter().count();
        code
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a verb of the binary in a folder.
pub fn verb_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

/// Ends a process that has not said where it listens, and tells what became of it.
fn why_silent(child: &mut Child, silence: mpsc::RecvTimeoutError) -> String {
    let (id, start) = (child.id(), Instant::now());
    // Its output ends a moment before the process does.
    let mut ended = child.try_wait().ok().flatten();
    while ended.is_none()
        && silence == mpsc::RecvTimeoutError::Disconnected
        && start.elapsed() < Duration::from_secs(10)
    {
        std::thread::sleep(Duration::from_millis(10));
        ended = child.try_wait().ok().flatten();
    }
    let _ = child.kill();
    let _ = child.wait();
    match (ended, silence) {
        (Some(status), _) => format!("process {id} ended before it listened ({status})"),
        (None, mpsc::RecvTimeoutError::Disconnected) => {
            format!("process {id} closed its output without saying where it listens, and went on")
        }
        (None, mpsc::RecvTimeoutError::Timeout) => {
            format!("process {id} still ran, and had said nothing within {} s", PATIENCE.as_secs())
        }
    }
}

fn complete(text: &str) -> String {
    let mut text = text.to_owned();
    for (key, value) in [
        ("version", "1"),
        ("listen", "127.0.0.1:0"),
        ("state_dir", "state"),
        ("admin", "{ address: 127.0.0.1:0 }"),
        ("egress", "{ allow: [127.0.0.0/8] }"),
        // What a story's own issuer takes to answer on a slow machine is no reason to refuse.
        ("timeouts", "{ question: 30s }"),
    ] {
        if !text.lines().any(|line| line.starts_with(&format!("{key}:"))) {
            text.insert_str(0, &format!("{key}: {value}\n"));
        }
    }
    text
}

fn read_lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
