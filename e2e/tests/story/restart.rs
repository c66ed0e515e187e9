//! Replacing a gateway that serves: not one connection refused, not one request lost, and nothing happens when the
//! successor fails.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use e2e::attack::frames::Http2;
use e2e::{Answer, eventually};

use crate::Stage;

/// Callers that send without a pause until they are told to stop. None of them ever tries a second time.
pub struct Crowd {
    is_over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    threads: Vec<std::thread::JoinHandle<Vec<String>>>,
    over_http2: std::thread::JoinHandle<usize>,
}

/// What a crowd was answered.
pub struct Answers {
    /// The request ids of those over HTTP/1.
    pub ids: Vec<String>,
    pub over_http2: usize,
}

impl Crowd {
    pub fn gather(address: SocketAddr) -> Self {
        let (is_over, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let caller = |keeps_alive: bool| {
            let (is_over, answered) = (Arc::clone(&is_over), Arc::clone(&answered));
            std::thread::spawn(move || call(address, keeps_alive, &is_over, &answered))
        };
        let threads = [true, true, true, false, false, false].map(caller).into();
        let over_http2 = {
            let (is_over, answered) = (Arc::clone(&is_over), Arc::clone(&answered));
            std::thread::spawn(move || call_over_http2(address, &is_over, &answered))
        };
        Self { is_over, answered, threads, over_http2 }
    }

    pub fn waits_for(&self, more: usize) {
        let target = self.answered.load(Ordering::Relaxed) + more;
        eventually("the crowd is served", || self.answered.load(Ordering::Relaxed) >= target);
    }

    pub fn disperse(self) -> Answers {
        self.is_over.store(true, Ordering::Relaxed);
        let ids =
            self.threads.into_iter().flat_map(|thread| thread.join().expect("a caller was turned away"));
        let ids = ids.collect();
        let over_http2 = self.over_http2.join().expect("the caller over HTTP/2 was turned away");
        Answers { ids, over_http2 }
    }
}

fn call(address: SocketAddr, keeps_alive: bool, is_over: &AtomicBool, answered: &AtomicUsize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut kept: Option<TcpStream> = None;
    while !is_over.load(Ordering::Relaxed) {
        let mut stream = kept.take().unwrap_or_else(|| {
            let stream = TcpStream::connect(address).expect("the connection is taken");
            stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
            stream
        });
        let close = if keeps_alive { "" } else { "Connection: close\r\n" };
        let request = format!("GET /status HTTP/1.1\r\nHost: {address}\r\n{close}\r\n");
        stream.write_all(request.as_bytes()).expect("the request is taken");
        let answer = read(&mut stream).expect("the request is answered");
        assert_eq!(answer.status, 200, "{}", answer.text());
        ids.push(answer.request_id());
        answered.fetch_add(1, Ordering::Relaxed);
        if keeps_alive && answer.header("connection") != Some("close") {
            kept = Some(stream);
        }
    }
    ids
}

/// Stays on a connection until it is told that the other side is leaving, and then asks on another. What was asked before
/// is answered all the same (RFC 9113 section 6.8).
fn call_over_http2(address: SocketAddr, is_over: &AtomicBool, answered: &AtomicUsize) -> usize {
    let (mut count, authority) = (0, address.to_string());
    let mut kept: Option<Http2> = None;
    while !is_over.load(Ordering::Relaxed) {
        let mut connection = kept.take().unwrap_or_else(|| Http2::open(address));
        assert_eq!(connection.get("http", &authority, "/status"), Some(200), "after {count} answers");
        count += 1;
        answered.fetch_add(1, Ordering::Relaxed);
        if !connection.is_leaving() {
            kept = Some(connection);
        }
    }
    count
}

fn read(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
            let status = head.split(' ').nth(1)?.parse().ok()?;
            let answer = Answer { status, head, body: bytes[at + 4..].to_vec() };
            let length: usize = answer.header("content-length")?.parse().ok()?;
            if answer.body.len() == length {
                return Some(answer);
            }
        }
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => bytes.extend(&piece[..count]),
            _ => return None,
        }
    }
}

