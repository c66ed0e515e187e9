//! A client of HTTP/2 that sends any frame, in any order, and says what came of it (RFC 9113).

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::corpus::unescape;
use super::hpack;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

const NAMES: [&str; 10] = [
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
];
const ERRORS: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];
const MARK: &[u8; 8] = b"the-mark";

#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// Nothing came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence;

/// A frame's bytes (section 4.1).
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The block of an ordinary request.
pub fn request(method: &str, path: &str) -> Vec<u8> {
    request_to("http", "a", method, path)
}

/// The same, to an authority of a scheme.
fn request_to(scheme: &str, authority: &str, method: &str, path: &str) -> Vec<u8> {
    let fields = [(":method", method), (":scheme", scheme), (":path", path), (":authority", authority)];
    fields.iter().flat_map(|(name, value)| hpack::literal(name.as_bytes(), value.as_bytes())).collect()
}

/// A connection with prior knowledge, or one that somebody has agreed on.
pub struct Http2 {
    stream: Box<dyn Duplex>,
    /// Below it.
    socket: TcpStream,
    received: Vec<u8>,
    next_stream: u32,
    is_leaving: bool,
}

trait Duplex: Read + Write + Send {}

impl<S: Read + Write + Send> Duplex for S {}

impl Http2 {
    /// Connects and sends the preface, with settings that leave HPACK's table no room.
    pub fn open(address: SocketAddr) -> Self {
        let mut connection = Self::bare(address);
        connection.greet();
        connection
    }

    /// The same over a stream that is there already, such as TLS; `socket` is what it runs over.
    pub fn over(stream: impl Read + Write + Send + 'static, socket: TcpStream) -> Self {
        let stream = Box::new(stream);
        let mut connection = Self { stream, socket, received: Vec::new(), next_stream: 1, is_leaving: false };
        connection.greet();
        connection
    }

    fn greet(&mut self) {
        self.send(PREFACE);
        self.send(&frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0]));
    }

    /// A GET on the next stream, to its whole answer: the status. `None` when there is none.
    pub fn get(&mut self, scheme: &str, authority: &str, path: &str) -> Option<u16> {
        let stream = self.next_stream;
        self.next_stream += 2;
        let mut status = None;
        if !self.send(&frame(HEADERS, 5, stream, &request_to(scheme, authority, "GET", path))) {
            return None;
        }
        loop {
            let received = self.next(crate::PATIENCE).ok()??;
            let is_mine = received.stream == stream;
            match received.kind {
                HEADERS if is_mine => status = hpack::status(&received.payload),
                DATA if !received.payload.is_empty() => {
                    let taken = u32::try_from(received.payload.len()).unwrap();
                    self.send(&frame(WINDOW_UPDATE, 0, 0, &taken.to_be_bytes()));
                }
                RST_STREAM if is_mine => return None,
                SETTINGS if received.flags == 0 => drop(self.send(&frame(SETTINGS, 1, 0, &[]))),
                PING if received.flags == 0 => drop(self.send(&frame(PING, 1, 0, &received.payload))),
                GOAWAY => self.is_leaving = true,
                _ => {}
            }
            if is_mine && matches!(received.kind, HEADERS | DATA) && received.flags & 1 == 1 {
                return status;
            }
        }
    }

    /// The other side wants no further streams here.
    pub fn is_leaving(&self) -> bool {
        self.is_leaving
    }

    /// Connects and sends nothing.
    pub fn bare(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let socket = stream.try_clone().unwrap();
        Self { stream: Box::new(stream), socket, received: Vec::new(), next_stream: 1, is_leaving: false }
    }

    /// `false` when the other side takes no more.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// The next frame; `Ok(None)` at the connection's end, an error when nothing came in time.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Frame>, Silence> {
        let start = Instant::now();
        loop {
            if let Some(length) = self.received.get(..3) {
                let length =
                    usize::from(length[0]) << 16 | usize::from(length[1]) << 8 | usize::from(length[2]);
                if self.received.len() >= 9 + length {
                    let bytes: Vec<u8> = self.received.drain(..9 + length).collect();
                    let stream = u32::from_be_bytes(bytes[5..9].try_into().unwrap()) & 0x7fff_ffff;
                    return Ok(Some(Frame {
                        kind: bytes[3],
                        flags: bytes[4],
                        stream,
                        payload: bytes[9..].to_vec(),
                    }));
                }
            }
            let left = patience.saturating_sub(start.elapsed()).max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(left)).unwrap();
            let mut piece = [0; 16 << 10];
            match self.stream.read(&mut piece) {
                Ok(0) => return Ok(None),
                Ok(count) => self.received.extend(&piece[..count]),
                Err(fault)
                    if matches!(
                        fault.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) =>
                {
                    return Err(Silence);
                }
                Err(_) => return Ok(None),
            }
        }
    }
}

