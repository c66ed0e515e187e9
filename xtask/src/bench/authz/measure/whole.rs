//! The whole program before a service: how often the service is asked for one request, and what the check of objects
//! costs where the answer is known already.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Figure;
use crate::bench::files::{JWKS, TOKEN};
use crate::bench::lab::free_port;
use crate::bench::statistics::median;
use crate::shell;

const REQUESTS: usize = 2_000;
/// How long the program may take to begin.
const START_MAX: Duration = Duration::from_secs(20);

/// Operation, method and path of a case, and its figures: calls for a request, and microseconds of the check.
const CASES: [(&str, &str, &str, &str); 4] = [
    ("claimed", "GET", "/claimed/bench", "calls of the service: read, by a claim"),
    ("produced", "GET", "/produced/7", "calls of the service: read, in the caller's list, kept 60 s"),
    ("resolved", "GET", "/resolved/7", "calls of the service: read, asked of the object each second"),
    ("written", "PUT", "/resolved/7", "calls of the service: write, asked of the object first"),
];

const DESCRIPTION: &str = r##"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: [{ bearerAuth: [] }]
paths:
  /orders: { get: { operationId: listOrders, responses: { "200": { $ref: "#/components/responses/any" } } } }
  /claimed/{id}: { get: { operationId: claimed, parameters: [{ $ref: "#/components/parameters/id" }], responses: { "200": { $ref: "#/components/responses/any" } } } }
  /produced/{id}: { get: { operationId: produced, parameters: [{ $ref: "#/components/parameters/id" }], responses: { "200": { $ref: "#/components/responses/any" } } } }
  /resolved/{id}:
    parameters: [{ $ref: "#/components/parameters/id" }]
    get: { operationId: resolved, responses: { "200": { $ref: "#/components/responses/any" } } }
    put: { operationId: written, requestBody: { content: { application/json: { schema: { type: object } } } }, responses: { "200": { $ref: "#/components/responses/any" } } }
  /shown/{id}: { get: { operationId: shown, parameters: [{ $ref: "#/components/parameters/id" }], responses: { "200": { $ref: "#/components/responses/any" } } } }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
  parameters: { id: { name: id, in: path, required: true, schema: { type: string } } }
  responses: { any: { description: ok, content: { application/json: { schema: {} } } } }
"##;

const BINDINGS: &str = r"version: 1
tenants: single
resources:
  Order:
    owner: { property: $.owner }
    producers: [{ operation: listOrders, cache: 60s }]
    resolver: { operation: shown, id: path.id }
operations:
  listOrders: { action: list, list: { type: Order } }
  claimed: { object: { type: Order, id: path.id }, evidence: [{ claim: sub }] }
  produced: { object: { type: Order, id: path.id }, evidence: [producer] }
  resolved: { object: { type: Order, id: path.id }, evidence: [resolver] }
  written: { object: { type: Order, id: path.id }, evidence: [resolver] }
  shown: { object: { type: Order, id: path.id }, evidence: [response] }
";

