//! Starting, changing and ending a gateway: nothing half applied, nothing lost.

use std::io::Write;
use std::sync::{Mutex, mpsc};

use e2e::{Gateway, Issuer, Reply, Server, eventually};

use crate::{ORDERS, Stage};

#[test]
fn a_bad_configuration_is_named_with_file_line_and_fix() {
    let folder = e2e::folder("bad");
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let file = "version: 1\nlisten: 127.0.0.1:0\napis:\n  orders:\n    spec: orders.yaml\n    upstrem: http://127.0.0.1:1\n\
                auth:\n  bearerauth:\n    issuer: https://login.example.com/\n    audience: a\n";
    std::fs::write(folder.join("bartizan.yaml"), file).unwrap();
    let output = e2e::verb_in(&folder, &["check"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in
        ["bartizan.yaml:6:5", "did you mean `upstream`", "B2103", "did you mean `bearerAuth`", "orders.yaml:"]
    {
        assert!(said.contains(part), "`{part}` is missing:\n{said}");
    }
    let output = e2e::verb_in(&folder, &["serve"]);
    assert_eq!(output.status.code(), Some(2), "serve refuses the same file");
}

#[test]
fn a_reload_is_atomic_and_a_bad_file_changes_nothing() {
    let stage = Stage::set("reload", "");
    let client = stage.gateway.client_with(&stage.token());
    assert_eq!(client.get("/orders/1").status, 200);
    stage.gateway.rewrite("apis: 7\n");
    let output = stage.gateway.verb(&["reload"]);
    assert_ne!(output.status.code(), Some(0));
    assert_eq!(client.get("/orders/1").status, 200);
    let file =
        Stage::file(&stage.upstream, &stage.issuer, "limits: [{ per: address, rate: 1/min, burst: 1 }]\n");
    stage.gateway.rewrite(&file);
    let output = stage.gateway.verb(&["reload"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    eventually("the new limit is in force", || client.get("/orders/1").status == 429);
}

#[test]
fn a_signal_and_a_saved_file_reload_too() {
    let stage = Stage::set("watch", "");
    assert_eq!(stage.gateway.client().get("/status").status, 200);
    let spec = ORDERS.replace("  /status:\n", "  /health:\n");
    std::fs::write(stage.folder.join("orders.yaml"), spec).unwrap();
    eventually("the saved description is in force", || stage.gateway.client().get("/health").status == 200);
    std::fs::write(stage.folder.join("orders.yaml"), ORDERS).unwrap();
    let process = stage.gateway.process().to_string();
    std::process::Command::new("kill").args(["-HUP", &process]).status().unwrap();
    eventually("the signal reloads", || stage.gateway.client().get("/status").status == 200);
}

#[test]
fn sigterm_finishes_what_is_in_flight_and_writes_the_last_record() {
    let folder = e2e::folder("sigterm");
    let (asking, asked) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let ends = Mutex::new((asking, goes_on));
    let upstream = Server::start(move |_| {
        let (asking, goes_on) = &*ends.lock().unwrap();
        let _ = asking.send(());
        let _ = goes_on.recv_timeout(e2e::PATIENCE);
        Reply::json(200, "{}")
    });
    let issuer = Issuer::start();
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let listen = format!("listen: \"127.0.0.1:{}\"\n", e2e::free_port());
    let gateway = Gateway::start(&folder, &Stage::file(&upstream, &issuer, &listen));
    let mut stream = std::net::TcpStream::connect(gateway.address).unwrap();
    stream.write_all(b"GET /status HTTP/1.1\r\nHost: story\r\n\r\n").unwrap();
    asked.recv_timeout(e2e::PATIENCE).expect("the request is under way");
    let address = gateway.address;
    let reader = std::thread::spawn(move || {
        // Answered when the gateway no longer takes connections, and so is about to end.
        eventually("the end has begun", || std::net::TcpStream::connect(address).is_err());
        go_on.send(()).unwrap();
        String::from_utf8_lossy(&e2e::until_ended(&mut stream)).into_owned()
    });
    assert_eq!(gateway.stop(), Some(0));
    let text = reader.join().unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let id = text.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().trim().to_owned();
    let records = std::fs::read_dir(folder.join("state/records")).unwrap().flatten();
    let all: String = records.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
    assert!(all.contains(&id), "the record of the last request is on disk");
}

#[test]
fn cleartext_beyond_loopback_does_not_start() {
    let folder = e2e::folder("cleartext");
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let file = "version: 1\nlisten: 0.0.0.0:0\napis:\n  orders: { spec: orders.yaml, upstream: \"http://127.0.0.1:1\" }\n\
                auth:\n  bearerAuth: { issuer: \"https://login.example.com/\", audience: a }\n";
    std::fs::write(folder.join("bartizan.yaml"), file).unwrap();
    let output = e2e::verb_in(&folder, &["check"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn each_start_warns_of_what_is_insecure() {
    let folder = e2e::folder("insecure");
    std::fs::write(folder.join("orders.yaml"), crate::ORDERS).unwrap();
    let text = "insecure: { cleartext_upstream: true }\napis:\n  orders:\n    spec: orders.yaml\n    \
                upstream: http://orders.internal:3000\nauth:\n  bearerAuth:\n    issuer: orders\n    \
                secret: ${env:SECRET}\n    insecure: { legacy_token: true }\n";
    let secret = [("SECRET", "0123456789abcdef0123456789abcdef")];
    for start in ["first", "second"] {
        let gateway = e2e::Gateway::start_with(&folder, text, &secret);
        let said = gateway.said();
        for part in ["warning[B3102]", "insecure.cleartext_upstream", "warning[B3110]", "legacy_token"] {
            assert!(said.contains(part), "`{part}` is not said at the {start} start:\n{said}");
        }
        assert!(!said.contains("0123456789abcdef"), "{said}");
        assert_eq!(gateway.stop(), Some(0));
    }
}
