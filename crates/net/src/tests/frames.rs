//! HTTP/2 by raw frames: what a well-behaved client library would not send.

use super::*;
use crate::Ended;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// ENHANCE_YOUR_CALM (RFC 9113 section 7).
const CALM: u32 = 0xb;

/// `GET http://x/` in HPACK, by the static table and one literal (RFC 7541).
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x41, 0x01, b'x'];

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[a, b, c, kind, flags][..], &stream.to_be_bytes(), payload].concat()
}

/// A peer that writes what it likes, and has said its preface and settings.
pub(crate) struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Raw {
    async fn connect(address: SocketAddr, settings: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, settings)).await.unwrap();
        Self { stream, received: Vec::new() }
    }

    /// The side that is asked.
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 24]).await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        Self { stream, received: Vec::new() }
    }

    /// `false` when the other side has closed.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// The next frame: kind, flags, stream, payload. `None` when the connection is at its end.
    pub(crate) async fn next(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        loop {
            if let Some(([a, b, c, kind, flags, stream @ ..], rest)) = self.received.split_first_chunk::<9>()
            {
                let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
                if rest.len() >= length {
                    let found = (*kind, *flags, u32::from_be_bytes(*stream), rest[..length].to_vec());
                    self.received.drain(..9 + length);
                    return Some(found);
                }
            }
            let mut piece = [0; 16 << 10];
            match tokio::time::timeout(LONG, self.stream.read(&mut piece)).await.expect("silence") {
                Ok(read) if read > 0 => self.received.extend_from_slice(&piece[..read]),
                _ => return None,
            }
        }
    }

    pub(crate) async fn next_of(&mut self, wanted: u8) -> Option<(u8, u32, Vec<u8>)> {
        loop {
            let (kind, flags, stream, payload) = self.next().await?;
            if kind == wanted {
                return Some((flags, stream, payload));
            }
        }
    }

    /// The reason in the last GOAWAY before the connection ends.
    async fn farewell(&mut self) -> Option<u32> {
        let mut reason = None;
        while let Some((kind, _, _, payload)) = self.next().await {
            if kind == GOAWAY {
                reason = payload.get(4..8).and_then(|code| code.try_into().ok()).map(u32::from_be_bytes);
            }
        }
        reason
    }
}

fn served() -> Served {
    start(patient(), describe)
}

async fn is_served(served: &Served) {
    let mut honest = Raw::connect(served.address, &[]).await;
    assert!(honest.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)).await);
    let (_, stream, payload) = honest.next_of(DATA).await.expect("an answer");
    assert_eq!((stream, payload), (1, b"GET / host=x body=\n".to_vec()));
}