/// How often each request id is in the records.
fn recorded(folder: &std::path::Path) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for file in std::fs::read_dir(folder.join("state/records")).unwrap().flatten() {
        for line in std::fs::read_to_string(file.path()).unwrap().lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(record.get("lost").is_none(), "{line}");
            *counts.entry(record["request_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn a_gateway_is_replaced_again_and_again_and_no_caller_notices() {
    let mut stage = Stage::set("replaced", "");
    let address = stage.gateway.address;
    let crowd = Crowd::gather(address);
    crowd.waits_for(100);
    let mut leaving = Vec::new();
    for round in 0..6 {
        let limit = format!("limits: [{{ per: address, rate: {}/min }}]\n", 1_000_000 + round);
        stage.gateway.rewrite(&Stage::file(&stage.upstream, &stage.issuer, &limit));
        let before = stage.gateway.replace().expect("the successor takes over");
        assert_eq!(stage.gateway.address, address);
        assert_ne!(stage.gateway.process(), before.process());
        let status = stage.gateway.verb(&["status", "--json"]);
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        leaving.push(before);
        crowd.waits_for(200);
    }
    let Answers { ids, over_http2 } = crowd.disperse();
    assert!(over_http2 > 0);
    for before in leaving {
        assert_eq!(before.ended(), Some(0), "{}", stage.gateway.said());
    }
    stage.gateway.explained(&ids[0], &[]);
    let said = stage.gateway.said();
    assert_eq!(stage.gateway.stop(), Some(0), "{said}");
    let counts = recorded(&stage.folder);
    for id in &ids {
        assert_eq!(counts.get(id), Some(&1), "{id} is recorded once");
    }
    assert_eq!(counts.len(), ids.len() + over_http2, "and so are the {over_http2} over HTTP/2");
}

#[test]
fn a_successor_that_fails_leaves_the_running_gateway_as_it_was() {
    let mut stage = Stage::set("unreplaced", "");
    let process = stage.gateway.process();
    // The file cannot be used; then it can, and what it asks for cannot be had.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = format!("listen: [\"127.0.0.1:0\", \"{}\"]\n", taken.local_addr().unwrap());
    for file in ["apis: 7\n".to_owned(), Stage::file(&stage.upstream, &stage.issuer, &busy)] {
        stage.gateway.rewrite(&file);
        assert!(stage.gateway.replace().is_err(), "{}", stage.gateway.said());
        assert!(stage.gateway.lives());
        assert_eq!(stage.gateway.process(), process);
        assert_eq!(stage.gateway.client().get("/status").status, 200);
    }
    // It can be changed, and replaced, as before.
    stage.gateway.rewrite(&Stage::file(&stage.upstream, &stage.issuer, ""));
    eventually("it can be changed again", || stage.gateway.verb(&["reload"]).status.success());
    let before = stage.gateway.replace().expect("the successor takes over");
    assert_eq!(before.ended(), Some(0));
    assert_eq!(stage.gateway.client().get("/status").status, 200);
}

#[test]
fn a_replacement_gives_nobody_a_fresh_quota() {
    let mut stage = Stage::set("quota", "limits: [{ per: address, rate: 4/h, burst: 4 }]\n");
    let client = stage.gateway.client();
    for _ in 0..3 {
        assert_eq!(client.get("/status").status, 200);
    }
    let before = stage.gateway.replace().expect("the successor takes over");
    assert_eq!(client.get("/status").status, 200);
    assert_eq!(client.get("/status").status, 429, "{}", stage.gateway.said());
    assert_eq!(before.ended(), Some(0));
}

/// Speaks like a successor, up to a point.
struct Impostor {
    stream: std::os::unix::net::UnixStream,
}

impl Impostor {
    fn says(&mut self, line: &str) -> String {
        self.stream.write_all(format!("{line}\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while self.stream.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
            answer.push(byte[0]);
        }
        String::from_utf8(answer).unwrap()
    }
}

#[test]
fn a_successor_that_dies_at_any_step_is_survived() {
    let mut stage = Stage::set("dying-successor", "");
    let socket = stage.folder.join("state/admin.sock");
    for steps in 1..=3 {
        let stream = std::os::unix::net::UnixStream::connect(&socket).unwrap();
        let mut impostor = Impostor { stream };
        let answer = impostor.says(r#"{"ask":"hand_over"}"#);
        assert!(answer.contains("\"sockets\""), "{answer}");
        assert!(stage.gateway.replace().is_err(), "there is one successor at a time");
        if steps >= 2 {
            let answer = impostor.says(r#"{"ready":1}"#);
            assert!(answer.contains("\"go\":true"), "{answer}");
        }
        if steps == 3 {
            // It has taken the name of the socket, and leaves it behind.
            std::fs::remove_file(&socket).unwrap();
            drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        }
        drop(impostor);
        eventually("the gateway can be asked and changed again", || {
            stage.gateway.verb(&["status"]).status.success()
                && stage.gateway.verb(&["reload"]).status.success()
        });
        assert!(stage.gateway.lives());
        assert_eq!(stage.gateway.client().get("/status").status, 200);
    }
    let before = stage.gateway.replace().expect("a real successor takes over");
    assert_eq!(before.ended(), Some(0));
    assert_eq!(stage.gateway.client().get("/status").status, 200);
}

#[test]
fn a_signal_starts_the_successor() {
    let stage = Stage::set("signalled", &format!("listen: \"127.0.0.1:{}\"\n", e2e::free_port()));
    let process = stage.gateway.process();
    std::process::Command::new("kill").args(["-USR2", &process.to_string()]).status().unwrap();
    eventually("it has taken over", || stage.gateway.said().contains("has taken over"));
    let said = stage.gateway.said();
    let successor =
        said.split("process ").filter_map(|rest| rest.split([' ', '\n']).next()?.parse::<u32>().ok());
    let successor = successor.filter(|id| *id != process).last().expect("its id is told");
    assert_eq!(stage.gateway.client().get("/status").status, 200);
    std::process::Command::new("kill").arg(successor.to_string()).status().unwrap();
    eventually("it is gone", || std::net::TcpStream::connect(stage.gateway.address).is_err());
}
