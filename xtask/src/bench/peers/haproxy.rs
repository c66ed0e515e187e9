//! HAProxy with one thread, in HTTP mode.

use crate::bench::contender::Contender;
use crate::bench::lab::{Lab, PROXY_CORE, free_port};

pub fn peer(lab: &mut Lab, tls: bool, origin: u16) -> Result<Contender, String> {
    let port = free_port()?;
    let bind = if tls { format!(" ssl crt {} alpn http/1.1", lab.path("tls.pem")) } else { String::new() };
    let text = format!(
        "global\n  nbthread 1\n  maxconn 4000\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  \
         timeout server 60s\n  http-reuse always\nfrontend f\n  bind 127.0.0.1:{port}{bind}\n  default_backend b\n\
         backend b\n  server s 127.0.0.1:{origin}\n"
    );
    let file = lab.write(&format!("haproxy-{port}.cfg"), &text)?;
    lab.start(PROXY_CORE, "haproxy", &["-db", "-f", &file], port)
}
