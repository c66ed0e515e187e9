//! The real gateway with the Core Rule Set, as the tests want it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::conformance::engine::rules::{self, Data};
use crate::shell;

pub struct Gateway {
    pub address: SocketAddr,
    folder: PathBuf,
    child: Child,
}

/// One path; all others are observed.
const DESCRIPTION: &str = "openapi: 3.1.0\ninfo: { title: Tests, version: \"1\" }\nsecurity: []\npaths:\n  /described:\n    \
                           get: { operationId: described, responses: { \"200\": { description: Good } } }\n";

impl Gateway {
    /// The program is built, unless `BARTIZAN_PROGRAM` names one.
    pub fn start(data: &Data, service: SocketAddr) -> Result<Self, String> {
        let program = match std::env::var("BARTIZAN_PROGRAM") {
            Ok(program) => program,
            Err(_) => {
                shell::run("cargo", &["build", "--locked", "--package", "bartizan"])?;
                shell::bartizan("debug")
            }
        };
        let folder = std::env::temp_dir().join(format!("bartizan-conformance-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))
        };
        write("tests.openapi.yaml", DESCRIPTION)?;
        write("between.conf", rules::FOR_THE_TESTS)?;
        write("bartizan.yaml", &file(data, service))?;
        let errors = std::fs::File::create(folder.join("stderr.log")).map_err(|error| error.to_string())?;
        let mut child = Command::new(program)
            .args(["serve", "--json", "--config", "bartizan.yaml"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("the gateway cannot be started: {error}"))?;
        let address = child.stdout.take().and_then(address);
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            let said = std::fs::read_to_string(folder.join("stderr.log")).unwrap_or_default();
            return Err(format!("the gateway did not start:\n{said}"));
        };
        Ok(Self { address, folder, child })
    }

    /// Ends it as an operator would, so that every record is written; the folder that it leaves.
    pub fn stop(mut self) -> Result<PathBuf, String> {
        let id = self.child.id().to_string();
        Command::new("kill").arg(&id).status().map_err(|error| format!("kill: {error}"))?;
        self.child.wait().map_err(|error| error.to_string())?;
        Ok(self.folder)
    }
}

fn file(data: &Data, service: SocketAddr) -> String {
    let (crs, modsecurity) = (data.crs.display(), data.modsecurity.display());
    format!(
        "version: 1\nlisten: 127.0.0.1:0\nstate_dir: state\nadmin: {{ address: 127.0.0.1:0 }}\n\
         egress: {{ allow: [127.0.0.0/8] }}\nrecords_bytes_max: 1GiB\n\
         waf:\n  own_rules: false\n  answers: true\n  depth_max: 512\n  work_max: 1000000000\n  rules:\n  \
         - {modsecurity}/modsecurity.conf\n  - {crs}/crs-setup.conf.example\n  - between.conf\n  - {crs}/rules\n\
         apis:\n  tests:\n    spec: tests.openapi.yaml\n    upstream: http://{service}\n    undeclared: observe\n    \
         checks: {{ failed_authentications: off, parameters: off, media_type: off, response: off, waf: watch }}\n"
    )
}

/// What the gateway says first.
fn address(output: std::process::ChildStdout) -> Option<SocketAddr> {
    let mut lines = BufReader::new(output).lines();
    let first: serde_json::Value = serde_json::from_str(&lines.next()?.ok()?).ok()?;
    // Whatever else it says is read, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    first.pointer("/listeners/0/address")?.as_str()?.parse().ok()
}
