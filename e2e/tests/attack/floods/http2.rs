//! Floods of frames: rapid reset, resets provoked, CONTINUATION, PING, SETTINGS, empty DATA, HPACK, windows.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use e2e::attack::frames::{self, frame};

use super::{Siege, many};

/// A connection whose answers are read and dropped, or not read at all; it writes until it is refused.
struct Flood {
    stream: TcpStream,
    /// Reads and drops; ends with the connection.
    reader: Option<JoinHandle<()>>,
}

impl Flood {
    /// With `settings` of the client.
    fn open(address: SocketAddr, settings: &[u8], reads: bool) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        let _ = stream.write_all(&[frames::PREFACE, &frame(frames::SETTINGS, 0, 0, settings)].concat());
        let reader = reads.then(|| {
            let mut other = stream.try_clone().unwrap();
            std::thread::spawn(move || {
                let mut piece = [0; 64 << 10];
                while other.read(&mut piece).is_ok_and(|count| count > 0) {}
            })
        });
        Self { stream, reader }
    }

    /// Whether the gateway ends the connection soon: what it was sent may wait in buffers until then.
    fn is_ended(&self) -> bool {
        let start = Instant::now();
        let has_ended = || self.reader.as_ref().is_some_and(JoinHandle::is_finished);
        while !has_ended() && start.elapsed() < e2e::PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        has_ended()
    }

    /// `false` when the gateway takes no more: it has ended the connection, or does not read on.
    fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn requests(siege: &Siege) -> usize {
    siege.upstream.log.since(0).iter().filter(|entry| !entry.shape.contains("honest")).count()
}

/// Opens streams and makes what follows end them, on as many connections as it takes; how many of them the gateway ended.
fn streams_until(siege: &Siege, count: usize, ending: impl Fn(u32) -> Vec<u8>) -> usize {
    let block = frames::request("GET", "/status");
    let (mut sent, mut connections, mut ended) = (0, 0, 0);
    while sent < count && connections < 5000 {
        let mut flood = Flood::open(siege.address(), &[], true);
        connections += 1;
        let mut stream = 1;
        while sent < count {
            let mut batch = Vec::new();
            for _ in 0..100 {
                batch.extend(frame(frames::HEADERS, 5, stream, &block));
                batch.extend(ending(stream));
                stream += 2;
            }
            sent += 100;
            if !flood.send(&batch) {
                ended += 1;
                break;
            }
        }
        if ended == 0 && flood.is_ended() {
            ended += 1;
        }
    }
    ended
}

/// CVE-2023-44487.
#[test]
fn a_hundred_thousand_streams_reset_at_once_reach_the_service_hardly_ever() {
    let siege = Siege::of("flood-rapid-reset", "", "");
    let count = many(100_000);
    let ended = siege.withstand(90, || {
        streams_until(&siege, count, |stream| frame(frames::RST_STREAM, 0, stream, &8_u32.to_be_bytes()))
    });
    let seen = requests(&siege);
    eprintln!("{count} streams, {ended} connections ended, {seen} requests at the service");
    assert!(ended > 0, "one connection reset {count} streams and was never ended");
    assert!(seen < count / 10, "{seen} of {count} reset requests reached the service");
}

/// CVE-2025-8671, "made you reset": the gateway is made to reset.
#[test]
fn streams_that_make_the_gateway_reset_end_the_connection() {
    let siege = Siege::of("flood-made-you-reset", "", "");
    let count = many(20_000);
    let ended = siege.withstand(90, || {
        // An increment of 0 is an error of the stream (RFC 9113 section 6.9).
        streams_until(&siege, count, |stream| frame(frames::WINDOW_UPDATE, 0, stream, &0_u32.to_be_bytes()))
    });
    eprintln!("{count} streams, {ended} connections ended, {} requests at the service", requests(&siege));
    assert!(ended > 0, "one connection provoked {count} resets and was never ended");
}

/// CVE-2024-27316 and its kin: a head of frames without end.
#[test]
fn a_head_that_continues_without_end_is_ended_early() {
    let siege = Siege::of("flood-continuation", "", "");
    let sent = siege.withstand(95, || {
        let mut sent = 0;
        for _ in 0..many(4) {
            let mut flood = Flood::open(siege.address(), &[], true);
            let mut going = flood.send(&frame(frames::HEADERS, 1, 1, &frames::request("GET", "/status")));
            let piece =
                frame(frames::CONTINUATION, 0, 1, &e2e::attack::hpack::literal(b"x-a", &[b'b'; 16_000]));
            let mut here = 0;
            while going && here < 64 << 20 {
                going = flood.send(&piece);
                here += piece.len();
            }
            sent = sent.max(here);
        }
        sent
    });
    assert!(sent < 32 << 20, "{sent} bytes of one head were taken");
}

