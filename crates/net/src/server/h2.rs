//! One connection of HTTP/2: framed by h2, with the heads held to the same rules as HTTP/1, and the client held to account
//! for what it makes us do without taking an answer.

mod answer;
mod head;
mod meter;
mod pulse;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::Reason;
use h2::server::{Builder, Connection as Http2};
use tokio::task::JoinSet;

use super::{Connection, Ended, Handler, House};
use crate::Limits;
use crate::stream::{Rewound, Stream};
use meter::Metered;
use pulse::{Beat, Pulse};

/// Requests of a connection at a time.
const STREAMS_MAX: u32 = 128;
/// Requests of a connection in all; then the client is asked to make a new one.
const STREAMS_TOTAL_MAX: u64 = 100_000;
/// Bytes that a client may send ahead, by stream and by connection.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// Bytes of a response that wait for the socket.
const SEND_BYTES_MAX: usize = 64 << 10;
const FRAME_BYTES_MAX: u32 = 16 << 10;
/// Streams that a client may reset before they are looked at, or make us reset ("rapid reset", CVE-2023-44487).
const RESETS_MAX: usize = 32;
/// How long a connection that is ended for its client's conduct is listened to, so that it learns why.
const FAREWELL: Duration = Duration::from_secs(1);

type Serving = Http2<Metered<Rewound>, Bytes>;

pub(super) async fn run<H: Handler + ?Sized>(
    stream: Stream,
    received: BytesMut,
    connection: Connection,
    house: Arc<House<H>>,
) {
    let pulse = Arc::new(Pulse::new(house.places.clone()));
    let io = Metered::new(Rewound::new(received.freeze(), stream), Arc::clone(&pulse), &house.limits);
    let handshake = builder(&house.limits).handshake::<_, Bytes>(io);
    let Ok(Ok(mut serving)) = tokio::time::timeout(house.limits.head, handshake).await else { return };
    let mut streams = JoinSet::new();
    if let Some(reason) = serve(&mut serving, &mut streams, connection, &house, &pulse).await {
        house.tally.add(reason);
        if matches!(reason, Ended::Resets | Ended::EmptyFrames) {
            pulse.dismiss();
            serving.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM);
            let closed = std::future::poll_fn(|context| serving.poll_closed(context));
            let _ = tokio::time::timeout(FAREWELL, closed).await;
        }
    }
    // What is still being answered ends with the connection.
    streams.shutdown().await;
}

/// Serves until the connection ends; says why when that is the client's doing.
async fn serve<H: Handler + ?Sized>(
    serving: &mut Serving,
    streams: &mut JoinSet<()>,
    connection: Connection,
    house: &Arc<House<H>>,
    pulse: &Arc<Pulse>,
) -> Option<Ended> {
    let limits = &house.limits;
    let mut begun = std::pin::pin!(house.shutdown.begun());
    // A client that connects and asks nothing is given as long as for a head.
    let mut idle = std::pin::pin!(tokio::time::sleep(limits.head));
    let (mut is_leaving, mut gives_way, mut seen) = (false, true, pulse.beats());
    loop {
        tokio::select! {
            accepted = serving.accept() => match accepted {
                None => return None,
                Some(Err(error)) => return fault(&error),
                Some(Ok((request, respond))) => {
                    let beat = Beat::new(pulse);
                    streams.spawn(answer::stream(request, respond, connection, Arc::clone(house), beat));
                    if pulse.beats() > STREAMS_TOTAL_MAX && !is_leaving {
                        is_leaving = true;
                        serving.graceful_shutdown();
                    }
                }
            },
            Some(_ended) = streams.join_next(), if !streams.is_empty() => {}
            reason = pulse.conduct() => return Some(reason),
            () = &mut begun, if !is_leaving => {
                is_leaving = true;
                serving.graceful_shutdown();
            }
            () = house.places.crowded().notified(), if gives_way && !is_leaving => {
                if pulse.is_idle() {
                    house.tally.add(Ended::GaveWay);
                    is_leaving = true;
                    serving.graceful_shutdown();
                } else {
                    // Somebody else may be idle; this one asks again when it is.
                    gives_way = false;
                    house.places.crowd();
                }
            }
            () = pulse.came_to_rest() => gives_way = true,
            () = &mut idle => {
                let beats = pulse.beats();
                let is_idle = pulse.is_idle() && beats == seen;
                if is_idle && is_leaving {
                    return None;
                }
                if is_idle {
                    is_leaving = true;
                    serving.graceful_shutdown();
                }
                seen = beats;
                let next = if is_leaving { limits.head } else { limits.idle };
                idle.as_mut().reset(tokio::time::Instant::now() + next);
            }
        }
    }
}

/// Whose fault the end of a connection is: only the client's counts.
fn fault(error: &h2::Error) -> Option<Ended> {
    if error.get_io().is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut) {
        return Some(Ended::SlowReader);
    }
    if error.is_remote() || error.is_io() {
        return None;
    }
    match error.reason() {
        Some(Reason::ENHANCE_YOUR_CALM) => Some(Ended::Resets),
        Some(reason) if reason != Reason::NO_ERROR => Some(Ended::Protocol),
        _ => None,
    }
}

fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits.head_bytes_max).unwrap_or(u32::MAX))
        .max_local_error_reset_streams(Some(RESETS_MAX))
        .max_pending_accept_reset_streams(RESETS_MAX)
        .max_concurrent_reset_streams(RESETS_MAX)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_frame_size(FRAME_BYTES_MAX)
        .max_send_buffer_size(SEND_BYTES_MAX);
    builder
}
