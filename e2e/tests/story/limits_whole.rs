//! Limits as they are met from outside: classes, cost, bytes, a day's cap, tenants, and who gives way when a service is busy.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use e2e::{Answer, Gateway, Reply, Server};

const DESCRIPTION: &str = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
security: [{ key: [] }]
paths:
  /report: { get: { operationId: report, x-bartizan: { cost: 4 }, responses: { "200": { description: ok } } } }
  /file: { get: { operationId: file, responses: { "200": { description: ok } } } }
  /order: { get: { operationId: order, responses: { "200": { description: ok } } } }
  /card: { get: { operationId: card, x-bartizan: { class: sensitive }, responses: { "200": { description: ok } } } }
  /login:
    get: { operationId: login, security: [], x-bartizan: { class: authentication }, responses: { "200": { description: ok } } }
  /slow: { get: { operationId: slow, responses: { "200": { description: ok } } } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Api-Key } }
"#;

const KEYS: &[(&str, &str)] =
    &[("acme", "acme"), ("acme-desk", "acme"), ("globex", "globex"), ("nightly", "globex")];

fn secret(client: &str) -> String {
    format!("a-long-secret-key-of-{client}")
}

fn variable(client: &str) -> String {
    format!("KEY_{}", client.replace('-', "_").to_uppercase())
}

fn start(folder: &std::path::Path, file: &str) -> Gateway {
    let environment: Vec<_> = KEYS.iter().map(|(client, _)| (variable(client), secret(client))).collect();
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Gateway::start_with(folder, file, &environment)
}

struct Shop {
    gateway: Gateway,
    folder: std::path::PathBuf,
    file: String,
}

impl Shop {
    fn open(story: &str, upstream: &Server, of_api: &str, more: &str) -> Self {
        let folder = e2e::folder(story);
        std::fs::write(folder.join("shop.yaml"), DESCRIPTION).unwrap();
        let keys: String = KEYS
            .iter()
            .map(|(client, tenant)| {
                let name = variable(client);
                format!("      - {{ id: {client}, tenant: {tenant}, key: \"${{env:{name}}}\", authorizes: true }}\n")
            })
            .collect();
        let file = format!(
            "apis:\n  shop:\n    spec: shop.yaml\n    upstream: http://{}\n{of_api}auth:\n  key:\n    keys:\n{keys}{more}",
            upstream.address
        );
        Self { gateway: start(&folder, &file), folder, file }
    }

    /// Ends the gateway as an operator does, and starts it anew.
    fn restart(self) -> Self {
        let Self { gateway, folder, file } = self;
        assert_eq!(gateway.stop(), Some(0));
        Self { gateway: start(&folder, &file), folder, file }
    }

    /// Ends the gateway without a goodbye, and starts it anew.
    fn crash(self) -> Self {
        let Self { gateway, folder, file } = self;
        gateway.kill();
        Self { gateway: start(&folder, &file), folder, file }
    }

    fn get(&self, target: &str, client: &str) -> Answer {
        self.gateway.client().send("GET", target, &[("X-Api-Key", &secret(client))], b"")
    }

    /// Statuses of so many calls.
    fn calls(&self, target: &str, client: &str, times: usize) -> Vec<u16> {
        (0..times).map(|_| self.get(target, client).status).collect()
    }

    /// All lines of a metric added up.
    fn sum(&self, metric: &str) -> f64 {
        let metrics = self.gateway.metrics();
        let lines = metrics.lines().filter(|line| line.starts_with(&format!("{metric}{{")));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    fn counts(&self, line: &str) {
        e2e::eventually(line, || self.gateway.metrics().lines().any(|one| one == line));
    }

    /// A member of the record of a request.
    fn record(&self, answer: &Answer, member: &str) -> serde_json::Value {
        let id = answer.request_id();
        let mut found = serde_json::Value::Null;
        e2e::eventually("the request is recorded", || {
            let files = std::fs::read_dir(self.folder.join("state/records")).unwrap().flatten();
            let texts = files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default());
            let lines: Vec<String> =
                texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
            let records =
                lines.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            let record = records.into_iter().find(|record| record["request_id"] == *id);
            found = record.clone().unwrap_or_default();
            record.is_some()
        });
        found[member].take()
    }
}

