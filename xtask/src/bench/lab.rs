//! A folder and the processes in it; everything ends when it is dropped.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::contender::Contender;
use super::files;
use crate::shell;

/// How long a process may take until it listens.
const START_MAX: Duration = Duration::from_secs(15);
/// The core of the proxy under test.
pub const PROXY_CORE: &str = "0";
/// The core of load and upstream.
pub const OTHER_CORE: &str = "1";

pub struct Lab {
    pub folder: PathBuf,
    children: Vec<Child>,
}

impl Lab {
    /// The folder with the files of the benchmark and a certificate for `127.0.0.1`.
    pub fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("bartizan-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let lab = Self { folder, children: Vec::new() };
        for (name, text) in files::all() {
            lab.write(&name, &text)?;
        }
        let (certificate, key) = (lab.path("tls.crt"), lab.path("tls.key"));
        let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=127.0.0.1 \
                         -addext subjectAltName=IP:127.0.0.1";
        let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
        arguments.extend(["-out", &certificate, "-keyout", &key]);
        shell::output("openssl", &arguments)?;
        // HAProxy reads both from one file.
        let both = [&certificate, &key].map(|path| fs::read_to_string(path).unwrap_or_default()).concat();
        lab.write("tls.pem", &both)?;
        Ok(lab)
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    pub fn write(&self, name: &str, text: &str) -> Result<String, String> {
        let path = self.path(name);
        fs::write(&path, text).map_err(|error| format!("{path}: {error}"))?;
        Ok(path)
    }

    /// Starts a program on the given cores and waits until it listens.
    pub fn start(
        &mut self,
        cores: &str,
        program: &str,
        arguments: &[&str],
        port: u16,
    ) -> Result<Contender, String> {
        // `taskset` replaces itself by the program, so the process id is the program's.
        let child = Command::new("taskset")
            .args(["-c", cores, program])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.log(port)?)
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let process = child.id();
        self.children.push(child);
        self.wait_for(program, port)?;
        Ok(Contender::of(process, port))
    }

    /// Asks every process to end, and waits for it.
    pub fn end(&mut self) {
        for mut child in self.children.drain(..) {
            // nginx's master ends its worker when it is asked to, not when it is killed.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }

    fn log(&self, port: u16) -> Result<fs::File, String> {
        let path = self.path(&format!("{port}.log"));
        fs::File::create(&path).map_err(|error| format!("{path}: {error}"))
    }

    fn wait_for(&self, program: &str, port: u16) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < START_MAX {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let said = fs::read_to_string(self.path(&format!("{port}.log"))).unwrap_or_default();
        Err(format!("{program} does not listen on port {port} after {} s: {said}", START_MAX.as_secs()))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.end();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

/// A program of a Python environment or of the path.
pub fn program_of(variable: &str, fallback: &Path) -> Option<String> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named
        .or_else(|| fallback.is_file().then(|| fallback.to_owned()))
        .map(|path| path.to_string_lossy().into_owned())
}
