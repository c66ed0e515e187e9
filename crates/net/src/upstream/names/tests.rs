#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;

use super::*;

/// A name server on loopback that knows one set of IPv4 addresses, for every name; none: it says that it failed.
pub(in crate::upstream) struct Zone {
    pub address: SocketAddr,
    answers: Arc<Mutex<Vec<std::net::Ipv4Addr>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Zone {
    pub async fn start(ttl_s: u32, addresses: &[&str]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let answers: Arc<Mutex<Vec<_>>> = Arc::default();
        let knows = Arc::clone(&answers);
        let task = tokio::spawn(async move {
            let mut datagram = [0; 1500];
            loop {
                let (length, peer) = socket.recv_from(&mut datagram).await.unwrap();
                let answer = reply(&datagram[..length], &knows.lock().unwrap(), ttl_s);
                socket.send_to(&answer, peer).await.unwrap();
            }
        });
        let zone = Self { address, answers, task };
        zone.says(addresses);
        zone
    }

    pub fn says(&self, addresses: &[&str]) {
        *self.answers.lock().unwrap() = addresses.iter().map(|address| address.parse().unwrap()).collect();
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// RFC 1035 section 4.1: the question again, and an A record for each address.
fn reply(query: &[u8], addresses: &[std::net::Ipv4Addr], ttl_s: u32) -> Vec<u8> {
    let name_end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
    let question = &query[12..name_end + 4];
    let asks_a = question[question.len() - 4..] == [0, 1, 0, 1];
    let count = if asks_a { u16::try_from(addresses.len()).unwrap() } else { 0 };
    let code = if addresses.is_empty() { 2 } else { 0 };
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1]);
    answer.extend(count.to_be_bytes());
    answer.extend([0, 0, 0, 0]);
    answer.extend(question);
    for address in addresses.iter().take(usize::from(count)) {
        answer.extend([0xc0, 12, 0, 1, 0, 1]);
        answer.extend(ttl_s.to_be_bytes());
        answer.extend([0, 4]);
        answer.extend(address.octets());
    }
    answer
}

fn dns(zone: &Zone) -> Dns {
    Dns { server: Some(zone.address), ..Dns::default() }
}

#[tokio::test]
async fn a_name_has_its_addresses_for_as_long_as_its_ttl_within_bounds() {
    for (ttl_s, least, most) in [(0, 1.0, 1.0), (60, 55.0, 60.0), (86_400, 300.0, 300.0)] {
        let zone = Zone::start(ttl_s, &["127.0.0.2", "127.0.0.1", "127.0.0.2"]).await;
        let found = dns(&zone).resolve("service.test").await.unwrap();
        assert_eq!(
            found.addresses,
            ["127.0.0.1", "127.0.0.2"].map(|address| address.parse::<IpAddr>().unwrap())
        );
        let valid_s = found.valid_for.as_secs_f64();
        assert!((least..=most).contains(&valid_s), "{ttl_s}: {valid_s}");
    }
}

#[tokio::test]
async fn an_address_is_itself_and_the_systems_hosts_are_known() {
    let zone = Zone::start(60, &[]).await;
    let found = dns(&zone).resolve("169.254.169.254").await.unwrap();
    assert_eq!(found.addresses, ["169.254.169.254".parse::<IpAddr>().unwrap()]);
    assert!(dns(&zone).resolve("localhost").await.unwrap().addresses[0].is_loopback());
    let error = dns(&zone).resolve("service.test").await.unwrap_err();
    assert_eq!(error.detail, "the host's name has no address");
}

#[tokio::test]
async fn a_name_leads_to_no_special_address_unless_that_is_allowed() {
    for refused in
        ["169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16"]
    {
        let zone = Zone::start(60, &[refused]).await;
        let error = dns(&zone).resolve("service.test").await.unwrap_err();
        assert_eq!(error.detail, "the host's name leads only to addresses that are refused", "{refused}");
        let allow = vec![(refused.parse().unwrap(), 32)];
        let found = Dns { allow, ..dns(&zone) }.resolve("service.test").await.unwrap();
        assert_eq!(found.addresses, [refused.parse::<IpAddr>().unwrap()]);
        zone.says(&["10.0.0.1", refused]);
        assert_eq!(
            dns(&zone).resolve("service.test").await.unwrap().addresses,
            ["10.0.0.1".parse::<IpAddr>().unwrap()]
        );
    }
    for refused in ["fe80::1", "::", "ff02::1", "fd00:ec2::254", "::ffff:169.254.169.254"] {
        assert!(is_never_meant(refused.parse().unwrap()), "{refused}");
    }
    // An IPv4 address that is not public, by way of a translator or a tunnel.
    for refused in [
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "64:ff9b:1:a9fe:a9:fe00::",
        "2002:a00:1::1",
        "2002:a9fe:a9fe::1",
        "::10.0.0.1",
        "::169.254.169.254",
        "2001:0:a00:1::f7f7:f7f7",
        "2001:0:808:808::5601:5601",
    ] {
        assert!(is_never_meant(refused.parse().unwrap()), "{refused}");
    }
    for meant in ["64:ff9b::808:808", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7", "::ffff:10.0.0.1"] {
        assert!(!is_never_meant(meant.parse().unwrap()), "{meant}");
    }
    for meant in ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "2001:db8::1", "192.168.0.1"] {
        assert!(!is_never_meant(meant.parse().unwrap()), "{meant}");
    }
}

#[test]
fn a_failing_name_is_asked_for_less_and_less_often() {
    let waits: Vec<_> =
        [1, 2, 3, 5, 6, 100].map(|failures| Dns::default().wait_after(failures).as_secs()).into();
    assert_eq!(waits, [1, 2, 4, 16, 30, 30]);
}
