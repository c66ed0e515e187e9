//! A machine that runs out of file descriptors or disk, a process that is killed, and a clock that jumps.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::attack::Recorder;
use e2e::{Client, Gateway, Issuer};

use crate::attack_corpus::{gateway, honest};
use crate::{ORDERS, Stage};

const FILE_TIMES: &str = "timeouts: { head: 2s, body: 2s, idle: 4s, upstream_head: 5s, upstream_body: 5s }\n";

/// The program, begun by a shell that first does something; `$0` is the program.
fn through(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{script}; exec \"$0\" \"$@\"")]).arg(e2e::program());
    command
}

fn text(folder: &Path, upstream: &Recorder, extra: &str) -> String {
    std::fs::copy(e2e::root().join("e2e/corpus/api.yaml"), folder.join("api.yaml")).unwrap();
    format!(
        "apis: {{ corpus: {{ spec: api.yaml, upstream: \"http://{}\" }} }}\n{FILE_TIMES}{extra}",
        upstream.address
    )
}

/// Clients wait for a descriptor or give theirs up, and whoever is served gets the answer: no service is out of reach for
/// want of one. When there are descriptors again all is well.
#[test]
fn without_file_descriptors_clients_wait_and_none_is_told_that_its_service_is_gone() {
    let folder = e2e::folder("descriptors");
    let upstream = Recorder::start();
    let gateway = Gateway::start_as(&folder, &text(&folder, &upstream, ""), through("ulimit -n 64"));
    honest(gateway.address, "/last").unwrap();
    let connect = || TcpStream::connect(gateway.address).unwrap();
    let mut held: Vec<TcpStream> = (0..100).map(|_| connect()).collect();
    for number in 0..40 {
        let mut stream = connect();
        let _ = stream.write_all(format!("GET /status?tag={number} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        held.insert(number, stream);
    }
    held.extend((0..60).map(|_| connect()));
    for (number, stream) in held.iter_mut().enumerate().take(40) {
        stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
        let mut piece = [0; 4096];
        let read = std::io::Read::read(stream, &mut piece).unwrap_or_default();
        let got = String::from_utf8_lossy(&piece[..read]).into_owned();
        let own = got.starts_with("HTTP/1.1 200 ") && got.ends_with(&format!("{{\"tag\":\"{number}\"}}"));
        // Clients have at most half of the descriptors: there is always one to ask the service with.
        // Those who idle make room, and not those who have asked.
        assert!(own, "request {number}: `{got}`");
    }
    let status = gateway.verb(&["status"]);
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    let max = status.split("open of at most ").nth(1).and_then(|rest| rest.split([';', '\n']).next());
    let max: usize = max.unwrap().trim().parse().unwrap();
    assert!((1..32).contains(&max), "{status}");
    // While all descriptors are held: new clients are served as others time out.
    e2e::eventually("the held connections are timed out and others served", || {
        honest(gateway.address, "/status").is_ok()
    });
    drop(held);
    for _ in 0..10 {
        honest(gateway.address, "/status").unwrap();
    }
}

fn metric(gateway: &Gateway, state: &Path, name: &str) -> f64 {
    let token = std::fs::read_to_string(state.join("admin.token")).unwrap();
    let text = Client::with_token(gateway.admin, token.trim()).get("/metrics").text();
    let lines = text.lines().filter(|line| line.starts_with(name));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// Records have nowhere to go: they are lost and counted, requests are not, and with room again they are kept again.
#[test]
fn a_full_disk_loses_records_and_counts_them_but_no_request() {
    let folder = e2e::folder("disk");
    std::fs::create_dir(folder.join("state")).unwrap();
    let upstream = Recorder::start();
    let mounts = Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|status| status.success());
    let command = if mounts {
        let mut command = Command::new("unshare");
        let script = "mount -t tmpfs -o size=384k,mode=700 tmpfs state && exec \"$0\" \"$@\"";
        command.args(["-m", "sh", "-c", script]).arg(e2e::program());
        command
    } else {
        eprintln!("no mounting here: a bound on the size of files stands for the full disk");
        through("trap '' XFSZ; ulimit -f 64")
    };
    let gateway = Gateway::start_as(&folder, &text(&folder, &upstream, ""), command);
    // The process's own view of its folder, whatever is mounted there.
    let state = PathBuf::from(format!("/proc/{}/root", gateway.process()))
        .join(folder.join("state").strip_prefix("/").unwrap());
    for _ in 0..1500 {
        honest(gateway.address, "/status").unwrap();
    }
    e2e::eventually("lost records are counted", || {
        metric(&gateway, &state, "bartizan_records_lost_total") > 0.0
    });
    e2e::eventually("the log says that records are lost", || {
        gateway.said().contains("records are being lost")
    });
    assert_eq!(Client::new(gateway.admin).get("/healthz").status, 200);
    if mounts {
        let records = state.join("records");
        for file in std::fs::read_dir(&records).unwrap().flatten() {
            // As an operator would: the space is free at once, whoever has the file open.
            std::fs::OpenOptions::new().write(true).open(file.path()).unwrap().set_len(0).unwrap();
        }
        e2e::eventually("records are kept again", || {
            let id = gateway.client().get("/status").request_id();
            std::thread::sleep(Duration::from_millis(100));
            let files = std::fs::read_dir(&records).unwrap().flatten();
            files
                .filter_map(|file| std::fs::read(file.path()).ok())
                .any(|bytes| bytes.windows(id.len()).any(|window| window == id.as_bytes()))
        });
        e2e::eventually("the log says that they are kept", || {
            gateway.said().contains("records are kept again")
        });
    }
    honest(gateway.address, "/status").unwrap();
}

/// SIGKILL in the middle of everything, and a last record that was half written.
#[test]
fn after_kill_9_records_are_found_and_a_torn_one_harms_nobody() {
    let folder = e2e::folder("killed");
    let upstream = Recorder::start();
    let file = text(&folder, &upstream, "");
    let gateway = Gateway::start(&folder, &file);
    let ids: Vec<String> = (0..50).map(|_| gateway.client().get("/status?x=1").request_id()).collect();
    let records = folder.join("state/records");
    let all = || -> Vec<u8> {
        let files = std::fs::read_dir(&records).unwrap().flatten();
        files.flat_map(|file| std::fs::read(file.path()).unwrap_or_default()).collect()
    };
    let last = ids.last().unwrap().clone();
    e2e::eventually("the last record is written", || String::from_utf8_lossy(&all()).contains(&last));
    gateway.kill();
    let newest = std::fs::read_dir(&records).unwrap().flatten().map(|file| file.path()).max().unwrap();
    let mut torn = std::fs::OpenOptions::new().append(true).open(&newest).unwrap();
    torn.write_all(b"{\"version\":1,\"request_id\":\"01").unwrap();
    drop(torn);
    let gateway = Gateway::start(&folder, &file);
    let explained = |id: &str| gateway.verb(&["explain", "--request-id", id]).status.code() == Some(0);
    for id in [&ids[0], &ids[25], &ids[49]] {
        assert!(explained(id), "the record of {id} is lost");
    }
    let id = gateway.client().get("/status?x=1").request_id();
    e2e::eventually("a record after the restart is found", || explained(&id));
    assert!(explained(&ids[49]), "the record before the torn one");
    honest(gateway.address, "/status").unwrap();
}

/// A client of a gateway that is killed sees its connection end, and never half an answer that looks whole.
#[test]
fn a_kill_in_the_middle_of_an_answer_is_visible() {
    let folder = e2e::folder("killed-within");
    let upstream = e2e::Server::start(|_| e2e::Reply {
        status: 200,
        headers: vec![("Content-Type".into(), "text/plain".into())],
        body: vec![b'a'; 64 << 20],
    });
    let gateway = gateway(&folder, upstream.address, FILE_TIMES);
    let mut stream = TcpStream::connect(gateway.address).unwrap();
    stream.write_all(b"GET /status HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut first = [0; 1000];
    std::io::Read::read_exact(&mut stream, &mut first).unwrap();
    gateway.kill();
    let mut rest = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut rest);
    assert!(first.starts_with(b"HTTP/1.1 200 ") && rest.len() < 64 << 20, "{} bytes", rest.len());
    assert!(String::from_utf8_lossy(&first).to_ascii_lowercase().contains("content-length: 67108864"));
}

fn faketime() -> Option<&'static str> {
    let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    if Path::new(library).is_file() {
        return Some(library);
    }
    eprintln!("skipped: libfaketime (Debian package faketime) is not installed");
    None
}

/// The wall clock leaps an hour forth and back: tokens expire and are valid again, limits neither lock anybody out nor
/// forget, records are kept, and nothing hangs.
#[test]
fn a_clock_that_jumps_changes_what_time_it_is_and_nothing_else() {
    let Some(library) = faketime() else { return };
    let folder = e2e::folder("clock");
    let upstream = e2e::Server::start(|_| e2e::Reply::json(200, r#"{"ok":true}"#));
    let issuer = Issuer::start();
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let clock = folder.join("clock");
    let leap = |by: &str| std::fs::write(&clock, format!("{by}\n")).unwrap();
    leap("+0");
    let file = Stage::file(&upstream, &issuer, "limits: [{ per: address, rate: 30/min, burst: 10 }]\n");
    let environment = [
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let gateway = Gateway::start_with(&folder, &file, &environment);
    let client = gateway.client_with(&issuer.token("alice", "orders-api", "orders.read"));
    let outcome = |client: &Client| {
        let answer = client.get("/orders/1");
        (answer.status, answer.code())
    };
    let fine = (200, String::new());
    // With a bit of patience with a limit that has just been spent.
    let eventually_is = |expected: &(u16, String), what: &str| {
        e2e::eventually(what, || outcome(&client) == *expected);
    };
    eventually_is(&fine, "before any leap");
    leap("+10h");
    eventually_is(&(401, "token_expired".to_owned()), "ten hours later the token has expired");
    leap("+0");
    eventually_is(&fine, "back again it is valid");
    leap("-10h");
    e2e::eventually("ten hours earlier there is an answer, whichever", || {
        matches!(outcome(&client), (200 | 401, _))
    });
    let id = gateway.client().get("/status").request_id();
    e2e::eventually("a record of the past is found", || {
        gateway.verb(&["explain", "--request-id", &id]).status.code() == Some(0)
    });
    leap("+0");
    eventually_is(&fine, "and now again");
    // The limit still holds: more than the burst at once is refused.
    let statuses: Vec<u16> = (0..40).map(|_| gateway.client().get("/status").status).collect();
    assert!(statuses.contains(&429) && statuses.contains(&200), "{statuses:?}");
    eventually_is(&fine, "nobody is locked out by the leaps");
}
