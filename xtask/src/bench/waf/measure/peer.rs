//! nginx with libmodsecurity of Debian, the same nginx without it, and the service behind both.

use super::client::Client;
use super::clock::process_us;
use super::requests::{self, Request};
use crate::bench::contender::Contender;
use crate::bench::lab::Lab;
use crate::bench::peers::nginx;
use crate::conformance::engine::rules::Data;
use crate::{packages, shell};

const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so";
const PACKAGE: &str = "libnginx-mod-http-modsecurity";

/// Installs what is missing.
pub fn prepare() -> Result<(), String> {
    packages::ensure(packages::FOR_BENCH)?;
    if !std::path::Path::new(MODULE).is_file() {
        packages::install(&[PACKAGE])?;
    }
    if std::path::Path::new(MODULE).is_file() {
        Ok(())
    } else {
        Err(format!("{PACKAGE} is missing: the peer"))
    }
}

pub struct Peers {
    inspecting: Contender,
    plain: Contender,
}

pub fn start(lab: &mut Lab, data: &Data) -> Result<Peers, String> {
    let origin = nginx::origin(lab)?.port;
    let rules = lab.write("modsecurity-rules.conf", &directives(data)?)?;
    let peers = Peers {
        inspecting: nginx::inspecting(lab, origin, Some((MODULE, &rules)))?,
        plain: nginx::inspecting(lab, origin, None)?,
    };
    for (contender, status) in [(&peers.inspecting, 403), (&peers.plain, 200)] {
        let answered = Client::new(contender.port)?.send(&requests::attack())?;
        if answered != status {
            return Err(format!("an attack is answered with {answered} and not {status}"));
        }
    }
    Ok(peers)
}

/// The files for requests alone, in the engine's recommended configuration: what answers would cost is not compared.
fn directives(data: &Data) -> Result<String, String> {
    let folder = data.crs.join("rules");
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("REQUEST-") && name.ends_with(".conf"))
        .collect();
    files.sort();
    let include = |path: std::path::PathBuf| {
        let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<_, String>(format!("Include {}\n", path.display()))
    };
    let mut text = include(data.modsecurity.join("modsecurity.conf"))?;
    text.push_str(&include(data.crs.join("crs-setup.conf.example"))?);
    text.push_str("SecRuleEngine On\nSecAuditEngine Off\nSecResponseBodyAccess Off\n");
    text.push_str("SecAction \"id:900000,phase:1,nolog,pass,setvar:tx.blocking_paranoia_level=1\"\n");
    for name in files {
        text.push_str(&include(folder.join(name))?);
    }
    Ok(text)
}

impl Peers {
    /// Microseconds of CPU a request that inspection adds.
    pub fn cost_us(&self, request: &Request) -> Result<f64, String> {
        let inspected = load(&self.inspecting, request)?;
        Ok(inspected - load(&self.plain, request)?)
    }
}

/// Errors: an answer other than 200.
fn load(contender: &Contender, request: &Request) -> Result<f64, String> {
    let mut client = Client::new(contender.port)?;
    let mut send = || match client.send(&request.bytes)? {
        200 => Ok(()),
        status => Err(format!("{}: nginx answers {status}", request.name)),
    };
    send()?;
    // The worker is there for certain once it has answered.
    let parent = contender.processes.first().copied().ok_or("nginx has no process")?;
    let processes = Contender::of(parent, contender.port).processes;
    let cpu_us = || processes.iter().map(|process| process_us(*process)).sum::<Result<f64, String>>();
    let before = cpu_us()?;
    for _ in 0..request.peer_a_round {
        send()?;
    }
    Ok((cpu_us()? - before) / request.peer_a_round as f64)
}

/// Of the packages, as installed.
pub fn versions() -> String {
    let format = "${Package} ${Version}\\n";
    let asked = ["-W", "-f", format, "nginx-common", "libmodsecurity3", PACKAGE];
    let said = shell::output("dpkg-query", &asked).unwrap_or_default();
    said.lines().collect::<Vec<_>>().join(", ")
}
