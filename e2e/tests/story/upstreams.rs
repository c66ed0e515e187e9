//! Several upstreams behind one API: one is killed, one comes back, one is replaced, and callers do not notice.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use e2e::{Client, Gateway, Reply, Server, eventually};

const ITEMS: &str = r#"openapi: 3.1.0
info: { title: Items, version: "1" }
security: []
paths:
  /items:
    get: { operationId: listItems, responses: { "200": { description: The items } } }
    post:
      operationId: addItem
      requestBody:
        required: true
        content: { application/json: { schema: { type: object, required: [id], properties: { id: { type: string } } } } }
      responses: { "200": { description: Added } }
"#;

/// Writes each id it is given to its file before it answers, and each answer in one piece.
const SERVER: &str = r#"
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self):
        body = b'{"ok":true}'
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.wfile.write(head + body)
    def do_GET(self):
        os.write(book, b"GET\n")
        self.answer()
    def do_POST(self):
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        os.write(book, (item["id"] + "\n").encode())
        self.answer()
book = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
http.server.ThreadingHTTPServer.request_queue_size = 256
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

/// A server in a process of its own, which can be killed.
struct Process {
    port: u16,
    book: PathBuf,
    child: Child,
}

impl Process {
    fn start(folder: &Path, name: &str, port: Option<u16>) -> Self {
        let port = port.unwrap_or_else(e2e::free_port);
        let script = folder.join("server.py");
        std::fs::write(&script, SERVER).unwrap();
        let book = folder.join(name);
        let child = Command::new("python3")
            .arg(&script)
            .arg(port.to_string())
            .arg(&book)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        eventually("the server listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { port, book, child }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn heard(&self) -> Vec<String> {
        std::fs::read_to_string(&self.book).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the callers got: by id of a POST its status, and every GET that was not answered with 200.
#[derive(Default)]
struct Got {
    posts: BTreeMap<String, u16>,
    gets: usize,
    failed_gets: Vec<(u16, String)>,
}

/// Callers that ask and add until they are told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
    got: Arc<Mutex<Got>>,
    answered: Arc<AtomicUsize>,
}

impl Load {
    fn begin(gateway: &Gateway, callers: usize) -> Self {
        let (stop, got, answered) =
            (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Got>>::default(), Arc::new(AtomicUsize::new(0)));
        let threads = (0..callers).map(|caller| {
            let (stop, got, answered) = (Arc::clone(&stop), Arc::clone(&got), Arc::clone(&answered));
            let client = Client::new(gateway.address);
            std::thread::spawn(move || {
                for round in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let answer = client.get("/items");
                    let id = format!("{caller}-{round}");
                    let post = client.post_json("/items", &format!(r#"{{"id":"{id}"}}"#));
                    let mut got = got.lock().unwrap();
                    got.gets += 1;
                    if answer.status != 200 || answer.text() != r#"{"ok":true}"# {
                        got.failed_gets.push((answer.status, answer.text()));
                    }
                    got.posts.insert(id, post.status);
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        Self { threads: threads.collect(), stop, got, answered }
    }

    /// Waits for so many further rounds of all callers together.
    fn goes_on(&self, rounds: usize) {
        let from = self.answered.load(Ordering::SeqCst);
        eventually("further rounds", || self.answered.load(Ordering::SeqCst) >= from + rounds);
    }

    fn end(self) -> Got {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
        std::mem::take(&mut *self.got.lock().unwrap())
    }
}

fn file(targets: &[u16], more: &str) -> String {
    let urls: Vec<_> = targets.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
    format!(
        "apis:\n  items:\n    spec: items.yaml\n    upstream:\n      targets: [{}]\n{more}",
        urls.join(", ")
    )
}

/// How often the endpoint was ejected.
fn ejections(gateway: &Gateway, port: u16) -> usize {
    let start = format!("bartizan_upstream_ejections_total{{api=\"items\",endpoint=\"127.0.0.1:{port}\"}} ");
    let metrics = gateway.metrics();
    let count = metrics.lines().find_map(|line| line.strip_prefix(&start)?.parse().ok());
    count.unwrap_or(0)
}

fn status_of(gateway: &Gateway) -> String {
    String::from_utf8_lossy(&gateway.verb(&["status"]).stdout).into_owned()
}

#[test]
fn a_killed_upstream_costs_no_idempotent_request_and_doubles_no_other_and_comes_back_slowly() {
    if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_err() {
        let _ = writeln!(std::io::stderr(), "skipped: `python3` is not installed");
        return;
    }
    let folder = e2e::folder("killed");
    std::fs::write(folder.join("items.yaml"), ITEMS).unwrap();
    let one = Process::start(&folder, "one", None);
    let mut two = Process::start(&folder, "two", None);
    // Long enough for it to be seen while it lasts.
    let more = "      eject: { failures: 3, for: 500ms }\n      slow_start: 5min\n";
    let gateway = Gateway::start(&folder, &file(&[one.port, two.port], more));
    let load = Load::begin(&gateway, 6);
    load.goes_on(60);
    assert!(!one.heard().is_empty() && !two.heard().is_empty());
    two.kill();
    eventually("the ejection", || status_of(&gateway).contains(&format!("127.0.0.1:{} ejected", two.port)));
    load.goes_on(60);
    let before = two.heard().len();
    let mut two = Process::start(&folder, "two", Some(two.port));
    eventually("its return", || two.heard().len() > before);
    let told = status_of(&gateway);
    assert!(told.contains(&format!("127.0.0.1:{} ramping", two.port)), "{told}");
    load.goes_on(60);
    let got = load.end();
    assert!(got.gets > 180);
    assert_eq!(got.failed_gets, [], "of {} GETs", got.gets);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for id in one.heard().into_iter().chain(two.heard()).filter(|line| line != "GET") {
        *times.entry(id).or_default() += 1;
    }
    let doubled: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    for (id, status) in &got.posts {
        assert!(matches!(status, 200 | 502), "{id}: {status}");
        assert!(*status != 200 || times.contains_key(id), "{id} was answered and not done");
    }
    let failed = got.posts.values().filter(|status| **status != 200).count();
    // At most what was under way when it died, and three failures before each ejection.
    let ejections = ejections(&gateway, two.port);
    assert!(failed <= 6 + 3 * ejections, "{failed} POSTs failed at {ejections} ejections");
    two.kill();
}

#[test]
fn targets_change_under_load_by_reload_without_a_failed_request() {
    let folder = e2e::folder("rolling");
    std::fs::write(folder.join("items.yaml"), ITEMS).unwrap();
    let server = || Server::start(|_| Reply::json(200, r#"{"ok":true}"#));
    let servers = [server(), server(), server()];
    let port = |number: usize| servers[number].address.port();
    let gateway = Gateway::start(&folder, &file(&[port(0)], ""));
    let load = Load::begin(&gateway, 4);
    load.goes_on(20);
    for (targets, used) in [(vec![0, 1], 1), (vec![1], 1), (vec![1, 2], 2), (vec![2], 2), (vec![0, 1, 2], 0)]
    {
        let ports: Vec<u16> = targets.iter().map(|number| port(*number)).collect();
        gateway.rewrite(&file(&ports, ""));
        let output = gateway.verb(&["reload"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let before = servers[used].count();
        load.goes_on(40);
        assert!(servers[used].count() > before);
        let gone: Vec<_> = (0..3).filter(|number| !targets.contains(number)).collect();
        let counts = || gone.iter().map(|number| servers[*number].count()).collect::<Vec<_>>();
        let settled = counts();
        load.goes_on(20);
        assert_eq!(counts(), settled, "{targets:?}: a removed target is asked");
    }
    let got = load.end();
    assert_eq!(got.failed_gets, [], "of {} GETs", got.gets);
    assert!(got.posts.values().all(|status| *status == 200));
}

#[test]
fn an_upstream_that_has_its_fill_is_a_503_at_once_and_a_stuck_one_is_replaced_for_idempotent_operations() {
    let folder = e2e::folder("fill");
    let spec = ITEMS
        .replace("operationId: addItem\n", "operationId: addItem\n      x-bartizan: { idempotent: true }\n");
    std::fs::write(folder.join("items.yaml"), spec).unwrap();
    let (asking, asked) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let (asking, goes_on) = (Mutex::new(asking), Mutex::new(goes_on));
    let slow = Server::start(move |_| {
        let _ = asking.lock().unwrap().send(());
        let _ = goes_on.lock().unwrap().recv_timeout(2 * e2e::PATIENCE);
        Reply::json(200, r#"{"ok":true}"#)
    });
    let quick = Server::start(|_| Reply::json(200, r#"{"ok":true}"#));
    let port = |server: &Server| server.address.port();
    let fill = "      in_flight_max: 1\n      pending_max: 0\n";
    let gateway = Gateway::start(&folder, &file(&[port(&slow)], fill));
    let client = Client::new(gateway.address);
    // Of two at once, one has the place.
    let first = Client::new(gateway.address);
    let first = std::thread::spawn(move || first.get("/items"));
    asked.recv_timeout(e2e::PATIENCE).expect("the service is asked");
    let refused = client.get("/items");
    assert_eq!((refused.status, refused.code().as_str()), (503, "upstream_overloaded"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    go_on.send(()).unwrap();
    assert_eq!(first.join().unwrap().status, 200);
    let status = || status_of(&gateway);
    assert!(status().contains("refused as too many"), "{}", status());

    // Both may be asked; who is silent for two seconds is given up, also by a POST that is declared idempotent.
    let retries = "      retries: { per_try: 2s }\n      eject: { failures: 0 }\n";
    gateway.rewrite(&file(&[port(&slow), port(&quick)], retries));
    assert_eq!(gateway.verb(&["reload"]).status.code(), Some(0));
    let mut elsewhere = 0;
    for round in 0..40 {
        let answer = client.post_json("/items", &format!(r#"{{"id":"{round}"}}"#));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = gateway.explained(&answer.request_id(), &[]);
        if elsewhere == 2 {
            break;
        }
        if told.contains("the service did not answer in time") {
            assert!(told.contains(&format!("127.0.0.1:{}: the service", port(&slow))), "{told}");
            elsewhere += 1;
        }
    }
    assert!(elsewhere > 0, "{}", status());
}

#[test]
fn a_hanging_upstream_that_is_alone_costs_few_callers_the_wait_at_each_return_and_is_proven_by_one() {
    const CALLERS: usize = 16;
    const FAILURES: usize = 3;
    let folder = e2e::folder("hanging");
    std::fs::write(folder.join("items.yaml"), ITEMS).unwrap();
    let (hangs, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let upstream = {
        let (hangs, asked) = (Arc::clone(&hangs), Arc::clone(&asked));
        Server::start(move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            while hangs.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
            Reply::json(200, r#"{"ok":true}"#)
        })
    };
    let eject = format!("      eject: {{ failures: {FAILURES}, for: 300ms, at_most: 100% }}\n");
    let timeouts = "timeouts: { upstream_head: 500ms }\n";
    let port = upstream.address.port();
    let gateway = Gateway::start(&folder, &(file(&[port], &eject) + timeouts));
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (client, stop) = (Client::new(gateway.address), Arc::clone(&stop));
            std::thread::spawn(move || {
                let (mut waited, mut refused) = (0, 0);
                while !stop.load(Ordering::SeqCst) {
                    let answer = client.get("/items");
                    match (answer.status, answer.code().as_str()) {
                        (504, "upstream_timeout") => waited += 1,
                        (503, "upstream_unavailable") => {
                            assert!(answer.header("retry-after").is_some());
                            refused += 1;
                            std::thread::sleep(Duration::from_millis(5));
                        }
                        other => panic!("{other:?}"),
                    }
                }
                (waited, refused)
            })
        })
        .collect();
    eventually("four ejections", || ejections(&gateway, port) >= 4);
    stop.store(true, Ordering::SeqCst);
    let ended = callers.into_iter().map(|caller| caller.join().unwrap());
    let (waited, refused) = ended.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    // Before the first ejection everybody waits, and those whose failures did not eject it yet ask again. After it there
    // are three at each return: before each further ejection, and one more who may have begun before all were stopped.
    let at_most = CALLERS + (FAILURES - 1) + ejections(&gateway, port) * FAILURES;
    let asked = || asked.load(Ordering::SeqCst);
    assert!(waited <= at_most, "{waited} requests waited, {at_most} may");
    eventually("the service has seen them all", || asked() >= waited);
    assert_eq!(waited, asked());
    assert!(refused > 0, "nobody was refused at once");
    // It returns, and is told so.
    eventually("its return", || status_of(&gateway).contains(&format!("127.0.0.1:{port} returning")));
    hangs.store(false, Ordering::SeqCst);
    assert_eq!(Client::new(gateway.address).get("/items").status, 200);
    let told = status_of(&gateway);
    assert!(told.contains(&format!("127.0.0.1:{port} up")), "{told}");
}
