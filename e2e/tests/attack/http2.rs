//! Raw frames of HTTP/2: what may become HTTP/1 behind the gateway, and what RFC 9113 says must not. Each case is
//! answered, refused or reset as its file says, the service sees exactly what it says, and whoever comes next is served.

use e2e::attack::corpus::{self, Case};
use e2e::attack::{Recorder, frames};

use crate::attack_corpus::{Behind, gateway, honest, report};

const KEYS: &[&str] = &["source", "why", "expect", "upstream", "with", "without"];
const TIMES: &str = "timeouts: { head: 30s, body: 30s, idle: 60s, upstream_head: 60s, upstream_body: 60s }\n";

fn run(address: std::net::SocketAddr, behind: &Behind, case: &Case) -> Result<(), String> {
    let mark = behind.mark();
    let outcome = frames::play(address, &case.lines, e2e::PATIENCE);
    // `a | b`: either is an end that leaves nothing open.
    let expected: Vec<Vec<&str>> =
        case.all("expect").iter().map(|line| line.split(" | ").collect()).collect();
    let fits = outcome.len() == expected.len()
        && outcome.iter().zip(&expected).all(|(got, any)| any.contains(&got.as_str()));
    if !fits {
        return Err(format!("{outcome:?} instead of {expected:?}"));
    }
    honest(address, "/last")?;
    let tag = honest(address, "/status")?;
    behind.judge(mark, case, &tag).map(|_| ())
}

#[test]
fn frames_are_answered_as_rfc_9113_says_and_nothing_is_smuggled() {
    let cases = corpus::read("http2", KEYS);
    let downgrade = cases.iter().filter(|case| case.name.starts_with("h1-")).count();
    assert!(downgrade >= 30 && cases.len() - downgrade >= 40, "{downgrade} of {} cases", cases.len());
    let folder = e2e::folder("http2");
    let recorder = Recorder::start();
    let gateway = gateway(&folder, recorder.address, TIMES);
    let behind = Behind::Strict(recorder.log);
    let table: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((case.name.clone(), run(gateway.address, &behind, case).err()?)))
        .collect();
    report("http2", &table);
}
