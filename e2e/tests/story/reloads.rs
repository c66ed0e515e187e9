//! A hundred changes of a gateway that serves: no request fails, nothing grows, and what streams goes on as it began.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use e2e::{Gateway, Issuer, Reply, Server, eventually};

use crate::restart::Crowd;
use crate::{ORDERS, Stage};

/// More operations make a snapshot large enough to be missed when it is not freed.
const OPERATIONS: usize = 200;

fn description(round: usize) -> String {
    let mut more = String::new();
    for number in 0..OPERATIONS {
        more.push_str(&format!(
            "  /round{round}/things{number}/{{id}}:\n    get:\n      operationId: thing{number}\n      parameters: \
             [{{ name: id, in: path, required: true, schema: {{ type: integer, maximum: {round} }} }}]\n      responses: \
             {{ \"200\": {{ description: It }} }}\n"
        ));
    }
    ORDERS.replace("components:\n", &format!("{more}components:\n"))
}

fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn hash(gateway: &Gateway) -> String {
    let output = gateway.verb(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    status["status"]["snapshot"].as_str().unwrap().to_owned()
}

#[test]
fn a_hundred_reloads_under_load_fail_no_request_and_leave_nothing_behind() {
    const ROUNDS: usize = 100;
    let mut stage = Stage::set("hundred", "");
    let other = Server::start(|_| Reply::json(200, r#"{"other":true}"#));
    let crowd = Crowd::gather(stage.gateway.address);
    crowd.waits_for(50);
    let process = stage.gateway.process();
    let mut resident_then = 0;
    for round in 1..=ROUNDS {
        let before = hash(&stage.gateway);
        std::fs::write(stage.folder.join("orders.yaml"), description(round)).unwrap();
        let extra = format!("limits: [{{ per: address, rate: {}/min }}]\n", 1_000_000 + round);
        let upstream = if round % 2 == 0 { &stage.upstream } else { &other };
        stage.gateway.rewrite(&Stage::file(upstream, &stage.issuer, &extra));
        match round % 10 {
            // Left to whoever watches the files.
            0 => {}
            1..=3 => {
                Command::new("kill").args(["-HUP", &process.to_string()]).status().unwrap();
            }
            _ => assert!(stage.gateway.verb(&["reload"]).status.success(), "{}", stage.gateway.said()),
        }
        eventually("the change is in force", || hash(&stage.gateway) != before);
        crowd.waits_for(5);
        if round == ROUNDS / 4 {
            resident_then = resident_kib(process);
        }
    }
    let resident = resident_kib(process);
    let answers = crowd.disperse();
    assert!(answers.ids.len() + answers.over_http2 > ROUNDS * 5);
    assert!(stage.gateway.lives());
    // Each snapshot of these takes more than half a MiB: 75 of them would be seen.
    assert!(resident < resident_then + (32 << 10), "{resident_then} KiB became {resident} KiB");
    assert!(stage.upstream.count() > 0 && other.count() > 0);
}

#[test]
fn what_cannot_be_used_changes_nothing() {
    let stage = Stage::set("unusable", "");
    let good = Stage::file(&stage.upstream, &stage.issuer, "");
    let before = hash(&stage.gateway);
    std::fs::write(
        stage.folder.join("bad.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = taken.local_addr().unwrap();
    for (what, file) in [
        (
            "a certificate",
            format!(
                "listen: [{{ address: \"127.0.0.1:0\", tls: {{ certificate: bad.pem, key: \"${{file:bad.pem}}\" }} }}]\n{good}"
            ),
        ),
        (
            "a missing certificate",
            format!(
                "listen: [{{ address: \"127.0.0.1:0\", tls: {{ certificate: none.pem, key: \"${{file:none.pem}}\" }} }}]\n{good}"
            ),
        ),
        ("an address that is taken", format!("listen: [\"127.0.0.1:0\", \"{busy}\"]\n{good}")),
        ("a missing description", good.replace("orders.yaml", "nowhere.yaml")),
        ("a folder for a description", good.replace("orders.yaml", "state")),
    ] {
        stage.gateway.rewrite(&file);
        let output = stage.gateway.verb(&["reload"]);
        assert_eq!(output.status.code(), Some(2), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(hash(&stage.gateway), before, "{what}");
        assert_eq!(stage.gateway.client().get("/status").status, 200, "{what}");
    }
}

#[test]
fn listeners_and_the_administration_port_come_and_go_with_a_reload() {
    let before = e2e::free_port();
    let stage = Stage::set("listeners", &format!("admin: {{ address: \"127.0.0.1:{before}\" }}\n"));
    let free = || std::net::SocketAddr::from(([127, 0, 0, 1], e2e::free_port()));
    let (second, admin) = (free(), free());
    let good = Stage::file(&stage.upstream, &stage.issuer, "");
    let crowd = Crowd::gather(stage.gateway.address);
    stage.gateway.rewrite(&format!(
        "listen: [\"127.0.0.1:0\", \"{second}\"]\nadmin: {{ address: \"{admin}\" }}\n{good}"
    ));
    let output = stage.gateway.verb(&["reload"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !said.contains("B3301"), "{said}");
    assert_eq!(e2e::Client::new(second).get("/status").status, 200);
    assert_eq!(e2e::Client::new(admin).get("/readyz").status, 200);
    eventually("the administration port has moved", || TcpStream::connect(stage.gateway.admin).is_err());
    let mut kept = TcpStream::connect(second).unwrap();
    let request = format!("GET /status HTTP/1.1\r\nHost: {second}\r\n\r\n");
    kept.write_all(request.as_bytes()).unwrap();
    let mut piece = [0; 4096];
    assert!(kept.read(&mut piece).unwrap() > 0);
    stage.gateway.rewrite(&good);
    assert!(stage.gateway.verb(&["reload"]).status.success());
    eventually("the second listener is closed", || TcpStream::connect(second).is_err());
    // Who was there may finish.
    kept.write_all(request.as_bytes()).unwrap();
    let mut rest = String::new();
    kept.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 200") && rest.contains("connection: close"), "{rest}");
    assert!(!crowd.disperse().ids.is_empty());
}

/// Answers each request with a head and the first half of a body, and with the rest when it is told to.
fn streaming() -> (std::net::SocketAddr, mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut piece = [0; 4096];
            let _ = stream.read(&mut piece);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
            if receiver.recv().is_ok() {
                let _ = stream.write_all(b"after");
            }
        }
    });
    (address, sender)
}

fn begin_stream(gateway: &Gateway) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.address).unwrap();
    stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    stream.write_all(b"GET /status HTTP/1.1\r\nHost: story\r\n\r\n").unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"first") {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    stream
}

fn start_streaming(folder: &Path, upstream: std::net::SocketAddr, extra: &str) -> Gateway {
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let issuer = Issuer::start();
    Gateway::start(
        folder,
        &format!(
            "apis:\n  orders:\n    spec: orders.yaml\n    upstream: http://{upstream}\nauth:\n  bearerAuth:\n    issuer: {}\n    \
             audience: orders-api\n{extra}",
            issuer.url
        ),
    )
}

#[test]
fn a_stream_goes_on_as_it_began_through_a_reload_and_a_replacement() {
    let folder = e2e::folder("stream-on");
    let (upstream, go_on) = streaming();
    let mut gateway = start_streaming(&folder, upstream, "");
    let mut stream = begin_stream(&gateway);
    std::fs::write(folder.join("orders.yaml"), ORDERS.replace("  /status:\n", "  /health:\n")).unwrap();
    assert!(gateway.verb(&["reload"]).status.success());
    assert_eq!(gateway.client().get("/status").status, 404);
    let before = gateway.replace().expect("the successor takes over");
    assert_eq!(gateway.client().get("/status").status, 404);
    go_on.send(()).unwrap();
    let mut rest = [0; 5];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(&rest, b"after");
    drop(stream);
    assert_eq!(before.ended(), Some(0));
}

#[test]
fn what_outlasts_the_drain_is_cut_and_recorded() {
    let folder = e2e::folder("cut");
    let (upstream, _go_on) = streaming();
    let gateway = start_streaming(&folder, upstream, "timeouts: { drain: 1s }\n");
    let mut stream = begin_stream(&gateway);
    // Without an end of the drain it would go on: the service never says the rest.
    assert_eq!(gateway.stop(), Some(0));
    let rest = e2e::until_ended(&mut stream);
    assert!(rest.len() < 5, "{rest:?}");
    let files = std::fs::read_dir(folder.join("state/records")).unwrap().flatten();
    let all: String = files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
    let record: serde_json::Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
    assert_eq!(record["outcome"], "aborted", "{record}");
    assert_eq!(record["status"], 200);
}