#[test]
fn small_continuations_without_end_are_ended_early() {
    let siege = Siege::of("flood-continuation-small", "", "");
    let sent = siege.withstand(95, || {
        let mut flood = Flood::open(siege.address(), &[], true);
        let mut going = flood.send(&frame(frames::HEADERS, 1, 1, &frames::request("GET", "/status")));
        let piece = frame(frames::CONTINUATION, 0, 1, &[]).repeat(1000);
        let mut sent = 0;
        while going && sent < 2_000_000 {
            going = flood.send(&piece);
            sent += 1000;
        }
        sent
    });
    assert!(sent < 2_000_000, "{sent} empty frames of one head were taken");
}

/// CVE-2019-9512 and CVE-2019-9515: what must be answered, by a client that does not read.
#[test]
fn pings_and_settings_whose_answers_nobody_reads_are_not_hoarded() {
    let siege = Siege::of("flood-ping", "", "");
    siege.withstand(95, || {
        for one in
            [frame(frames::PING, 0, 0, b"12345678"), frame(frames::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9])]
        {
            let batch = one.repeat(1000);
            let mut floods: Vec<Flood> = (0..8).map(|_| Flood::open(siege.address(), &[], false)).collect();
            for flood in &mut floods {
                let mut left = many(300);
                while left > 0 && flood.send(&batch) {
                    left -= 1;
                }
            }
        }
    });
}

/// CVE-2019-9518: frames that cost something and carry nothing.
#[test]
fn empty_frames_do_not_keep_the_gateway_from_others() {
    let siege = Siege::of("flood-empty", "", "");
    siege.withstand(90, || {
        let mut flood = Flood::open(siege.address(), &[], true);
        let mut block = frames::request("POST", "/upload");
        block.extend(e2e::attack::hpack::literal(b"content-type", b"application/octet-stream"));
        let mut going = flood.send(&frame(frames::HEADERS, 4, 1, &block));
        let batch = frame(frames::DATA, 0, 1, &[]).repeat(1000);
        let mut left = many(500);
        while going && left > 0 {
            going = flood.send(&batch);
            left -= 1;
        }
    });
    assert_eq!(requests(&siege), 0);
}

/// CVE-2016-6581 and its kin: a little block that becomes a great many bytes.
#[test]
fn a_block_that_refers_to_itself_does_not_unfold() {
    let siege = Siege::of("flood-hpack", "", "");
    siege.withstand(95, || {
        for _ in 0..many(20) {
            let mut flood = Flood::open(siege.address(), &[], true);
            // One long field into the table (RFC 7541 section 6.2.1), then its index without end.
            let mut first = frames::request("GET", "/status");
            let mut kept = e2e::attack::hpack::literal(b"x-a", &[b'b'; 3900]);
            kept[0] = 0x40;
            first.extend(kept);
            let mut going = flood.send(&frame(frames::HEADERS, 5, 1, &first));
            let bomb = [frames::request("GET", "/status"), vec![0xbe; 16_000]].concat();
            for number in 1..20 {
                going = going && flood.send(&frame(frames::HEADERS, 5, number * 2 + 1, &bomb));
            }
        }
    });
    assert!(requests(&siege) <= many(20), "a bomb reached the service");
}

/// CVE-2019-9511 and CVE-2019-9517: answers that are asked for and whose window stays shut.
#[test]
fn answers_behind_a_shut_window_are_few_and_are_ended() {
    let siege = Siege::of("flood-window", "", "").holding(many(20) * 128);
    let pending = siege.withstand(90, || {
        let block = frames::request("GET", "/status");
        let open_all = |_| {
            let mut connection = frames::Http2::open(siege.address());
            let shut = frame(frames::SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
            let all = (0..128).flat_map(|number| frame(frames::HEADERS, 5, number * 2 + 1, &block));
            connection.send(&shut.into_iter().chain(all).collect::<Vec<u8>>());
            connection
        };
        let connections: Vec<frames::Http2> = (0..many(20)).map(open_all).collect();
        // Nobody leaves an answer lying for longer than `timeouts.idle`.
        connections.into_iter().map(pending).sum::<usize>()
    });
    assert_eq!(pending, 0, "answers that nobody takes are kept");
}

/// How many of its 128 streams neither ended nor saw their connection end, however patiently they are waited for.
fn pending(mut connection: frames::Http2) -> usize {
    let mut ended = 0;
    while ended < 128 {
        match connection.next(e2e::PATIENCE) {
            Ok(Some(frame)) if frame.kind == frames::RST_STREAM => ended += 1,
            Ok(Some(frame)) if frame.kind == frames::GOAWAY => return 0,
            Ok(Some(_)) => {}
            Ok(None) => return 0,
            Err(frames::Silence) => break,
        }
    }
    128 - ended
}
