//! The emergency block list, as whoever has to stop an attack at night uses it.

#[path = "block/disk.rs"]
mod disk;
#[path = "block/journal.rs"]
mod journal;
#[path = "block/streams.rs"]
mod streams;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use e2e::{Gateway, Issuer, Reply, Server};
use serde_json::Value;

const DESCRIPTION: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
paths:
  /status:
    get: { operationId: getStatus, security: [], responses: { "200": { description: Fine } } }
  /orders:
    get: { operationId: listOrders, security: [{ bearerAuth: [] }], responses: { "200": { description: All } } }
  /catalogue:
    get: { operationId: listCatalogue, security: [{ partnerKey: [] }], responses: { "200": { description: All } } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
    partnerKey: { type: apiKey, in: header, name: X-API-Key }
"#;
const KEY: &str = "a-key-of-the-partner-that-is-long-enough";
const KEY_SHA256: &str = "KEY_SHA256";

/// A gateway with two APIs of one description, its upstream and its issuer.
struct Stage {
    gateway: Gateway,
    upstream: Server,
    issuer: Issuer,
    folder: PathBuf,
}

impl Stage {
    fn set(story: &str) -> Self {
        Self::set_in(e2e::folder(&format!("block-{story}")))
    }

    fn set_in(folder: PathBuf) -> Self {
        let upstream = Server::start(|_| Reply::json(200, r#"{"ok":true}"#));
        let issuer = Issuer::start();
        std::fs::write(folder.join("orders.yaml"), DESCRIPTION).unwrap();
        let gateway = Gateway::start(&folder, &file(&upstream, &issuer));
        Self { gateway, upstream, issuer, folder }
    }

    /// Ends the gateway as a power cut would, and starts it again.
    fn killed_and_started(self) -> Self {
        let Self { gateway, upstream, issuer, folder } = self;
        drop(gateway);
        let gateway = Gateway::start(&folder, &file(&upstream, &issuer));
        Self { gateway, upstream, issuer, folder }
    }

    fn status(&self) -> u16 {
        self.gateway.client().get("/status").status
    }

    fn orders(&self, token: &str) -> String {
        let answer = self.gateway.client_with(token).get("/orders");
        format!("{} {}", answer.status, answer.code())
    }

    fn catalogue(&self) -> u16 {
        self.gateway.client().send("GET", "/catalogue", &[("X-API-Key", KEY)], b"").status
    }

    fn block(&self, arguments: &[&str]) -> Output {
        let common = ["block", "--reason", "a story", "--for", "1h"];
        self.gateway.verb(&[&common, arguments].concat())
    }

    /// The id of the block that came of it.
    fn blocked(&self, arguments: &[&str]) -> String {
        let output = self.block(&[arguments, &["--json"]].concat());
        let said = text(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        json(&output)["block"]["blocks"][0]["id"].as_str().unwrap().to_owned()
    }

    fn lift(&self, id: &str) {
        let output = self.gateway.verb(&["block", "lift", id, "--reason", "over"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    }

    fn list(&self) -> Vec<Value> {
        let output = self.gateway.verb(&["block", "list", "--json"]);
        json(&output)["blocks"].as_array().unwrap().clone()
    }
}

fn file(upstream: &Server, issuer: &Issuer) -> String {
    let sum = {
        let output =
            Command::new("sh").args(["-c", &format!("printf %s '{KEY}' | sha256sum")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
    };
    "apis:\n  orders:\n    spec: orders.yaml\n    upstream: http://UPSTREAM\n  \
     second:\n    spec: orders.yaml\n    upstream: http://UPSTREAM\n    hosts: [second.example]\n\
     auth:\n  bearerAuth:\n    issuer: ISSUER\n    audience: orders-api\n  \
     partnerKey:\n    keys:\n      - id: partner-1\n        client: partner\n        tenant: acme\n        sha256: KEY_SHA256\n        \
     authorizes: true\n"
        .replace("UPSTREAM", &upstream.address.to_string())
        .replace("ISSUER", &issuer.url)
        .replace(KEY_SHA256, &sum)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", text(output)))
}

#[test]
fn each_kind_of_target_is_refused_at_once_and_served_when_it_is_lifted() {
    let stage = Stage::set("targets");
    let alice = stage.issuer.token("alice", "orders-api", "orders.read");
    let bob = stage.issuer.token("bob", "orders-api", "orders.read");
    let all = || (stage.orders(&alice), stage.orders(&bob), stage.catalogue(), stage.status());
    let served = || "200 ".to_owned();
    let fine = (served(), served(), 200, 200);
    assert_eq!(all(), fine, "tokens are remembered from here on");
    let jti = jti_of(&alice);
    let no = || "403 blocked".to_owned();
    let issuer = stage.issuer.url.as_str();
    let cases: [(&[&str], _); 10] = [
        (&["--subject", "alice", "--issuer", issuer], (no(), served(), 200, 200)),
        (&["--jti", &jti, "--issuer", issuer], (no(), served(), 200, 200)),
        (&["--client", "story"], (no(), no(), 200, 200)),
        (&["--client", "story", "--api", "second"], fine.clone()),
        (&["--key", "partner-1"], (served(), served(), 403, 200)),
        (&["--tenant", "acme"], (served(), served(), 403, 200)),
        (&["--api", "orders", "--operation", "getStatus"], (served(), served(), 200, 403)),
        (&["--api", "orders"], (no(), no(), 403, 403)),
        (&["--address", "127.0.0.0/8", "--wide"], (no(), no(), 403, 403)),
        (&["--address", "127.0.0.1", "--wide", "--client", "story"], (no(), no(), 200, 200)),
    ];
    for (arguments, expected) in cases {
        let before = stage.upstream.count();
        let id = stage.blocked(arguments);
        assert_eq!(all(), expected, "{arguments:?}");
        let passed = [expected.0 == served(), expected.1 == served(), expected.2 == 200, expected.3 == 200];
        let reached = passed.iter().filter(|passed| **passed).count();
        assert_eq!(
            stage.upstream.count() - before,
            reached,
            "{arguments:?}: nothing blocked reaches the service"
        );
        stage.lift(&id);
        assert_eq!(all(), fine, "{arguments:?} was lifted");
    }
}

#[test]
fn a_token_is_blocked_from_stdin_and_never_written_down() {
    let stage = Stage::set("token");
    let alice = stage.issuer.token("alice", "orders-api", "orders.read");
    let other = stage.issuer.token("alice", "orders-api", "orders.write");
    assert_eq!(stage.orders(&alice), "200 ", "remembered");
    let mut child = Command::new(e2e::program())
        .args(["block", "--token", "-", "--reason", "stolen", "--for", "1h", "--config"])
        .arg(&stage.gateway.file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("Bearer {alice}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!((stage.orders(&alice), stage.orders(&other)), ("403 blocked".into(), "200 ".into()));
    let journal = std::fs::read_to_string(stage.folder.join("state/blocks.journal")).unwrap();
    let list = text(&stage.gateway.verb(&["block", "list"]));
    let all = format!("{journal}{list}{}{}", text(&output), stage.gateway.said());
    for part in alice.split('.') {
        assert!(!all.contains(part), "a part of the token was written down");
    }
    assert!(list.contains("token sha256:"), "{list}");
}

fn jti_of(token: &str) -> String {
    // The issuer of stories makes it of subject and time.
    let output = Command::new("python3")
        .args(["-c", "import sys,base64,json; p=sys.argv[1].split('.')[1]; print(json.loads(base64.urlsafe_b64decode(p+'=='))['jti'])", token])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// How long it takes is the machine's; that nothing is waited for between the command's return and the first refusal is ours.
#[test]
fn a_block_is_in_force_when_the_command_returns() {
    const ROUNDS: usize = 9;
    let stage = Stage::set("fast");
    for _ in 0..ROUNDS {
        assert_eq!(stage.status(), 200);
        let begun = Instant::now();
        let output = stage.block(&["--address", "127.0.0.1", "--wide", "--json"]);
        let returned = begun.elapsed();
        assert_eq!(stage.status(), 403, "the next request is refused");
        let answer = json(&output);
        let told = Duration::from_micros(answer["block"]["in_force_us"].as_u64().unwrap());
        assert!(told < returned, "{told:?} of {returned:?} are told");
        assert_eq!(answer["block"]["durable"], true);
        stage.lift(answer["block"]["blocks"][0]["id"].as_str().unwrap());
    }
}

#[test]
fn a_block_ends_by_itself() {
    let stage = Stage::set("ends");
    let arguments = ["block", "--address", "127.0.0.1", "--wide", "--reason", "short", "--for", "2s"];
    let begun = Instant::now();
    let output = stage.gateway.verb(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    // On a machine on which the next request comes later than the end there is nothing to see.
    assert!(stage.status() == 403 || begun.elapsed() >= Duration::from_secs(2), "{}", text(&output));
    e2e::eventually("the block is over", || stage.status() == 200);
    assert!(stage.list().is_empty());
}

#[test]
fn what_is_mistaken_or_too_wide_is_refused_and_blocks_nothing() {
    let stage = Stage::set("guarded");
    let reason = ["--reason", "r"];
    let hour = ["--for", "1h"];
    let address = ["--address", "203.0.113.7"];
    let cases: [(Vec<&str>, &str); 17] = [
        ([&address[..], &hour].concat(), "--reason"),
        ([&address[..], &reason].concat(), "needs an end"),
        ([&address[..], &reason, &["--until", "2020-01-01T00:00Z"]].concat(), "in the past"),
        ([&address[..], &reason, &["--for", "400d"]].concat(), "at most 366 days"),
        ([&address[..], &reason, &["--for", "90m"]].concat(), "minutes are `min`"),
        ([&["--address", "203.0.113.7/24"][..], &reason, &hour].concat(), "203.0.113.0/24"),
        ([&["--address", "0.0.0.0/0"][..], &reason, &hour].concat(), "--wide"),
        ([&["--address", "::/0"][..], &reason, &hour].concat(), "--wide"),
        ([&["--address", "127.0.0.0/8"][..], &reason, &hour].concat(), "loopback"),
        ([&["--address", "9.0.0.0/8"][..], &reason, &hour].concat(), "--wide"),
        (
            [&["--address", "9.0.0.0/16", "--address", "9.1.0.0/16"][..], &reason, &hour].concat(),
            "more addresses than one /16",
        ),
        ([&["--api", "ordres"][..], &reason, &hour].concat(), "no API `ordres`"),
        ([&["--api", "orders", "--operation", "x"][..], &reason, &hour].concat(), "no operation `x`"),
        ([&["--key", "partner-2"][..], &reason, &hour].concat(), "no API key"),
        ([&["--tenant", "acne"][..], &reason, &hour].concat(), "no API key is of the tenant `acne`"),
        ([&reason[..], &hour].concat(), "whom or what"),
        ([&["--client", "shop", "--issuer", "https://a"][..], &reason, &hour].concat(), "name one of them"),
    ];
    for (arguments, said) in cases {
        let output = stage.gateway.verb(&[&["block"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output));
        assert!(text(&output).contains(said), "{arguments:?}: `{said}` is missing: {}", text(&output));
    }
    assert!(stage.list().is_empty());
    assert_eq!(stage.gateway.verb(&["block", "lift", "b-000000", "--reason", "r"]).status.code(), Some(2));
}

#[test]
fn the_list_the_record_and_the_look_back_tell_what_happened() {
    let stage = Stage::set("told");
    for _ in 0..7 {
        assert_eq!(stage.status(), 200);
    }
    e2e::eventually("all of them are looked back at", || {
        let dry = json(&stage.block(&["--address", "127.0.0.1", "--wide", "--dry-run", "--json"]));
        (&dry["impact"]["matched"], &dry["impact"]["allowed"]) == (&7.into(), &7.into())
    });
    assert_eq!(stage.status(), 200, "a dry run blocks nothing");
    let id = stage.blocked(&["--address", "127.0.0.1", "--wide"]);
    let answer = stage.gateway.client().get("/status");
    assert_eq!((answer.status, answer.code().as_str()), (403, "blocked"));
    assert!(!answer.text().contains("story") && !answer.text().contains(&id), "{}", answer.text());
    let listed = &stage.list()[0];
    assert_eq!((&listed["hits"], &listed["reason"]), (&1.into(), &"a story".into()), "{listed}");
    assert!(listed["by"]["uid"].is_number() && listed["left_ms"].as_u64().unwrap() <= 3_600_000);
    let explained = stage.gateway.explained(&answer.request_id(), &[]);
    assert!(explained.contains(&format!("block {id} of this address")), "{explained}");
    let status = text(&stage.gateway.verb(&["status"]));
    assert!(status.contains("blocks         1 in force, the next ends"), "{status}");
    let undeclared = stage.gateway.client().get("/nothing");
    assert_eq!((undeclared.status, undeclared.code().as_str()), (403, "blocked"), "unrouted requests too");
}

#[test]
fn a_request_is_explained_with_the_blocks_that_concern_it() {
    let stage = Stage::set("explained");
    let explain = |arguments: &[&str]| {
        let output = stage.gateway.verb(&[&["explain", "GET"], arguments].concat());
        (output.status.code(), text(&output))
    };
    let (code, said) = explain(&["/orders"]);
    assert!(code == Some(0) && !said.contains("blocks"), "{said}");
    let of_operation = stage.blocked(&["--api", "orders", "--operation", "listOrders"]);
    let of_client = stage.blocked(&["--api", "orders", "--client", "partner"]);
    stage.blocked(&["--address", "203.0.113.0/24"]);
    let (code, said) = explain(&["/orders"]);
    assert_eq!(code, Some(1), "{said}");
    for part in [
        format!("{of_operation}  refuses this with 403 blocked"),
        format!("{of_client}  may refuse this"),
        "1 of callers or addresses".to_owned(),
    ] {
        assert!(said.contains(&part), "`{part}` is missing:\n{said}");
    }
    let (code, said) = explain(&["/status", "--from", "198.51.100.1"]);
    assert!(code == Some(0) && !said.contains(&of_operation) && !said.contains("of callers"), "{said}");
    assert!(said.contains(&format!("{of_client}  may refuse this")), "{said}");
    let (code, said) = explain(&["/status", "--from", "203.0.113.9"]);
    assert!(code == Some(1) && said.contains("address 203.0.113.0/24"), "{said}");
}

#[test]
fn a_drill_goes_the_whole_way_and_touches_nobody() {
    let stage = Stage::set("drill");
    let output = stage.gateway.verb(&["block", "--drill", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let drill = &json(&output)["drill"];
    assert_eq!((&drill["passed"], &drill["durable"]), (&true.into(), &true.into()), "{drill}");
    assert_eq!(drill["steps"].as_array().unwrap().len(), 8);
    let journal = std::fs::read_to_string(stage.folder.join("state/blocks.journal")).unwrap();
    assert_eq!(journal.lines().filter(|line| line.contains("\"drill\":true")).count(), 4, "{journal}");
    assert_eq!((stage.status(), stage.list().len()), (200, 0));
}

#[test]
fn a_list_of_addresses_is_blocked_at_once_or_not_at_all() {
    let stage = Stage::set("many");
    let many: String = (0..2_000).map(|n| format!("10.1.{}.{} # seen\n", n / 250, n % 250)).collect();
    let path = stage.folder.join("bad.txt");
    std::fs::write(&path, format!("{many}10.1.2\n")).unwrap();
    let output = stage.block(&["--addresses", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("line 2001"), "{}", text(&output));
    std::fs::write(&path, &many).unwrap();
    let output = stage.block(&["--addresses", path.to_str().unwrap(), "--json"]);
    assert_eq!(json(&output)["block"]["blocks"].as_array().unwrap().len(), 2_000, "{}", text(&output));
    assert_eq!((stage.list().len(), stage.status()), (2_000, 200));
}