/// What a script does.
enum Step {
    Send(Vec<u8>),
    /// Until the stream has its end.
    Wait(u32),
}

/// Plays lines as follows; what is indented belongs to the frame above it. A connection is opened first, unless the
/// first line is `BARE`.
///
/// - `HEADERS STREAM FLAG...`, `CONTINUATION STREAM FLAG...`: fields `name: value`, `@ METHOD PATH` for the four
///   pseudo-fields, `*COUNT name: value` for many, `= BYTES` for bytes of the block.
/// - `DATA STREAM FLAG...`, `PING`, `GOAWAY`, `FRAME TYPE FLAGS STREAM`: bytes of the payload.
/// - `SETTINGS FLAG...`: `ID VALUE`. `RST_STREAM STREAM CODE`, `WINDOW_UPDATE STREAM NUMBER`.
/// - `BYTES`: no frame, just bytes. `WAIT STREAM`: until it has its answer.
///
/// Flags are `end_stream`, `end_headers`, `padded`, `priority`, `ack`.
fn script(lines: &[String]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.is_empty() || line == "BARE" {
            continue;
        }
        let below: Vec<&str> = lines[at..].iter().map_while(|line| line.strip_prefix("  ")).collect();
        at += below.len();
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words.get(at).map_or(0, |word| word.parse::<u32>().unwrap());
        let bytes: Vec<u8> = below.iter().flat_map(|line| unescape(line)).collect();
        let flags = words.iter().map(|word| flag(word)).sum();
        steps.push(Step::Send(match words[0] {
            "WAIT" => {
                steps.push(Step::Wait(number(1)));
                continue;
            }
            "BYTES" => bytes,
            "FRAME" => frame(number(1).try_into().unwrap(), number(2).try_into().unwrap(), number(3), &bytes),
            "HEADERS" => frame(HEADERS, flags, number(1), &block(&below)),
            "CONTINUATION" => frame(CONTINUATION, flags, number(1), &block(&below)),
            "DATA" => frame(DATA, flags, number(1), &bytes),
            "PING" => frame(PING, flags, 0, &bytes),
            "GOAWAY" => frame(GOAWAY, flags, 0, &bytes),
            "RST_STREAM" => frame(RST_STREAM, 0, number(1), &number(2).to_be_bytes()),
            "WINDOW_UPDATE" => frame(WINDOW_UPDATE, 0, number(1), &number(2).to_be_bytes()),
            "SETTINGS" => frame(SETTINGS, flags, 0, &settings(&below)),
            other => panic!("{other} is no step"),
        }));
    }
    steps
}

fn flag(word: &str) -> u8 {
    match word {
        "end_stream" | "ack" => 1,
        "end_headers" => 4,
        "padded" => 8,
        "priority" => 32,
        _ => 0,
    }
}

fn settings(lines: &[&str]) -> Vec<u8> {
    let pairs = lines.iter().map(|line| line.split_once(' ').unwrap());
    pairs
        .flat_map(|(id, value)| {
            [&id.parse::<u16>().unwrap().to_be_bytes()[..], &value.parse::<u32>().unwrap().to_be_bytes()]
                .concat()
        })
        .collect()
}

fn block(lines: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        if let Some(target) = line.strip_prefix("@ ") {
            let (method, path) = target.split_once(' ').unwrap();
            bytes.extend(request(method, path));
        } else if let Some(raw) = line.strip_prefix("= ") {
            bytes.extend(unescape(raw));
        } else if let Some(many) = line.strip_prefix('*') {
            let (count, field) = many.split_once(' ').unwrap();
            for number in 0..count.parse::<usize>().unwrap() {
                bytes.extend(one_field(&field.replace('%', &number.to_string())));
            }
        } else {
            bytes.extend(one_field(line));
        }
    }
    bytes
}

fn one_field(line: &str) -> Vec<u8> {
    let colon = 1 + line[1..].find(':').unwrap_or_else(|| panic!("no field: {line}"));
    let value = &line[colon + 1..];
    hpack::literal(&unescape(&line[..colon]), &unescape(value.strip_prefix(' ').unwrap_or(value)))
}

