//! The corpus of smuggled and malformed requests: each is refused, or reaches the service as exactly what its case says,
//! and whoever comes next gets their own answer. Told before four services: one that knows only one form of HTTP and
//! keeps every byte, one that takes anything, nginx, and HAProxy.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use e2e::Gateway;
use e2e::attack::corpus::{self, Case};
use e2e::attack::peers::{self, Peer};
use e2e::attack::strict::{self, Kind, Message};
use e2e::attack::{Log, Naive, Recorder};

const KEYS: &[&str] = &["source", "why", "expect", "upstream", "with", "without", "to"];
/// Refusals after which nothing that follows on the connection may be read.
const OF_THE_WIRE: &[&str] = &[
    "request_malformed",
    "host_invalid",
    "head_too_large",
    "target_too_long",
    "version_unsupported",
    "upgrade_refused",
];

/// Who stands behind the gateway.
pub(crate) enum Behind {
    Strict(Log),
    Nginx(Peer),
}

pub(crate) fn gateway(folder: &Path, upstream: SocketAddr, extra: &str) -> Gateway {
    std::fs::copy(e2e::root().join("e2e/corpus/api.yaml"), folder.join("api.yaml")).unwrap();
    let file = format!("apis: {{ corpus: {{ spec: api.yaml, upstream: \"http://{upstream}\" }} }}\n{extra}");
    Gateway::start(folder, &file)
}

const TIMES: &str = "timeouts: { head: 30s, body: 30s, idle: 60s, upstream_head: 60s, upstream_body: 60s }\n";

#[test]
fn the_corpus_is_large_and_names_its_sources() {
    let cases = corpus::read("requests", KEYS);
    assert!(cases.len() >= 150, "{} cases", cases.len());
    let refused = cases.iter().filter(|case| case.all("upstream").is_empty()).count();
    assert!(refused > 80 && cases.len() - refused > 30, "{refused} of {} are refused", cases.len());
}

#[test]
fn before_a_recorder_every_byte_is_accounted_for() {
    let folder = e2e::folder("corpus-recorder");
    let recorder = Recorder::start();
    let gateway = gateway(&folder, recorder.address, TIMES);
    let behind = Behind::Strict(recorder.log);
    let reused = run_all(&gateway, &behind, "recorder", &[usize::MAX, 5]);
    assert!(reused > 20, "only {reused} honest requests followed on the same connection");
}

#[test]
fn before_a_server_that_takes_anything_nothing_is_smuggled() {
    let folder = e2e::folder("corpus-naive");
    let naive = Naive::start();
    let gateway = gateway(&folder, naive.address, TIMES);
    run_all(&gateway, &Behind::Strict(naive.log), "naive", &[usize::MAX]);
}

#[test]
fn before_nginx_nothing_is_smuggled() {
    let folder = e2e::folder("corpus-nginx");
    let Some(nginx) = peers::nginx(&folder) else { return };
    let gateway = gateway(&folder, nginx.address, TIMES);
    run_all(&gateway, &Behind::Nginx(nginx), "nginx", &[usize::MAX]);
}

#[test]
fn before_haproxy_nothing_is_smuggled() {
    let folder = e2e::folder("corpus-haproxy");
    let origin = Recorder::start();
    let Some(haproxy) = peers::haproxy(&folder, origin.address) else { return };
    let gateway = gateway(&folder, haproxy.address, TIMES);
    run_all(&gateway, &Behind::Strict(origin.log), "haproxy", &[usize::MAX]);
}

/// Every case, in pieces of each of these sizes; how often an honest request used the case's connection after it.
fn run_all(gateway: &Gateway, behind: &Behind, name: &str, pieces: &[usize]) -> usize {
    let (mut table, mut reused) = (Vec::new(), 0);
    for case in corpus::read("requests", KEYS) {
        for piece in pieces {
            let bytes = case.bytes();
            if bytes.len() > 4096 && *piece < bytes.len() {
                continue;
            }
            match run(gateway.address, behind, &case, &bytes, *piece) {
                Ok(same) => reused += usize::from(same),
                Err(fault) => table.push((case.name.clone(), fault)),
            }
        }
    }
    report(name, &table);
    reused
}

pub(crate) fn report(name: &str, table: &[(String, String)]) {
    let rows: Vec<String> = table.iter().map(|(case, fault)| format!("{case:40} {fault}")).collect();
    assert!(rows.is_empty(), "{name}: {} went otherwise\n{}", rows.len(), rows.join("\n"));
}

fn run(to: SocketAddr, behind: &Behind, case: &Case, bytes: &[u8], piece: usize) -> Result<bool, String> {
    let mark = behind.mark();
    let outcome = outcome(&talk(to, bytes, piece)?, case.one("to") == Some("HEAD"))?;
    let expected = case.all("expect");
    if outcome != expected {
        return Err(format!("{outcome:?} instead of {expected:?}"));
    }
    // The first honest request takes the connection that the case used, and is the last on it.
    honest(to, "/last")?;
    let tag = honest(to, "/status")?;
    behind.judge(mark, case, &tag)
}

