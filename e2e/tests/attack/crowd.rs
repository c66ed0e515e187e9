//! Rude clients beside polite ones: uploads and downloads that are broken off, malformed requests, pipelines, streams
//! that are reset. Whatever they do to connections, nobody ever gets a byte of somebody else's answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use e2e::attack::frames::{self, Http2, frame};
use e2e::attack::strict::{self, Kind};
use e2e::{Reply, Server};

use crate::attack_corpus::{gateway, talk};

/// xorshift64: the same crowd every time, as far as the machine's timing allows.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }
}

/// As many lines as do not fit into any buffer on the way, each of them the caller's own.
const LINES: usize = 20_000;

fn answer(request: &e2e::Request) -> Reply {
    let target = request.target();
    let own = target.split_once('=').map_or("", |(_, own)| own);
    let body = match target.starts_with("/search") {
        true => format!("{own}\n").repeat(LINES),
        false => format!("{own} {}", request.body.len()),
    };
    Reply { status: 200, headers: vec![("Content-Type".into(), "text/plain".into())], body: body.into() }
}

fn get(path: &str, own: &str) -> String {
    format!("GET {path}={own} HTTP/1.1\r\nHost: a\r\n\r\n")
}

fn upload(length: usize) -> String {
    format!(
        "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// Every answer of a conversation, whole.
fn answers(to: SocketAddr, text: &str) -> Vec<strict::Message> {
    let mut got = talk(to, text.as_bytes(), usize::MAX).unwrap();
    let mut all = Vec::new();
    while let Some(message) = strict::take(&mut got, Kind::Response { to_head: false }, true).unwrap() {
        all.push(message);
    }
    assert!(got.is_empty(), "half an answer");
    all
}

fn polite(to: SocketAddr, own: &str) {
    let pipeline: String = (0..3).map(|number| get("/status?tag", &format!("{own}-{number}"))).collect();
    let got = answers(to, &(pipeline + &get("/search?q", own)));
    let bodies: Vec<String> = got.iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
    assert_eq!(bodies.len(), 4, "{own}: {:?}", got.iter().map(strict::Message::shape).collect::<Vec<_>>());
    for (number, body) in bodies.iter().take(3).enumerate() {
        assert_eq!(*body, format!("{own}-{number} 0"));
    }
    assert!(bodies[3].lines().count() == LINES && bodies[3].lines().all(|line| line == own), "{own}");
    let got = answers(to, &(upload(30_000) + &"b".repeat(30_000)));
    assert_eq!(got.first().map(|one| one.body.clone()), Some(b" 30000".to_vec()), "{own}");
}

fn rude(to: SocketAddr, dice: &mut Dice) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    match dice.below(5) {
        // Breaks off in the middle of an answer.
        0 => {
            let _ = stream.write_all(get("/search?q", "rude").as_bytes());
            let _ = stream.read(&mut [0; 1000]);
        }
        // Breaks off in the middle of a body, which looks like the beginning of another request.
        1 => {
            let half = upload(50_000) + &"GET /search?q=rude HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500);
            let _ = stream.write_all(half.as_bytes());
        }
        // Asks, and does not wait.
        2 => drop(stream.write_all(get("/status?tag", "rude").repeat(5).as_bytes())),
        // A body of chunks that goes wrong.
        3 => {
            let text = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n\
                        Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0x5\r\nabcde\r\n0\r\n\r\n";
            let _ = stream.write_all(text.as_bytes());
            let _ = stream.read(&mut [0; 1000]);
        }
        _ => {
            let _ = stream.write_all(b"GET /status HTTP/1.1\r\nHost : a\r\n\r\n");
            let _ = stream.read(&mut [0; 1000]);
        }
    }
}

/// Five streams, of which two are reset; the others get what is theirs.
fn half_polite(to: SocketAddr, own: &str, dice: &mut Dice) {
    let mut connection = Http2::open(to);
    let window = frame(frames::WINDOW_UPDATE, 0, 0, &(100_u32 << 20).to_be_bytes());
    connection.send(&[window, frame(frames::SETTINGS, 0, 0, &[0, 4, 0x0f, 0, 0, 0])].concat());
    let reset = [1 + 2 * dice.below(5), 1 + 2 * dice.below(5)];
    for number in (1..10).step_by(2) {
        let block = frames::request("GET", &format!("/search?q={own}-{number}"));
        connection.send(&frame(frames::HEADERS, 5, number, &block));
        if reset.contains(&u64::from(number)) {
            connection.send(&frame(frames::RST_STREAM, 0, number, &8_u32.to_be_bytes()));
        }
    }
    let mut bodies = vec![Vec::new(); 10];
    let mut ended = (1..10).step_by(2).filter(|number| reset.contains(number)).count();
    while ended < 5 {
        let received = connection.next(e2e::PATIENCE).unwrap().expect("the connection ended");
        let at = usize::try_from(received.stream).unwrap();
        if received.kind == frames::DATA {
            bodies[at].extend(&received.payload);
        }
        let is_reset = reset.contains(&u64::from(received.stream));
        assert!(is_reset || received.kind != frames::RST_STREAM, "{own}-{at} was reset");
        if matches!(received.kind, frames::DATA | frames::HEADERS) && received.flags & 1 == 1 && !is_reset {
            let text = String::from_utf8_lossy(&bodies[at]);
            assert!(text.lines().count() == LINES && text.lines().all(|line| line == format!("{own}-{at}")));
            ended += 1;
        }
    }
}

#[test]
fn among_rude_clients_everybody_gets_their_own_answer() {
    let folder = e2e::folder("crowd");
    let upstream = Server::start(answer);
    let gateway = gateway(&folder, upstream.address, "");
    let (address, done) = (gateway.address, Arc::new(AtomicUsize::new(0)));
    let rounds = if std::env::var_os("SLOW").is_some() { 400 } else { 25 };
    let clients: Vec<_> = (0..6_u64)
        .map(|client| {
            let done = Arc::clone(&done);
            std::thread::spawn(move || {
                let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (client << 20));
                for round in 0..rounds {
                    for _ in 0..dice.below(4) {
                        rude(address, &mut dice);
                    }
                    match dice.below(3) {
                        0 => half_polite(address, &format!("c{client}-r{round}"), &mut dice),
                        _ => polite(address, &format!("c{client}-r{round}")),
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let fine = clients.into_iter().map(std::thread::JoinHandle::join).filter(Result::is_ok).count();
    assert_eq!((fine, done.load(Ordering::Relaxed)), (6, 6 * rounds));
}