#[test]
fn limits_count_cost_bytes_days_tenants_and_classes() {
    let upstream = Server::start(|request| match request.target() {
        "/file" => Reply::json(200, &format!("\"{}\"", "x".repeat(3000))),
        _ => Reply::json(200, "{}"),
    });
    let limits = "limits:\n  \
        - { name: work, per: client, counts: cost, rate: 10/h, operations: [report] }\n  \
        - { name: bytes, per: client, counts: response_bytes, rate: 2KiB/h, operations: [file] }\n  \
        - { name: orders, per: tenant, rate: 100/min, daily: 3, operations: [order] }\n\
        classes:\n  sensitive: { limits: [{ per: client, rate: 2/h }] }\n";
    let shop = Shop::open("limits-whole", &upstream, "", limits);

    // Cost: two calls of four units each fit into ten.
    assert_eq!(shop.calls("/report", "acme", 2), [200, 200]);
    let refused = shop.get("/report", "acme");
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.header("ratelimit-policy"), Some(r#""work";q=10;w=3600;qu="cost""#));
    // Two of ten are left, and until there are ten again it takes as long as there was none for the eight.
    let told = refused.header("ratelimit").unwrap();
    let whole_in: u64 = told.strip_prefix(r#""work";r=2;t="#).expect(told).parse().unwrap();
    assert!((2880 - 300..=2880).contains(&whole_in), "{told}");
    assert_eq!(shop.record(&refused, "limited"), serde_json::json!({ "limit": "work", "kind": "cost" }));
    assert_eq!(shop.get("/report", "globex").status, 200);

    // Bytes are owed: the first answer is larger than all there is, and the next call waits.
    assert_eq!(shop.get("/file", "acme").status, 200);
    e2e::eventually("the answer is charged", || shop.get("/file", "acme").status == 429);
    let refused = shop.get("/file", "acme");
    assert_eq!(refused.header("ratelimit-policy"), Some(r#""bytes";q=2048;w=3600;qu="content-bytes""#));
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() > 20);
    assert_eq!(shop.get("/file", "globex").status, 200);

    // A day's cap, for all clients of a tenant together.
    assert_eq!(shop.calls("/order", "acme", 2), [200, 200]);
    assert_eq!(shop.calls("/order", "acme-desk", 2), [200, 429]);
    assert_eq!(shop.calls("/order", "globex", 1), [200]);
    let refused = shop.get("/order", "acme");
    assert_eq!(
        shop.record(&refused, "limited"),
        serde_json::json!({ "limit": "orders-daily", "kind": "daily" })
    );

    // A class of the file, and a built-in one.
    assert_eq!(shop.calls("/card", "acme", 3), [200, 200, 429]);
    assert_eq!(shop.record(&shop.get("/card", "globex"), "class"), "sensitive");
    // Ten a minute and address: ten at once, and one more for each six seconds that this takes.
    let begun = Instant::now();
    let logins = (0..100).map(|_| shop.gateway.client().get("/login"));
    let passed = logins.take_while(|answer| answer.code() != "address_limited").map(|answer| answer.status);
    let passed: Vec<u16> = passed.collect();
    let most = 10 + usize::try_from(begun.elapsed().as_secs() / 6).unwrap() + 1;
    assert!((10..=most).contains(&passed.len()) && passed.iter().all(|one| *one == 200), "{passed:?}");

    shop.counts(r#"bartizan_limited_total{limit="work",kind="cost"} 1"#);
    shop.counts(r#"bartizan_limited_total{limit="orders-daily",kind="daily"} 2"#);
    shop.counts(r#"bartizan_limited_total{limit="sensitive-client",kind="requests"} 1"#);

    let explained = shop.gateway.verb(&["explain", "GET", "/card"]);
    let said = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(said.contains("class      sensitive (high importance)"), "{said}");
    assert!(said.contains("2/h per client (`sensitive-client`, burst 2, of class sensitive)"), "{said}");
}

#[test]
fn a_restart_does_not_begin_a_day_anew() {
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let limits = "limits: [{ name: orders, per: tenant, rate: 100/min, daily: 3, operations: [order] }]\n";
    let shop = Shop::open("limits-restart", &upstream, "", limits);
    assert_eq!(shop.calls("/order", "acme", 4), [200, 200, 200, 429]);
    assert_eq!(shop.calls("/order", "globex", 1), [200]);
    let shop = shop.restart();
    assert_eq!(shop.calls("/order", "acme-desk", 1), [429]);
    assert_eq!(shop.calls("/order", "globex", 3), [200, 200, 429]);
}

#[test]
fn a_crash_does_not_begin_a_day_anew() {
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    // One call is the whole day: whenever the counts are written, they have it.
    let limits = "limits: [{ name: orders, per: tenant, rate: 100/min, daily: 1, operations: [order] }]\n";
    let shop = Shop::open("limits-crash", &upstream, "", limits);
    assert_eq!(shop.calls("/order", "acme", 1), [200]);
    e2e::eventually("the counts are written", || shop.folder.join("state/limits").exists());
    let shop = shop.crash();
    assert_eq!(shop.calls("/order", "acme-desk", 1), [429]);
    assert_eq!(shop.calls("/order", "globex", 1), [200]);
}

/// Holds answers back until it is opened.
#[derive(Default)]
struct Gate {
    waiting: AtomicUsize,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut is_open = self.is_open.lock().unwrap();
        while !*is_open {
            is_open = self.opened.wait(is_open).unwrap();
        }
    }

    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

#[test]
fn when_a_service_is_busy_the_batch_gives_way_and_the_partner_is_served() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let upstream = Server::start(move |request| {
        if request.target() == "/slow" {
            held.wait();
        }
        Reply::json(200, "{}")
    });
    let classes = "classes: { batch: { clients: [nightly] }, partner: { clients: [acme] } }\n";
    let bound = "    concurrency: { adaptive: false, max: 4 }\n";
    let shop = Shop::open("limits-shed", &upstream, bound, classes);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let slow: Vec<_> = (0..3).map(|_| scope.spawn(|| shop.get("/slow", "nightly").status)).collect();
        e2e::eventually("three requests wait", || gate.waiting.load(Ordering::SeqCst) == 3);
        // 70 % of four, rounded up, are taken.
        let shed = shop.get("/order", "nightly");
        assert_eq!((shed.status, shed.code().as_str()), (503, "shed"));
        assert_eq!(shed.header("retry-after"), Some("10"));
        assert_eq!(shop.record(&shed, "class"), "batch");
        assert_eq!(shop.get("/order", "acme").status, 200, "a partner is served");
        assert_eq!(shop.get("/order", "globex").status, 200, "and so is who is in no class");
        // One more, and only the partner's would fit no longer either.
        let fourth = scope.spawn(|| shop.get("/slow", "acme").status);
        e2e::eventually("four requests wait", || gate.waiting.load(Ordering::SeqCst) == 4);
        assert_eq!(shop.get("/order", "globex").code(), "shed");
        assert_eq!(shop.get("/order", "acme").code(), "shed");
        gate.open();
        for request in slow {
            assert_eq!(request.join().unwrap(), 200, "what was begun is served to its end");
        }
        assert_eq!(fourth.join().unwrap(), 200);
        ended.store(true, Ordering::SeqCst);
    });
    assert!(ended.load(Ordering::SeqCst));
    e2e::eventually("the batch is served again", || shop.get("/order", "nightly").status == 200);
    shop.counts(r#"bartizan_shed_total{api="shop",class="batch",importance="low"} 1"#);
    shop.counts(r#"bartizan_shed_total{api="shop",class="partner",importance="high"} 1"#);
    shop.counts(r#"bartizan_concurrency_bound{api="shop"} 4"#);
}

#[test]
fn an_adaptive_bound_lets_a_healthy_service_have_everything() {
    let upstream = Server::start(|_| Reply::json(200, "{}"));
    let shop = Shop::open("limits-adaptive", &upstream, "    concurrency: {}\n", "");
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| shop.calls("/order", "acme", 40))).collect();
        for client in clients {
            assert!(client.join().unwrap().iter().all(|status| *status == 200));
        }
    });
    assert!(!shop.gateway.metrics().contains("bartizan_shed_total{"));
}

/// A service of so many workers: beyond them requests queue.
struct Workers {
    free: Mutex<usize>,
    done: Condvar,
}

impl Workers {
    fn work(&self, time: Duration) {
        let free = self.free.lock().unwrap();
        *self.done.wait_while(free, |free| *free == 0).unwrap() -= 1;
        std::thread::sleep(time);
        *self.free.lock().unwrap() += 1;
        self.done.notify_one();
    }
}

#[test]
fn an_adaptive_bound_falls_where_a_service_queues_and_who_is_beyond_it_gives_way() {
    const WORK: Duration = Duration::from_millis(20);
    const CALLERS: usize = 8;
    let workers = Workers { free: Mutex::new(2), done: Condvar::new() };
    let upstream = Server::start(move |_| {
        workers.work(WORK);
        Reply::json(200, "{}")
    });
    let bound = format!("    concurrency: {{ min: 2, max: {CALLERS} }}\n");
    let shop = Shop::open("limits-adapts", &upstream, &bound, "");
    // One caller alone shows what an answer takes without a queue; where the bound falls because the machine is busy, it is
    // beyond what that one needs all the same.
    assert!(shop.calls("/order", "acme", 30).iter().all(|status| *status == 200));
    assert_eq!(shop.sum("bartizan_shed_total"), 0.0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let call = || {
            let mut answers = [0; 2];
            while !is_over.load(Ordering::SeqCst) {
                let answer = shop.get("/order", "acme");
                match answer.status {
                    200 => answers[0] += 1,
                    _ => {
                        assert_eq!((answer.status, answer.code().as_str()), (503, "shed"));
                        answers[1] += 1;
                        std::thread::sleep(WORK);
                    }
                }
            }
            answers
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(call)).collect();
        // All of them fit into the bound as it was: it is the queue that makes it fall.
        eventually_or_stop(&is_over, "the bound falls", || {
            shop.sum("bartizan_concurrency_bound") < CALLERS as f64
        });
        eventually_or_stop(&is_over, "some give way", || shop.sum("bartizan_shed_total") > 0.0);
        is_over.store(true, Ordering::SeqCst);
        let answers = callers.into_iter().map(|caller| caller.join().unwrap());
        let [served, shed] = answers.fold([0, 0], |all, one| [all[0] + one[0], all[1] + one[1]]);
        assert!(served > 0 && shed > 0, "{served} served, {shed} gave way");
        assert_eq!(shop.sum("bartizan_shed_total"), f64::from(shed));
    });
    assert!(shop.sum("bartizan_concurrency_bound") >= 2.0);
}

/// Like [`e2e::eventually`], but a story that fails stops its callers too.
fn eventually_or_stop(is_over: &AtomicBool, what: &str, holds: impl FnMut() -> bool) {
    let waited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| e2e::eventually(what, holds)));
    if let Err(panic) = waited {
        is_over.store(true, Ordering::SeqCst);
        std::panic::resume_unwind(panic);
    }
}