/// Sends a request of its own and gets its own answer.
pub(crate) fn honest(to: SocketAddr, path: &str) -> Result<String, String> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let tag = format!("honest-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let text = format!("GET {path}?tag={tag} HTTP/1.1\r\nHost: honest\r\n\r\n");
    let got = String::from_utf8_lossy(&talk(to, text.as_bytes(), usize::MAX)?).into_owned();
    if got.starts_with("HTTP/1.1 200 ") && got.ends_with(&format!("{{\"tag\":\"{tag}\"}}")) {
        Ok(tag)
    } else {
        Err(format!("an honest request got {:?}", corpus::show(got.as_bytes())))
    }
}

/// Everything that comes back until the end of the connection, after the client has said that it sends no more.
pub(crate) fn talk(to: SocketAddr, bytes: &[u8], piece: usize) -> Result<Vec<u8>, String> {
    let mut stream = TcpStream::connect(to).map_err(|fault| fault.to_string())?;
    stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    for part in bytes.chunks(piece.min(bytes.len().max(1))) {
        if stream.write_all(part).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut got = Vec::new();
    match stream.read_to_end(&mut got) {
        Err(fault) if fault.kind() == std::io::ErrorKind::WouldBlock => {
            Err(format!("the connection stays open after {:?}", corpus::show(&got)))
        }
        _ => Ok(got),
    }
}

/// `forwarded`, `refused STATUS CODE`, `interim STATUS`: one for each answer.
pub(crate) fn outcome(got: &[u8], to_head: bool) -> Result<Vec<String>, String> {
    let (mut rest, mut outcome) = (got.to_vec(), Vec::new());
    while !rest.is_empty() {
        let message = strict::take(&mut rest, Kind::Response { to_head }, true)?;
        let Some(message) = message else { return Err(format!("half an answer: {:?}", corpus::show(&rest))) };
        outcome.push(told(&message));
        let code = outcome.last().unwrap().rsplit(' ').next().unwrap_or_default().to_owned();
        let closes = message.header("connection") == Some("close");
        if OF_THE_WIRE.contains(&code.as_str()) && (!closes || !rest.is_empty()) {
            return Err(format!("{code} does not end the connection: {:?}", corpus::show(&rest)));
        }
    }
    if outcome.is_empty() {
        outcome.push("closed".to_owned());
    }
    Ok(outcome)
}

pub(crate) fn told(message: &Message) -> String {
    let status = message.word(1);
    match serde_json::from_slice::<serde_json::Value>(&message.body) {
        Ok(problem) if problem.get("code").is_some() => {
            format!("refused {status} {}", problem["code"].as_str().unwrap_or_default())
        }
        _ if status.starts_with('1') => format!("interim {status}"),
        _ if status == "200" => "forwarded".to_owned(),
        _ => format!("answered {status}"),
    }
}

impl Behind {
    pub(crate) fn mark(&self) -> usize {
        match self {
            Self::Strict(log) => log.len(),
            Self::Nginx(peer) => peer.logged().len(),
        }
    }

    /// What reached the service is what the case says; `true` when the honest request came on the case's connection.
    pub(crate) fn judge(&self, mark: usize, case: &Case, tag: &str) -> Result<bool, String> {
        match self {
            Self::Strict(log) => judge_strict(log, mark, case),
            Self::Nginx(peer) => {
                e2e::eventually("nginx writes down", || {
                    peer.logged().iter().skip(mark).any(|line| line.contains(tag))
                });
                let seen: Vec<String> = peer
                    .logged()
                    .into_iter()
                    .skip(mark)
                    .filter(|line| !line.contains("tag=honest-"))
                    .collect();
                let expected: Vec<String> = case.all("upstream").into_iter().map(as_nginx_says).collect();
                if seen == expected {
                    Ok(false)
                } else {
                    Err(format!("nginx saw {seen:?}, not {expected:?}"))
                }
            }
        }
    }
}

fn judge_strict(log: &Log, mark: usize, case: &Case) -> Result<bool, String> {
    let (honest, seen): (Vec<_>, Vec<_>) =
        log.since(mark).into_iter().partition(|entry| entry.shape.contains("tag=honest-"));
    let shapes: Vec<&str> = seen.iter().map(|entry| entry.shape.as_str()).collect();
    let expected = case.all("upstream");
    if shapes != expected {
        return Err(format!("the service saw {shapes:?}, not {expected:?}"));
    }
    let fields: Vec<String> = seen
        .iter()
        .flat_map(|entry| &entry.headers)
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .collect();
    for with in case.all("with").into_iter().filter(|_| !fields.is_empty()) {
        if !fields.iter().any(|field| field == with) {
            return Err(format!("the service did not see `{with}` but {fields:?}"));
        }
    }
    for without in case.all("without") {
        if fields.iter().any(|field| field.contains(without)) {
            return Err(format!("the service saw `{without}`: {fields:?}"));
        }
    }
    let last = seen.last().map(|entry| entry.connection);
    Ok(last.is_some() && honest.first().map(|entry| entry.connection) == last)
}

fn as_nginx_says(shape: &str) -> String {
    let words: Vec<&str> = shape.split(' ').collect();
    let length = if words[2] == "none" { "-" } else { words[3] };
    format!("{} {} length={length} encoding=-", words[0], words[1])
}