pub(super) fn run(figures: &mut Vec<Figure>) -> Result<(), String> {
    let program = shell::bartizan("release");
    shell::run("cargo", &["build", "--quiet", "--release", "--locked", "--package", "bartizan"])?;
    let calls = Arc::new(AtomicUsize::new(0));
    let service = service(&calls)?;
    let folder = std::env::temp_dir().join(format!("bartizan-authz-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let measured = measure(&program, &folder, service, &calls, figures);
    let _ = fs::remove_dir_all(&folder);
    measured
}

fn measure(
    program: &str,
    folder: &std::path::Path,
    service: u16,
    calls: &AtomicUsize,
    figures: &mut Vec<Figure>,
) -> Result<(), String> {
    let port = free_port()?;
    let file = format!(
        "version: 1\nlisten: 127.0.0.1:{port}\nadmin: {{ address: 127.0.0.1:0 }}\nstate_dir: state\napis:\n  orders:\n    \
         spec: orders.yaml\n    upstream: http://127.0.0.1:{service}\n    identity: {{ forward_credential: true }}\n    \
         authorization: {{ bindings: bindings.yaml }}\nauth:\n  bearerAuth: {{ issuer: \"https://bench.test/\", audience: \
         orders, jwks: jwks.json }}\n"
    );
    for (name, text) in [
        ("bartizan.yaml", &*file),
        ("orders.yaml", DESCRIPTION),
        ("bindings.yaml", BINDINGS),
        ("jwks.json", JWKS),
    ] {
        fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    let _gateway = Gateway::start(program, folder, port)?;
    for (_, method, path, figure) in CASES {
        let before = calls.load(Ordering::SeqCst);
        ask(port, method, path)?;
        // The request itself is no call beside it.
        let beside = (calls.load(Ordering::SeqCst) - before) as f64 / REQUESTS as f64 - 1.0;
        figures.push(Figure { name: figure, value: beside, unit: "", goal: f64::NAN });
    }
    let hit = cost(folder, "produced")? - cost(folder, "claimed")?;
    figures.push(Figure { name: "producer cache hit, beside a claim", value: hit, unit: "us", goal: 5.0 });
    Ok(())
}

/// The program, which ends with this.
struct Gateway(Child);

impl Gateway {
    fn start(program: &str, folder: &std::path::Path, port: u16) -> Result<Self, String> {
        let child = Command::new(program)
            .arg("serve")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let gateway = Self(child);
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > START_MAX {
                return Err(format!("{program} does not listen"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(gateway)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request after another on one connection; each has to be answered well.
fn ask(port: u16, method: &str, path: &str) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{path}: {error}");
    let stream = TcpStream::connect(("127.0.0.1", port)).map_err(fault)?;
    stream.set_nodelay(true).map_err(fault)?;
    let mut reader = BufReader::new(stream.try_clone().map_err(fault)?);
    let body = if method == "PUT" { "{\"note\":\"n\"}" } else { "" };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..REQUESTS {
        (&stream).write_all(request.as_bytes()).map_err(fault)?;
        let (line, length) = head(&mut reader).ok_or_else(|| format!("{path}: no answer"))?;
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).map_err(fault)?;
        if !line.starts_with("HTTP/1.1 200") {
            return Err(format!("{path}: {} {}", line.trim(), String::from_utf8_lossy(&answer)));
        }
    }
    Ok(())
}

/// The first line, and the length of the body.
fn head(reader: &mut impl BufRead) -> Option<(String, usize)> {
    let mut first = String::new();
    (reader.read_line(&mut first).ok()? > 0).then_some(())?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            return Some((first, length));
        }
        if let Some(("content-length", value)) =
            line.to_ascii_lowercase().split_once(':').map(|(name, value)| (name.trim(), value.trim()))
        {
            length = value.parse().ok()?;
        }
    }
}

/// Median of what the check of objects took, in microseconds, by the records of an operation.
fn cost(folder: &std::path::Path, operation: &str) -> Result<f64, String> {
    // The last records are written a moment after their answers.
    std::thread::sleep(Duration::from_secs(2));
    let files = fs::read_dir(folder.join("state/records")).map_err(|error| format!("records: {error}"))?;
    let mut costs = Vec::new();
    for file in files.flatten() {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let records = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of = |value: &Value, name: &str, said: &str| value.get(name).is_some_and(|value| value == said);
        for record in records.filter(|record| of(record, "operation", operation)) {
            let checks = record.get("checks").and_then(Value::as_array).into_iter().flatten();
            let check = checks.into_iter().find(|check| of(check, "name", "object_access"));
            costs.extend(check.and_then(|check| check.get("duration_ns")?.as_f64()).map(|ns| ns / 1e3));
        }
    }
    if costs.len() < REQUESTS / 2 {
        return Err(format!("only {} records of {operation}", costs.len()));
    }
    Ok(median(costs))
}

/// A service of the caller's hundred orders; it counts what it is asked.
fn service(calls: &Arc<AtomicUsize>) -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let calls = Arc::clone(calls);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let calls = Arc::clone(&calls);
            std::thread::spawn(move || serve(&stream, &calls));
        }
    });
    Ok(port)
}

fn serve(stream: &TcpStream, calls: &AtomicUsize) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let order = |id: &str| format!(r#"{{"id":"{id}","owner":"bench","note":"a note of some words"}}"#);
    while let Some((line, length)) = head(&mut reader) {
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        calls.fetch_add(1, Ordering::SeqCst);
        let path = line.split(' ').nth(1).unwrap_or_default();
        let answer = match path.rsplit('/').next() {
            Some("orders") => {
                let orders: Vec<String> = (0..100).map(|id| order(&id.to_string())).collect();
                format!("[{}]", orders.join(","))
            }
            id => order(id.unwrap_or_default()),
        };
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        );
        if (&mut &*stream).write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}