#[tokio::test]
async fn floods_of_frames_that_carry_nothing_end_their_connection_and_no_other() {
    let served = served();
    for (name, flood) in [
        ("ping", frame(PING, 0, 0, &[0; 8])),
        ("settings", frame(SETTINGS, 0, 0, &[])),
        ("priority", frame(PRIORITY, 0, 3, &[0, 0, 0, 0, 1])),
        ("window update", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ("unknown", frame(0xfa, 0, 0, &[0; 4])),
    ] {
        let before = served.tally.count(Ended::EmptyFrames);
        let mut raw = Raw::connect(served.address, &[]).await;
        for _ in 0..30 {
            if !raw.send(&flood.repeat(100)).await {
                break;
            }
        }
        assert_eq!(raw.farewell().await, Some(CALM), "{name}");
        assert_eq!(served.tally.count(Ended::EmptyFrames), before + 1, "{name}");
        is_served(&served).await;
    }
}

#[tokio::test]
async fn data_that_says_nothing_ends_its_connection() {
    let served = start(patient(), |_| Box::pin(std::future::pending()));
    let mut raw = Raw::connect(served.address, &[]).await;
    let post = [&[0x83], &GET[1..]].concat();
    assert!(raw.send(&frame(HEADERS, END_HEADERS, 1, &post)).await);
    for _ in 0..30 {
        if !raw.send(&frame(DATA, 0, 1, &[]).repeat(100)).await {
            break;
        }
    }
    assert_eq!(raw.farewell().await, Some(CALM));
}

#[tokio::test]
async fn rapid_resets_end_their_connection_before_and_after_they_reach_the_handler() {
    let served = start(patient(), |_| Box::pin(std::future::pending()));
    // At once: reset before they are looked at.
    let mut raw = Raw::connect(served.address, &[]).await;
    let both = |stream: u32| {
        let get = frame(HEADERS, END_STREAM | END_HEADERS, stream, GET);
        [get, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    let all: Vec<u8> = (0..2_000).flat_map(|number| both(2 * number + 1)).collect();
    raw.send(&all).await;
    assert_eq!(raw.farewell().await, Some(CALM));
    assert_eq!(served.tally.count(Ended::Resets), 1);

    // One after the other: each is answered with a PING's acknowledgement before the next comes.
    let mut raw = Raw::connect(served.address, &[]).await;
    let mut reason = None;
    for number in 0..500 {
        if !raw.send(&frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, GET)).await
            || !raw.send(&frame(PING, 0, 0, &[0; 8])).await
        {
            break;
        }
        match raw.next().await {
            Some((GOAWAY, _, _, payload)) => {
                reason = Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
                break;
            }
            None => break,
            Some(_) => {}
        }
        raw.send(&frame(RST_STREAM, 0, 2 * number + 1, &8_u32.to_be_bytes())).await;
    }
    let reason = match reason {
        Some(reason) => Some(reason),
        None => raw.farewell().await,
    };
    assert_eq!(reason, Some(CALM));
    assert_eq!(served.tally.count(Ended::Resets), 2);
}

#[tokio::test]
async fn a_head_in_endless_continuations_ends_its_connection() {
    let served = served();
    let mut raw = Raw::connect(served.address, &[]).await;
    raw.send(&frame(HEADERS, END_STREAM, 1, GET)).await;
    // A literal field of 200 bytes, without indexing, in each.
    let field = [&[0x00, 0x01, b'a', 0x7f, 0x49][..], &[b'b'; 200]].concat();
    for _ in 0..10_000 {
        if !raw.send(&frame(CONTINUATION, 0, 1, &field)).await {
            break;
        }
    }
    assert!(raw.farewell().await.is_some_and(|reason| reason != 0));
    is_served(&served).await;
    // And one of which nothing more comes is closed when its time is over.
    let served = start(quick(), describe);
    let mut raw = Raw::connect(served.address, &[]).await;
    raw.send(&frame(HEADERS, END_STREAM, 1, GET)).await;
    raw.farewell().await;
}

#[tokio::test]
async fn a_client_without_a_window_loses_its_stream_and_the_connection_lives() {
    let limits = Limits { idle: Duration::from_secs(1), ..patient() };
    let served = start(limits, describe);
    // SETTINGS_INITIAL_WINDOW_SIZE: 0.
    let mut raw = Raw::connect(served.address, &[0, 4, 0, 0, 0, 0]).await;
    raw.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)).await;
    let (_, stream, _) = raw.next_of(RST_STREAM).await.expect("the stream is reset");
    assert_eq!(stream, 1);
    assert_eq!(served.tally.count(Ended::SlowReader), 1);
    let window = frame(WINDOW_UPDATE, 0, 3, &100_u32.to_be_bytes());
    raw.send(&[frame(HEADERS, END_STREAM | END_HEADERS, 3, GET), window].concat()).await;
    assert_eq!(raw.next_of(DATA).await.map(|(_, stream, _)| stream), Some(3));
}

#[tokio::test]
async fn a_client_that_opens_its_window_byte_by_byte_is_too_slow() {
    let limits = Limits { idle: Duration::from_millis(200), ..patient() };
    let served = start(limits, |_| Box::pin(async { ok(vec![b'a'; 10_000]) }));
    let mut raw = Raw::connect(served.address, &[0, 4, 0, 0, 0, 0]).await;
    raw.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)).await;
    let reset = async {
        loop {
            raw.send(&frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes())).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if let (RST_STREAM, ..) = raw.next().await.expect("the connection lives") {
                return;
            }
        }
    };
    tokio::time::timeout(LONG, reset).await.unwrap();
    assert_eq!(served.tally.count(Ended::SlowReader), 1);
}

#[tokio::test]
async fn the_settings_say_what_is_bounded() {
    let served = served();
    let mut raw = Raw::connect(served.address, &[]).await;
    let (_, _, payload) = raw.next_of(SETTINGS).await.unwrap();
    let of = |id: u8| {
        payload.chunks(6).find(|one| one[1] == id).map(|one| u32::from_be_bytes(one[2..].try_into().unwrap()))
    };
    let bytes = Limits::default().head_bytes_max as u32;
    // Streams at a time, the window of a stream, the size of a frame, the list of header fields.
    assert_eq!((of(3), of(4), of(6)), (Some(128), Some(64 << 10), Some(bytes)));
}
