#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

fn said(networks: &[&str]) -> Option<&'static str> {
    let networks: Vec<Network> = networks
        .iter()
        .map(|text| {
            let (address, prefix) = text.split_once('/').unwrap();
            Network { address: address.parse().unwrap(), prefix: prefix.parse().unwrap() }
        })
        .collect();
    too_many(&networks)
}

#[test]
fn trusted_networks_are_judged_by_what_they_hold_together() {
    let halves: Vec<String> = (0..256).map(|first| format!("{first}.0.0.0/8")).collect();
    let halves: Vec<&str> = halves.iter().map(String::as_str).collect();
    for all in [&["0.0.0.0/0"][..], &["::/0"], &["0.0.0.0/1", "128.0.0.0/1"], &["8000::/1", "::/1"], &halves]
    {
        assert_eq!(said(all), Some("every address is a trusted proxy"), "{all:?}");
    }
    for much in
        [&["64.0.0.0/7"][..], &["2000::/15"], &halves[..17], &["fc00::/6"], &["10.0.0.0/8", "0.0.0.0/2"]]
    {
        assert_eq!(said(much), Some("a large part of all addresses are trusted proxies"), "{much:?}");
    }
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10"];
    for fine in [&private[..], &[], &halves[..16], &["2001:db8::/32", "2001:db8::/32"], &["2001::/16"]] {
        assert_eq!(said(fine), None, "{fine:?}");
    }
}
