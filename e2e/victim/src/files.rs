//! The files of a user of the gateway: the description, who owns what, who may what, and the gateway's own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::issuer::AUDIENCE;

/// The application's own description, lies included.
pub const DESCRIPTION: &str = include_str!("../openapi.yaml");
/// Whose things are whose, and where that is seen.
pub const BINDINGS: &str = include_str!("../bindings.yaml");
/// Who may do what, in Cedar.
pub const POLICIES: &str = include_str!("../policies.cedar");

/// The gateway's file for an application at an address. `more` is added to the API.
pub fn gateway_file(upstream: SocketAddr, issuer: &str, state: &Path, more: &str) -> String {
    format!(
        "version: 1
listen: 127.0.0.1:0
state_dir: {}
admin: {{ address: 127.0.0.1:0 }}
egress: {{ allow: [127.0.0.0/8] }}     # the issuer is on this machine
tenant: {{ claim: tenant }}
apis:
  victim:
    spec: openapi.yaml
    upstream: http://{upstream}
    identity: {{ forward_credential: true }}
    authorization:
      bindings: bindings.yaml
      policies: [policies.cedar]
{more}auth:
  bearerAuth:
    issuer: {issuer}
    audience: {AUDIENCE}
    types: [at+jwt]
",
        state.display()
    )
}

/// Writes all of them into the folder; the gateway file's path.
///
/// # Errors
/// A sentence when a file cannot be written.
pub fn write(folder: &Path, gateway: &str, changed: &[(&str, String)]) -> Result<PathBuf, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(fail)?;
    for (name, text) in
        [("openapi.yaml", DESCRIPTION), ("bindings.yaml", BINDINGS), ("policies.cedar", POLICIES)]
    {
        let changed = changed.iter().find(|(other, _)| *other == name).map(|(_, text)| text.as_str());
        std::fs::write(folder.join(name), changed.unwrap_or(text)).map_err(fail)?;
    }
    let file = folder.join("bartizan.yaml");
    std::fs::write(&file, gateway).map_err(fail)?;
    Ok(file)
}
