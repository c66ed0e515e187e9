//! nginx and HAProxy, as services behind a gateway.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program of others, ended when dropped.
pub struct Peer {
    pub address: SocketAddr,
    child: Child,
    folder: PathBuf,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Peer {
    /// Requests as nginx wrote them down behind itself: whole ones, once read.
    pub fn logged(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.join("seen.log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    folders.push(PathBuf::from("/usr/sbin"));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not installed");
    }
    found
}

fn run(program: &Path, arguments: &[&str], folder: &Path, port: u16) -> Peer {
    let errors = std::fs::File::create(folder.join("peer.err")).unwrap();
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .unwrap();
    let peer = Peer { address: ([127, 0, 0, 1], port).into(), child, folder: folder.to_owned() };
    crate::eventually("the peer listens", || TcpStream::connect(peer.address).is_ok());
    peer
}

/// nginx before nginx: the first reads bodies whole, the second writes down what it was then asked. `None`, with a line
/// that says so, where it is not installed.
pub fn nginx(folder: &Path) -> Option<Peer> {
    let program = program("nginx")?;
    let (at, port) = (folder.display(), crate::free_port());
    let configuration = format!(
        "worker_processes 1; pid {at}/nginx.pid; error_log {at}/nginx.err;\nevents {{}}\nhttp {{\n  \
         log_format seen '$request_method $request_uri length=$http_content_length \
         encoding=$http_transfer_encoding';\n  access_log off; client_body_temp_path {at}/a; proxy_temp_path {at}/b; \
         fastcgi_temp_path {at}/c; uwsgi_temp_path {at}/d; scgi_temp_path {at}/e; client_max_body_size 0; \
         large_client_header_buffers 8 64k; keepalive_requests 100000;\n  \
         server {{ listen 127.0.0.1:{port}; default_type application/json;\n    \
         location / {{ proxy_pass http://unix:{at}/inner.sock:; }}\n    \
         location /last {{ keepalive_timeout 0; proxy_pass http://unix:{at}/inner.sock:; }} }}\n  \
         server {{ listen unix:{at}/inner.sock; default_type application/json; access_log {at}/seen.log seen; \
         large_client_header_buffers 8 64k;\n    \
         location / {{ return 200 '{{\"tag\":\"$arg_tag\"}}'; }} }}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    Some(run(&program, &["-c", file.to_str().unwrap(), "-g", "daemon off;"], folder, port))
}

/// HAProxy before `origin`, with connections to it kept and shared.
pub fn haproxy(folder: &Path, origin: SocketAddr) -> Option<Peer> {
    let program = program("haproxy")?;
    let port = crate::free_port();
    let configuration = format!(
        "global\n  maxconn 200\n  nbthread 1\n  tune.bufsize 65536\n  tune.http.maxhdr 512\ndefaults\n  mode http\n  \
         timeout connect 5s\n  timeout client 60s\n  timeout server 30s\n  http-reuse always\n\
         frontend front\n  bind 127.0.0.1:{port}\n  default_backend origin\n\
         backend origin\n  server one {origin}\n"
    );
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, configuration).unwrap();
    Some(run(&program, &["-db", "-f", file.to_str().unwrap()], folder, port))
}
