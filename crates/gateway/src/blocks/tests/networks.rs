//! Addresses and networks as they are written and as they are found.

use super::super::{Cidr, covered, judge_alone, wide_together};
use super::*;

#[test]
fn networks_are_read_and_written_in_one_form() {
    for (text, form) in [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7/32", "203.0.113.7"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8::/48", "2001:db8::/48"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
    ] {
        assert_eq!(text.parse::<Cidr>().unwrap().to_string(), form);
    }
    for text in ["", "203.0.113", "203.0.113.0/33", "203.0.113.7/24", "::/129", "203.0.113.0/+8", "1.2.3.4/"]
    {
        assert!(text.parse::<Cidr>().is_err(), "{text}");
    }
    assert!("203.0.113.7/24".parse::<Cidr>().unwrap_err().contains("203.0.113.0/24"), "says what is meant");
}

#[test]
fn an_address_is_found_in_every_network_that_holds_it_and_no_other() {
    let blocks = set(&clock());
    for text in ["203.0.113.0/24", "198.51.100.7", "10.0.0.0/8", "2001:db8:1::/48", "::ffff:192.0.2.0/120"] {
        add(&blocks, network(text), 1_000);
    }
    for (address, expected) in [
        ("203.0.113.0", true),
        ("203.0.113.255", true),
        ("203.0.114.0", false),
        ("198.51.100.7", true),
        ("198.51.100.6", false),
        ("10.255.1.2", true),
        ("11.0.0.0", false),
        ("2001:db8:1:ffff::1", true),
        ("2001:db8:2::1", false),
        ("192.0.2.9", true),
        ("::ffff:10.0.0.1", true),
        ("::", false),
        ("0.0.0.0", false),
    ] {
        assert_eq!(hits(&blocks, address), expected, "{address}");
    }
}

#[test]
fn the_trie_of_lengths_agrees_with_comparing_one_by_one() {
    let blocks = set(&clock());
    let mut state = 0x9e37_79b9_u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let mut networks = Vec::new();
    for _ in 0..300 {
        let prefix = u8::try_from(random() % 25 + 8).unwrap();
        let bits = random() & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        let cidr = Cidr::new(IpAddr::from(bits.to_be_bytes()), prefix).unwrap();
        networks.push(cidr);
        add(&blocks, Target { network: Some(cidr), ..Target::default() }, 1_000);
    }
    let mut found = 0;
    for _ in 0..3_000 {
        let near = networks[usize::try_from(random()).unwrap() % networks.len()];
        let address = IpAddr::from(random().to_be_bytes());
        let near = near.to_string().split('/').next().unwrap().parse().unwrap();
        for address in [address, near] {
            let expected = networks.iter().any(|network| network.contains(address));
            assert_eq!(hits(&blocks, &address.to_string()), expected, "{address}");
            found += usize::from(expected);
        }
    }
    assert!(found > 1_000);
    for listed in blocks.list() {
        blocks.lift(&[listed.block.id], "done", &By::default()).unwrap();
    }
    assert!(networks.iter().all(|network| !hits(&blocks, network.to_string().split('/').next().unwrap())));
}

fn networks(texts: &[&str]) -> Vec<Cidr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn networks_are_counted_together_and_none_twice() {
    for (texts, v4, v6) in [
        (&[][..], 0, 0),
        (&["0.0.0.0/0"], 1 << 32, 0),
        (&["128.0.0.0/1", "0.0.0.0/1"], 1 << 32, 0),
        (&["10.1.0.0/16", "10.0.0.0/8", "10.1.2.3", "10.1.2.3"], 1 << 24, 0),
        (&["192.0.2.1", "192.0.2.2", "2001:db8::/64", "2001:db8::1"], 2, 1 << 64),
        (&["::/1", "8000::/1"], 0, u128::MAX),
        (&["::/0"], 0, u128::MAX),
    ] {
        let networks = networks(texts);
        assert_eq!((covered(&networks, false), covered(&networks, true)), (v4, v6), "{texts:?}");
    }
}

#[test]
fn a_list_is_as_wide_as_all_of_it() {
    let targets = |texts: &[&str]| -> Vec<Target> {
        let networks = networks(texts).into_iter();
        networks.map(|network| Target { network: Some(network), ..Target::default() }).collect()
    };
    for (texts, wide) in [
        (&["10.0.0.0/16"][..], false),
        (&["2001:db8::/32"], false),
        (&["10.0.0.0/15"], true),
        (&["10.0.0.0/8"], true),
        (&["2001:db8::/31"], true),
        (&["10.0.0.0/17", "10.0.128.0/17"], false),
        (&["10.0.0.0/16", "10.0.7.0/24", "10.0.0.0/16"], false),
        (&["10.0.0.0/16", "10.9.0.1"], true),
        (&["2001:db8::/32", "2001:db9::/64"], true),
        (&["10.0.0.0/16", "2001:db8::/32"], false),
    ] {
        let targets = targets(texts);
        let alone = targets.iter().any(|target| !judge_alone(target).wide.is_empty());
        assert_eq!(alone || wide_together(&targets).is_some(), wide, "{texts:?}");
    }
    let said = wide_together(&targets(&["10.0.0.0/16", "10.9.0.1"])).unwrap();
    assert!(said.contains("2 networks") && said.contains("/16"), "{said}");
}
