//! Floods, each of them bounded: the gateway ends what it need not bear, stays within its memory, serves honest clients
//! meanwhile and everybody afterwards. With SLOW=1 each is ten times as large.

#[path = "floods/http1.rs"]
mod http1;
#[path = "floods/http2.rs"]
mod http2;

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use e2e::Gateway;
use e2e::attack::Recorder;

use crate::attack_corpus::{gateway, honest};

/// Memory that a flood may add, in KiB: this much, and so much for each connection or stream that it holds open. A debug
/// build idles at some 40 MiB; what was measured is half of this.
const GROWTH_KIB_MAX: u64 = 64 << 10;
const HELD_KIB_MAX: u64 = 24;
/// An honest request that takes longer was not served.
const HONEST_MAX: Duration = Duration::from_secs(30);

/// Times short enough for a test, and room for more connections of one address than anybody honest needs.
const TIGHT: &str = "timeouts: { head: 2s, body: 2s, idle: 4s, upstream_head: 60s, upstream_body: 60s }\n";

fn slow() -> bool {
    std::env::var_os("SLOW").is_some()
}

/// So many, or ten times as many with SLOW=1.
fn many(count: usize) -> usize {
    if slow() { count * 10 } else { count }
}

/// A gateway, and an upstream that counts.
struct Siege {
    gateway: Gateway,
    upstream: Recorder,
    held: usize,
}

impl Siege {
    fn of(story: &str, sizes: &str, extra: &str) -> Self {
        let folder = e2e::folder(story);
        let upstream = Recorder::start();
        let text = format!("{TIGHT}sizes: {{ connections_per_address_max: 100000{sizes} }}\n{extra}");
        Self { gateway: gateway(&folder, upstream.address, &text), upstream, held: 0 }
    }

    /// The flood holds so many connections or streams open at a time.
    fn holding(mut self, held: usize) -> Self {
        self.held = held;
        self
    }

    fn address(&self) -> SocketAddr {
        self.gateway.address
    }

    /// Runs the attack while an honest client asks again and again. At least `share` percent of its requests must be
    /// answered in time, the memory must stay bounded, and afterwards everything must be as it was.
    fn withstand<T>(&self, share: u64, attack: impl FnOnce() -> T) -> T {
        let before = resident_kib(self.gateway.process());
        let (done, peak) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(before)));
        let honest_client = {
            let (done, peak) = (Arc::clone(&done), Arc::clone(&peak));
            let (address, process) = (self.address(), self.gateway.process());
            std::thread::spawn(move || {
                let (mut tried, mut served) = (0_u64, 0_u64);
                while !done.load(Ordering::Relaxed) || tried < 5 {
                    let start = Instant::now();
                    let is_served = honest(address, "/status").is_ok() && start.elapsed() < HONEST_MAX;
                    (tried, served) = (tried + 1, served + u64::from(is_served));
                    peak.fetch_max(resident_kib(process), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(5));
                }
                (tried, served)
            })
        };
        let result = attack();
        done.store(true, Ordering::Relaxed);
        let (tried, served) = honest_client.join().unwrap();
        let growth = peak.load(Ordering::Relaxed).saturating_sub(before);
        // Where few were tried, one is more than the share leaves.
        assert!((served + 1) * 100 >= tried * share, "{served} of {tried} honest requests were served");
        let growth_max = GROWTH_KIB_MAX + HELD_KIB_MAX * u64::try_from(self.held).unwrap();
        assert!(growth < growth_max, "{growth} KiB more than the {before} KiB before");
        for _ in 0..10 {
            honest(self.address(), "/status").unwrap();
        }
        eprintln!("honest: {served} of {tried}; memory: {before} KiB and {growth} more");
        result
    }
}

/// Resident memory of a process in KiB (`VmRSS` of proc(5)).
fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}

/// How many of the connections the other side has ended, when there are enough of them or patience is at its end.
fn ended(streams: &mut [TcpStream], enough: usize) -> usize {
    let start = Instant::now();
    let mut open: Vec<&mut TcpStream> = streams.iter_mut().collect();
    let all = open.len();
    for stream in &open {
        stream.set_nonblocking(true).unwrap();
    }
    loop {
        open.retain_mut(|stream| is_open(stream));
        if all - open.len() >= enough || start.elapsed() > e2e::PATIENCE {
            return all - open.len();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_open(stream: &mut TcpStream) -> bool {
    let mut piece = [0; 4096];
    loop {
        match std::io::Read::read(stream, &mut piece) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(fault) => return fault.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}