/// What became of a script: `STREAM forwarded`, `STREAM refused STATUS CODE`, `STREAM answered STATUS`, `STREAM reset
/// ERROR`, `STREAM pending`, `goaway ERROR`, `closed`. `WAIT`s and the end have so much patience.
pub fn play(address: SocketAddr, lines: &[String], patience: Duration) -> Vec<String> {
    let is_bare = lines.first().is_some_and(|line| line == "BARE");
    let connection = if is_bare { Http2::bare(address) } else { Http2::open(address) };
    let mut watch = Watch { connection, streams: BTreeMap::new(), end: None, is_marked: false };
    for step in script(lines) {
        match step {
            Step::Send(bytes) => {
                let opens = bytes.get(3) == Some(&HEADERS) && bytes.len() > 9;
                if opens && let Some(stream) = bytes.get(5..9) {
                    let stream = u32::from_be_bytes(stream.try_into().unwrap());
                    watch.streams.entry(stream).or_default();
                }
                if bytes.get(3) == Some(&RST_STREAM)
                    && let Some(stream) = bytes.get(5..9)
                {
                    // What the client takes back need not come to an end.
                    watch.streams.remove(&u32::from_be_bytes(stream.try_into().unwrap()));
                }
                watch.connection.send(&bytes);
            }
            Step::Wait(stream) => {
                watch.until(patience, |watch| {
                    watch.streams.get(&stream).is_none_or(|one| one.outcome.is_some())
                });
            }
        }
    }
    // Frames are read in order: whatever the script did to the connection has been said before this comes back.
    watch.connection.send(&frame(PING, 0, 0, MARK));
    watch.until(patience, |watch| {
        watch.is_marked && watch.streams.values().all(|stream| stream.outcome.is_some())
    });
    let outcomes = watch.streams.iter().filter_map(|(number, stream)| {
        let ended_by_all = watch.end.is_some() && stream.outcome.is_none();
        (!ended_by_all).then(|| format!("{number} {}", stream.outcome.as_deref().unwrap_or("pending")))
    });
    outcomes.chain(watch.end.clone()).collect()
}

#[derive(Default)]
struct Stream {
    status: Option<u16>,
    body: Vec<u8>,
    outcome: Option<String>,
}

struct Watch {
    connection: Http2,
    streams: BTreeMap<u32, Stream>,
    end: Option<String>,
    is_marked: bool,
}

impl Watch {
    fn until(&mut self, patience: Duration, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while self.end.is_none() && !holds(self) && start.elapsed() < patience {
            match self.connection.next(patience) {
                Ok(Some(frame)) => self.take(frame),
                Ok(None) => self.end = Some("closed".to_owned()),
                Err(Silence) => return,
            }
        }
    }

    fn take(&mut self, received: Frame) {
        let stream = self.streams.entry(received.stream).or_default();
        let number = |at: usize| {
            received.payload.get(at..at + 4).map_or(0, |bytes| u32::from_be_bytes(bytes.try_into().unwrap()))
        };
        match received.kind {
            HEADERS => {
                stream.status =
                    stream.status.filter(|status| *status >= 200).or(hpack::status(&received.payload))
            }
            DATA => stream.body.extend(&received.payload),
            RST_STREAM if stream.outcome.is_none() => {
                stream.outcome = Some(format!("reset {}", error(number(0))));
            }
            GOAWAY => self.end = Some(format!("goaway {}", error(number(4)))),
            PING if received.payload == MARK => self.is_marked = true,
            SETTINGS if received.flags == 0 => {
                self.connection.send(&frame(SETTINGS, 1, 0, &[]));
            }
            _ => {}
        }
        if matches!(received.kind, HEADERS | DATA) && received.flags & 1 == 1 {
            let stream = self.streams.entry(received.stream).or_default();
            stream.outcome = Some(stream.told());
        }
        self.streams.remove(&0);
    }
}

impl Stream {
    fn told(&self) -> String {
        let status = self.status.unwrap_or_default();
        match serde_json::from_slice::<serde_json::Value>(&self.body) {
            Ok(problem) if problem.get("code").is_some() => {
                format!("refused {status} {}", problem["code"].as_str().unwrap_or_default())
            }
            _ if status == 200 => "forwarded".to_owned(),
            _ => format!("answered {status}"),
        }
    }
}

fn error(code: u32) -> String {
    let name = usize::try_from(code).ok().and_then(|code| ERRORS.get(code));
    name.map_or_else(|| code.to_string(), |name| (*name).to_owned())
}

/// The name of a frame's type.
pub fn name(kind: u8) -> &'static str {
    NAMES.get(usize::from(kind)).copied().unwrap_or("unknown")
}
