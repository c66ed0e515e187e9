//! Starts the upstream, nginx as the peer, and Bartizan in its three forms; ends them when dropped.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Case;
use super::contender::Contender;
use super::files;
use super::load::Load;
use crate::shell;

/// Every process of the benchmark, in a folder of its own.
pub struct Bench {
    folder: PathBuf,
    children: Vec<Child>,
    nginx_plain: Contender,
    nginx_logged: Contender,
    plain: Contender,
    recorded: Contender,
    guarded: Contender,
    guarded_script: PathBuf,
}

/// One form of the gateway under test.
struct Form {
    name: &'static str,
    port: u16,
    recorded: bool,
    guarded: bool,
}

impl Bench {
    pub fn start() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("bartizan-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut children = Vec::new();
        let result = Self::start_in(&folder, &mut children);
        match result {
            Ok([nginx_plain, nginx_logged, plain, recorded, guarded]) => {
                let guarded_script = folder.join("guarded.lua");
                Ok(Self {
                    folder,
                    children,
                    nginx_plain,
                    nginx_logged,
                    plain,
                    recorded,
                    guarded,
                    guarded_script,
                })
            }
            Err(error) => {
                end(&mut children);
                Err(error)
            }
        }
    }

    fn start_in(folder: &Path, children: &mut Vec<Child>) -> Result<[Contender; 5], String> {
        let [upstream, nginx_plain, nginx_logged, plain, recorded, guarded] = free_ports()?;
        let origin = origin_conf(folder, upstream);
        start_nginx(folder, "origin", &origin, upstream, "1", children)?;
        let peer = peer_conf(folder, upstream, nginx_plain, "access_log off;");
        let nginx_plain = start_nginx(folder, "plain", &peer, nginx_plain, "0", children)?;
        let log = format!("access_log {}/access.log;", folder.display());
        let peer = peer_conf(folder, upstream, nginx_logged, &log);
        let nginx_logged = start_nginx(folder, "logged", &peer, nginx_logged, "0", children)?;
        for (name, text) in files::ALL {
            fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
        }
        let forms = [
            Form { name: "plain", port: plain, recorded: false, guarded: false },
            Form { name: "recorded", port: recorded, recorded: true, guarded: false },
            Form { name: "guarded", port: guarded, recorded: true, guarded: true },
        ];
        let mut started = Vec::new();
        for form in &forms {
            started.push(start_bartizan(folder, form, &gateway_file(folder, form, upstream), children)?);
        }
        let [plain, recorded, guarded] =
            <[Contender; 3]>::try_from(started).map_err(|_| "three forms were to start".to_owned())?;
        Ok([nginx_plain, nginx_logged, plain, recorded, guarded])
    }

    pub fn cases(&self) -> Vec<Case> {
        let get = Load { path: "/orders/1", script: None };
        let post = Load { path: "/orders", script: Some(self.guarded_script.clone()) };
        vec![
            Case { name: "nginx plain", contender: self.nginx_plain.clone(), load: get.clone() },
            Case { name: "bartizan plain", contender: self.plain.clone(), load: get.clone() },
            Case { name: "nginx logged", contender: self.nginx_logged.clone(), load: get.clone() },
            Case { name: "bartizan recorded", contender: self.recorded.clone(), load: get },
            Case { name: "bartizan guarded", contender: self.guarded.clone(), load: post },
        ]
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        end(&mut self.children);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn end(children: &mut [Child]) {
    for child in children {
        // nginx's master ends its worker when it is asked to, not when it is killed.
        let _ = Command::new("kill").arg(child.id().to_string()).status();
        let _ = child.wait();
    }
}

/// Six ports that were free a moment ago.
fn free_ports() -> Result<[u16; 6], String> {
    let mut listeners = Vec::new();
    for _ in 0..6 {
        listeners.push(TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?);
    }
    let ports: Vec<u16> =
        listeners.iter().filter_map(|listener| listener.local_addr().ok()).map(|a| a.port()).collect();
    <[u16; 6]>::try_from(ports).map_err(|_| "no free port".to_owned())
}

fn start_nginx(
    folder: &Path,
    name: &str,
    configuration: &str,
    port: u16,
    core: &str,
    children: &mut Vec<Child>,
) -> Result<Contender, String> {
    let file = folder.join(format!("nginx-{name}.conf"));
    fs::write(&file, configuration).map_err(|error| format!("{}: {error}", file.display()))?;
    let child = pinned(core, "nginx")
        .args(["-p", &folder.to_string_lossy(), "-c", &file.to_string_lossy(), "-g", "daemon off;"])
        .spawn()
        .map_err(|error| format!("nginx: {error}"))?;
    let process = child.id();
    children.push(child);
    wait_for(port)?;
    Ok(Contender::of(process, port))
}

fn start_bartizan(
    folder: &Path,
    form: &Form,
    configuration: &str,
    children: &mut Vec<Child>,
) -> Result<Contender, String> {
    let file = folder.join(format!("{}.yaml", form.name));
    fs::write(&file, configuration).map_err(|error| format!("{}: {error}", file.display()))?;
    let program = shell::bartizan("release");
    let child = pinned("0", &program)
        .args(["serve", "--config", &file.to_string_lossy()])
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let process = child.id();
    children.push(child);
    wait_for(form.port)?;
    Ok(Contender { port: form.port, processes: vec![process] })
}

/// `taskset` replaces itself by the program, so the process id is the program's.
fn pinned(core: &str, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn wait_for(port: u16) -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("nothing listens on port {port} after 10 s"))
}

fn origin_conf(folder: &Path, port: u16) -> String {
    let body = "x".repeat(1000);
    format!(
        "worker_processes 1; pid {0}/origin.pid; error_log {0}/origin.err;\nevents {{ worker_connections 1024; }}\n\
         http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {0}/o1; \
         server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ default_type application/json; \
         return 200 '{{\"id\":1,\"note\":\"{body}\"}}'; }} }} }}\n",
        folder.display()
    )
}

fn peer_conf(folder: &Path, upstream: u16, port: u16, log: &str) -> String {
    format!(
        "worker_processes 1; pid {0}/{port}.pid; error_log {0}/{port}.err;\nevents {{ worker_connections 1024; }}\n\
         http {{ {log} keepalive_requests 1000000; client_body_temp_path {0}/p{port}; proxy_temp_path {0}/q{port};\n\
         upstream origin {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000; }}\n\
         server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ proxy_pass http://origin; \
         proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} }}\n",
        folder.display()
    )
}

/// Everything that can be switched off is off.
const OPEN: &str =
    "    checks: { failed_authentications: off, parameters: off, media_type: off, response: off }\n";
const GUARDED: &str = "    auth:\n      bearerAuth: { issuer: \"https://bench.test/\", audience: orders, jwks: jwks.json }\n    \
                       limits: [{ per: client, rate: 1000000/s, burst: 1000000 }]\n";

fn gateway_file(folder: &Path, form: &Form, upstream: u16) -> String {
    let (spec, body) =
        if form.guarded { ("guarded.openapi.yaml", GUARDED) } else { ("open.openapi.yaml", OPEN) };
    format!(
        "version: 1\nlisten: 127.0.0.1:{}\nstate_dir: {}/state-{}\nadmin: {{ address: 127.0.0.1:0 }}\n\
         records_bytes_max: {}\napis:\n  orders:\n    spec: {spec}\n    upstream: http://127.0.0.1:{upstream}\n{body}",
        form.port,
        folder.display(),
        form.name,
        if form.recorded { "256MiB" } else { "0" },
    )
}
