//! The gateway of the demo: the real program, as a process of its own, with a file as a user would write it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::issuer::Issuer;

const START_TIMEOUT: Duration = Duration::from_secs(20);
const DESCRIPTION: &str = include_str!("../assets/orders.openapi.yaml");

/// A running gateway; it ends, and its folder goes, when this is dropped.
pub(crate) struct Gateway {
    child: Child,
    folder: PathBuf,
    pub address: SocketAddr,
}

impl Gateway {
    pub(crate) fn start(program: &Path, upstream: SocketAddr, issuer: &Issuer) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("bartizan-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        write(&folder, "orders.openapi.yaml", DESCRIPTION)?;
        let file = write(&folder, "gateway.yaml", &gateway_file(upstream, issuer, &folder))?;
        let mut child = Command::new(program)
            .args(["serve", "--json", "--config"])
            .arg(&file)
            .env("DEMO_PARTNER_KEY", "demo-partner-key")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        match first_address(&mut child) {
            Ok(address) => Ok(Self { child, folder, address }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                let _ = std::fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
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
    let line = receiver.recv_timeout(START_TIMEOUT).map_err(|_| "the gateway did not start".to_owned())?;
    let value: serde_json::Value = serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))?;
    value
        .pointer("/listeners/0/address")
        .and_then(serde_json::Value::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("the gateway printed no address: {line}"))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf, String> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn gateway_file(upstream: SocketAddr, issuer: &Issuer, folder: &Path) -> String {
    format!(
        "version: 1
listen: 127.0.0.1:0
state_dir: {}
admin: {{ address: 127.0.0.1:0 }}
egress: {{ allow: [127.0.0.0/8] }}     # the demo's issuer is on this machine
apis:
  orders:
    spec: orders.openapi.yaml
    upstream: http://{upstream}
    limits:
      - {{ per: client, rate: 20/min, burst: 20, operations: [getQuote] }}
auth:
  bearerAuth:
    issuer: {}
    audience: orders-api
    types: [at+jwt]
  partnerKey:
    keys:
      - {{ id: demo-partner, client: partner-demo, key: \"${{env:DEMO_PARTNER_KEY}}\" }}
limits:
  - {{ per: client, rate: 1000/min }}
",
        folder.join("state").display(),
        issuer.url,
    )
}
