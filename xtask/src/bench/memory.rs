//! What a connection costs while nothing happens on it, and the whole process under load.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde::Serialize;

use super::cases::Case;
use super::load;

const CASES: &[&str] = &["nginx plain", "bartizan plain", "haproxy plain", "bartizan guarded 1k"];
const CONNECTIONS: u32 = 500;

#[derive(Debug, Clone, Serialize)]
pub struct Memory {
    pub name: &'static str,
    /// Resident memory of all processes of the contender at the end of a round of load.
    pub loaded_mib: f64,
    /// Resident memory for each of 500 connections that have had one request each and then wait.
    pub idle_connection_kib: f64,
}

pub fn measure(cases: &[Case]) -> Result<Vec<Memory>, String> {
    let mut measured = Vec::new();
    for case in cases.iter().filter(|case| CASES.contains(&case.name)) {
        load::run(&case.load, &case.contender, load::ROUND_S)?;
        let loaded_kib = case.contender.resident_kib()?;
        let before = case.contender.resident_kib()?;
        let connections = idle_connections(case.contender.port)?;
        let after = case.contender.resident_kib()?;
        drop(connections);
        measured.push(Memory {
            name: case.name,
            loaded_mib: loaded_kib / 1024.0,
            idle_connection_kib: (after - before) / f64::from(CONNECTIONS),
        });
    }
    Ok(measured)
}

/// Opens the connections one after the other; each has one answered request behind it, whatever the answer.
fn idle_connections(port: u16) -> Result<Vec<TcpStream>, String> {
    let trouble = |error: std::io::Error| format!("an idle connection: {error}");
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(trouble)?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(trouble)?;
        stream.write_all(b"GET /orders/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").map_err(trouble)?;
        let mut buffer = [0; 4096];
        if stream.read(&mut buffer).map_err(trouble)? == 0 {
            return Err("an idle connection was closed without an answer".to_owned());
        }
        connections.push(stream);
    }
    Ok(connections)
}
