//! Where a request comes from, when proxies stand before the gateway: headers of the PROXY protocol and lists of hops,
//! honest and not.

use e2e::attack::Recorder;
use e2e::attack::corpus;

use crate::attack_corpus::{Behind, gateway, outcome, report, talk};

const KEYS: &[&str] = &["source", "why", "expect", "upstream", "with", "without", "listener"];

#[test]
fn whoever_speaks_for_others_is_believed_only_as_far_as_is_configured() {
    let upstream = Recorder::start();
    let address = upstream.address;
    let behind = Behind::Strict(upstream.log);
    let trusted = "trusted_proxies: [127.0.0.0/8]";
    let folders = ["proxied-protocol", "proxied-forwarded"].map(e2e::folder);
    let times = "timeouts: { head: 30s, body: 30s, idle: 60s }\n";
    let listen = |more: &str| format!("{times}listen: {{ address: \"127.0.0.1:0\", {trusted}{more} }}\n");
    let protocol = gateway(&folders[0], address, &listen(", proxy_protocol: true"));
    let forwarded = gateway(&folders[1], address, &listen(""));
    let cases = corpus::read("proxied", KEYS);
    assert!(cases.len() >= 30, "{} cases", cases.len());
    let mut table = Vec::new();
    for case in &cases {
        let is_protocol = case.one("listener") != Some("forwarded");
        let to = if is_protocol { protocol.address } else { forwarded.address };
        let run = || {
            let mark = behind.mark();
            let got = outcome(&talk(to, &case.bytes(), usize::MAX)?, false)?;
            let expected = case.all("expect");
            if got != expected {
                return Err(format!("{got:?} instead of {expected:?}"));
            }
            behind.judge(mark, case, "")?;
            let prefix = if is_protocol { "PROXY UNKNOWN\r\n" } else { "" };
            let text = format!("{prefix}GET /status?tag=honest-{mark} HTTP/1.1\r\nHost: a\r\n\r\n");
            let got = talk(to, text.as_bytes(), usize::MAX)?;
            let own = got.ends_with(format!("{{\"tag\":\"honest-{mark}\"}}").as_bytes());
            if own { Ok(()) } else { Err(format!("the next got {:?}", corpus::show(&got))) }
        };
        if let Err(fault) = run() {
            table.push((case.name.clone(), fault));
        }
    }
    report("proxied", &table);
}
