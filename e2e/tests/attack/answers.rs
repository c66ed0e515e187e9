//! Services that attack: each answer is replaced by a 502, or reaches the client as one message that can be read in one
//! way, or as one that is visibly cut off; and whoever comes next gets their own answer.

use e2e::attack::corpus::{self, Case};
use e2e::attack::strict::{self, Kind};
use e2e::attack::{Log, Scripted};

use crate::attack_corpus::{gateway, honest, report, talk, told};

const KEYS: &[&str] = &["source", "why", "expect", "body", "with", "without", "then", "to"];
const TIMES: &str = "timeouts: { head: 30s, body: 30s, idle: 60s, upstream_head: 3s, upstream_body: 3s }\n";

fn run(to: std::net::SocketAddr, log: &Log, case: &Case) -> Result<(), String> {
    let method = case.one("to").unwrap_or("GET");
    let mut text = format!("{method} /case/{} HTTP/1.1\r\nHost: a\r\n\r\n", case.name);
    // A second request on the client's connection: an answer too many would be taken for its answer. Where the case
    // comes in several packets, the next request waits for the last of them: what a service says after it was asked is
    // its answer, whatever it is.
    if !case.lines.iter().any(|line| line == "(pause)") {
        text.push_str("GET /status?tag=second HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut got = talk(to, text.as_bytes(), usize::MAX)?;
    let kind = Kind::Response { to_head: method == "HEAD" };
    let first = strict::take(&mut got, kind, true)?;
    let outcome = first.as_ref().map_or_else(|| "cut".to_owned(), told);
    let expected = case.one("expect").unwrap_or_default();
    if outcome != expected {
        return Err(format!("{outcome} instead of {expected}"));
    }
    if let Some(first) = first {
        judge(case, &first)?;
        let second = strict::take(&mut got, Kind::Response { to_head: false }, true)?;
        let own = second.as_ref().is_some_and(|second| second.body == br#"{"tag":"second"}"#);
        let one = case.lines.iter().any(|line| line == "(pause)");
        let closed = second.is_none() && (one || first.header("connection") == Some("close"));
        if !(own || closed) || !got.is_empty() {
            return Err(format!("the second request got {second:?}, and then {:?}", corpus::show(&got)));
        }
    }
    let played = format!("PLAYED {}", case.name);
    e2e::eventually("the case is played", || log.since(0).iter().any(|entry| entry.shape == played));
    for _ in 0..3 {
        honest(to, "/status")?;
    }
    honest(to, "/last").map(|_| ())
}

fn judge(case: &Case, got: &strict::Message) -> Result<(), String> {
    if let Some(body) = case.one("body")
        && corpus::show(&got.body) != body
    {
        return Err(format!("the body is {}", corpus::show(&got.body)));
    }
    let fields: Vec<String> = got.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    for with in case.all("with") {
        if !fields.iter().any(|field| field == with) {
            return Err(format!("no `{with}` in {fields:?}"));
        }
    }
    for without in case.all("without") {
        if fields.iter().any(|field| field.contains(without)) {
            return Err(format!("`{without}` in {fields:?}"));
        }
    }
    Ok(())
}

#[test]
fn an_answer_that_is_not_one_message_is_a_502_or_visibly_cut() {
    let cases = corpus::read("answers", KEYS);
    assert!(cases.len() >= 25, "{} cases", cases.len());
    let folder = e2e::folder("answers");
    let service = Scripted::start(cases.clone());
    let gateway = gateway(&folder, service.address, TIMES);
    let table: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((case.name.clone(), run(gateway.address, &service.log, case).err()?)))
        .collect();
    report("answers", &table);
}
