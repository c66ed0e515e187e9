//! HAProxy with one thread, in HTTP mode.

use crate::bench::contender::Contender;
use crate::bench::lab::{Lab, PROXY_CORE, free_port};

/// What differs between the forms of the peer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Tls,
    /// Request bodies are read whole before they go on, in buffers that have room for them.
    Held,
}

pub fn peer(lab: &mut Lab, form: Form, origin: u16) -> Result<Contender, String> {
    let port = free_port()?;
    let bind = match form {
        Form::Tls => format!(" ssl crt {} alpn http/1.1", lab.path("tls.pem")),
        Form::Plain | Form::Held => String::new(),
    };
    let (room, held) = match form {
        Form::Held => ("  tune.bufsize 131072\n", "  option http-buffer-request\n"),
        Form::Plain | Form::Tls => ("", ""),
    };
    let text = format!(
        "global\n  nbthread 1\n  maxconn 4000\n{room}defaults\n  mode http\n{held}  timeout connect 5s\n  \
         timeout client 60s\n  timeout server 60s\n  timeout http-request 60s\n  http-reuse always\n\
         frontend f\n  bind 127.0.0.1:{port}{bind}\n  default_backend b\nbackend b\n  server s 127.0.0.1:{origin}\n"
    );
    let file = lab.write(&format!("haproxy-{port}.cfg"), &text)?;
    lab.start(PROXY_CORE, "haproxy", &["-db", "-f", &file], port)
}
