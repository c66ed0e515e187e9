//! Clients and servers of others: curl over HTTP/1.1 and HTTP/2, nginx as the service.

use std::path::Path;
use std::process::Command;

use e2e::{Gateway, Issuer};

use crate::{ORDERS, Stage};

fn curl(arguments: &[&str]) -> Option<String> {
    let output = Command::new("curl").args(["-s", "--max-time", "120"]).args(arguments).output();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("skipped: curl is not installed");
            None
        }
    }
}

#[test]
fn curl_is_served_over_both_versions() {
    let stage = Stage::set("curl", "");
    let url = format!("http://{}/orders/1", stage.gateway.address);
    let bearer = format!("Authorization: Bearer {}", stage.token());
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let Some(said) = curl(&[version, "-w", " %{http_version} %{http_code}", "-H", &bearer, &url]) else {
            return;
        };
        let expected = if version == "--http1.1" { " 1.1 200" } else { " 2 200" };
        assert!(said.ends_with(expected), "{version}: {said}");
    }
}

#[test]
fn a_problem_is_the_same_over_http2() {
    let stage = Stage::set("curl-problem", "");
    let url = format!("http://{}/orders/0", stage.gateway.address);
    let bearer = format!("Authorization: Bearer {}", stage.token());
    let Some(said) = curl(&["--http2-prior-knowledge", "-H", &bearer, &url]) else { return };
    let problem: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(problem["code"], "parameter_invalid");
}

/// nginx, ended when dropped.
pub(crate) struct Nginx {
    child: std::process::Child,
    pub(crate) port: u16,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn nginx(folder: &Path) -> Option<Nginx> {
    nginx_with(folder, |port, _| {
        format!(
            "server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; \
             return 200 '{{\"host\":\"$host\",\"uri\":\"$request_uri\",\"subject\":\"$http_bartizan_subject\"}}'; }} }}"
        )
    })
}

/// `server`: its `server` block, from the port and the folder.
pub(crate) fn nginx_with(folder: &Path, server: impl Fn(u16, String) -> String) -> Option<Nginx> {
    let port = e2e::free_port();
    let server = server(port, folder.display().to_string());
    let at = folder.display();
    let configuration = format!(
        "worker_processes 1; pid {at}/nginx.pid; error_log {at}/nginx.err;\nevents {{}}\nhttp {{ access_log off; \
         client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c; uwsgi_temp_path {at}/d; \
         scgi_temp_path {at}/e; {server} }}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let program = if Path::new("/usr/sbin/nginx").is_file() { "/usr/sbin/nginx" } else { "nginx" };
    let started = Command::new(program).args(["-c", file.to_str().unwrap(), "-g", "daemon off;"]).spawn();
    let Ok(child) = started else {
        eprintln!("skipped: nginx is not installed");
        return None;
    };
    let nginx = Nginx { child, port };
    e2e::eventually("nginx listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    Some(nginx)
}

#[test]
fn nginx_is_served_through_and_told_who_calls() {
    let folder = e2e::folder("nginx");
    let Some(nginx) = nginx(&folder) else { return };
    let port = nginx.port;
    let issuer = Issuer::start();
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let file = format!(
        "apis:\n  orders:\n    spec: orders.yaml\n    upstream: http://127.0.0.1:{port}\nauth:\n  bearerAuth:\n    issuer: {}\n    \
         audience: orders-api\n",
        issuer.url
    );
    let gateway = Gateway::start(&folder, &file);
    let client = gateway.client_with(&issuer.token("alice", "orders-api", "orders.read"));
    for _ in 0..20 {
        let answer = client.get("/%6frders/7");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["uri"], "/orders/7");
        assert_eq!(answer.json()["subject"], "alice");
    }
}
