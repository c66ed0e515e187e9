//! Programs of others that are written in Go: found, or installed in the version that is named here.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// How long Go may take to fetch and build one, in seconds.
const INSTALL_MAX_S: &str = "180";

/// A program, the variable that may name another file, and the module Go installs it from.
pub struct GoTool {
    pub program: &'static str,
    pub variable: &'static str,
    pub module: &'static str,
}

/// The ACME server of Let's Encrypt's tests.
pub const PEBBLE: GoTool = GoTool {
    program: "pebble",
    variable: "PEBBLE",
    module: "github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1",
};
/// The conformance suite of HTTP/2.
pub const H2SPEC: GoTool = GoTool {
    program: "h2spec",
    variable: "H2SPEC",
    module: "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
};

impl GoTool {
    /// By its variable, the PATH, or a folder for all tests of this machine, into which Go installs it.
    /// `None`: the test is skipped, and says so.
    pub fn find(&self) -> Option<PathBuf> {
        if let Some(named) = std::env::var_os(self.variable) {
            return Some(PathBuf::from(named));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let tools = std::env::temp_dir().join("bartizan-tools");
        let on_path = std::env::split_paths(&path).map(|folder| folder.join(self.program));
        // One story installs, and the others of this process wait for it.
        static ALONE: Mutex<()> = Mutex::new(());
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let found = on_path.chain([tools.join(self.program)]).find(|file| file.is_file());
        found.or_else(|| {
            // Aside, and then moved to its place whole: another process may look for it at this moment.
            let aside = tools.join(format!("new-{}", std::process::id()));
            let installed = Command::new("timeout")
                .args([INSTALL_MAX_S, "go", "install", self.module])
                .env("GOBIN", &aside)
                .output();
            let file = tools.join(self.program);
            let _ = std::fs::rename(aside.join(self.program), &file);
            let _ = std::fs::remove_dir_all(&aside);
            let why = match installed {
                Ok(_) if file.is_file() => return Some(file),
                Ok(output) => {
                    String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned()
                }
                Err(fault) => fault.to_string(),
            };
            let Self { program, variable, .. } = self;
            eprintln!(
                "skipped: {program} is neither ${variable} nor on the PATH, and Go did not install it: {why}"
            );
            None
        })
    }
}
