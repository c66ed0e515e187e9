//! The gateway of the demo: the real program, as a process of its own, with a file as a user would write it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::issuer::Issuer;
use crate::stage::Process;

const DESCRIPTION: &str = include_str!("../assets/orders.openapi.yaml");

/// A running gateway; it ends, and its folder goes, when this is dropped.
pub(crate) struct Gateway {
    pub address: SocketAddr,
    _process: Process,
    folder: Folder,
}

struct Folder(PathBuf);

impl Gateway {
    pub(crate) fn start(program: &Path, upstream: SocketAddr, issuer: &Issuer) -> Result<Self, String> {
        let folder = Folder(std::env::temp_dir().join(format!("bartizan-demo-{}", std::process::id())));
        std::fs::create_dir_all(&folder.0).map_err(|error| format!("{}: {error}", folder.0.display()))?;
        write(&folder.0, "orders.openapi.yaml", DESCRIPTION)?;
        let file = write(&folder.0, "gateway.yaml", &gateway_file(upstream, issuer, &folder.0))?;
        let environment = [("DEMO_PARTNER_KEY", "demo-partner-key")];
        let process = Process::start(program, &file, Stdio::inherit(), &environment)?;
        Ok(Self { address: process.address, _process: process, folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
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
