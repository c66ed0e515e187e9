//! nginx, as the upstream of all and as a peer.

use crate::bench::contender::Contender;
use crate::bench::lab::{Lab, OTHER_CORE, PROXY_CORE, free_port};

/// The service behind every proxy: 1 KiB of JSON, whatever is asked; under `/owned` objects with an owner.
pub fn origin(lab: &mut Lab) -> Result<Contender, String> {
    let port = free_port()?;
    let body = "x".repeat(1000);
    let owned = r#"{"id":1,"owner":"bench","note":"a note of some words"}"#;
    let list = [owned; 20].join(",");
    let server = format!(
        "server {{ listen 127.0.0.1:{port} backlog=1024; client_max_body_size 1m; client_body_buffer_size 256k; \
         default_type application/json; location = /owned {{ return 200 '[{list}]'; }} \
         location /owned/ {{ return 200 '{owned}'; }} location / {{ return 200 '{{\"id\":1,\"note\":\"{body}\"}}'; }} }}"
    );
    let settings = Settings { main: "", http: "access_log off;" };
    start(lab, "origin", OTHER_CORE, port, &settings, &server)
}

/// What differs between the forms of the peer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Logged,
    Tls,
    /// Request bodies are read whole before they go on: nginx's default, and with its default room, 16 KiB; what is
    /// longer goes through a file.
    Held,
    /// The same with room for the whole body in memory.
    HeldInMemory,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Logged => "logged",
            Self::Tls => "tls",
            Self::Held => "held",
            Self::HeldInMemory => "held-in-memory",
        }
    }
}

pub fn peer(lab: &mut Lab, form: Form, origin: u16) -> Result<Contender, String> {
    let port = free_port()?;
    let log = match form {
        Form::Logged => format!("access_log {};", lab.path("nginx-access.log")),
        _ => "access_log off;".to_owned(),
    };
    let tls = match form {
        Form::Tls => format!(
            "ssl_certificate {}; ssl_certificate_key {}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:S:1m;",
            lab.path("tls.crt"),
            lab.path("tls.key")
        ),
        _ => String::new(),
    };
    let ssl = if form == Form::Tls { " ssl" } else { "" };
    let room = if form == Form::HeldInMemory { "client_body_buffer_size 256k;" } else { "" };
    let server = format!(
        "upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000; }}\n\
         server {{ listen 127.0.0.1:{port}{ssl} backlog=1024; {tls} client_max_body_size 1m; {room} \
         location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }}"
    );
    let settings = Settings { main: "", http: &log };
    start(lab, form.name(), PROXY_CORE, port, &settings, &server)
}

#[cfg(feature = "waf")]
/// A proxy with libmodsecurity, by its module and a file of rules, or without.
pub fn inspecting(lab: &mut Lab, origin: u16, with: Option<(&str, &str)>) -> Result<Contender, String> {
    let port = free_port()?;
    let (name, module, switch) = match with {
        Some((module, rules)) => (
            "inspecting",
            format!("load_module {module};"),
            format!("modsecurity on; modsecurity_rules_file {rules};"),
        ),
        None => ("uninspecting", String::new(), String::new()),
    };
    let server = format!(
        "upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000; }}\n\
         server {{ listen 127.0.0.1:{port}; {switch} client_max_body_size 1m; client_body_buffer_size 256k; \
         location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }}"
    );
    let settings = Settings { main: &module, http: "access_log off;" };
    start(lab, name, PROXY_CORE, port, &settings, &server)
}

/// Beyond the server itself.
struct Settings<'a> {
    main: &'a str,
    http: &'a str,
}

fn start(
    lab: &mut Lab,
    name: &str,
    core: &str,
    port: u16,
    settings: &Settings<'_>,
    server: &str,
) -> Result<Contender, String> {
    let folder = lab.path(&format!("nginx-{name}"));
    std::fs::create_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))?;
    let Settings { main, http } = settings;
    let text = format!(
        "{main}\nworker_processes 1; worker_rlimit_nofile 20000; pid {folder}/pid; error_log {folder}/error.log;\n\
         events {{ worker_connections 10000; }}\nhttp {{ {http} keepalive_requests 1000000; \
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n{server} }}\n"
    );
    let file = lab.write(&format!("nginx-{name}.conf"), &text)?;
    lab.start(core, "nginx", &["-p", &folder, "-c", &file, "-g", "daemon off;"], port)
}
