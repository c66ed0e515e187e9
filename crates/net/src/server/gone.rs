//! Notices a client of HTTP/1 that goes away while its answer is awaited.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Poll, ready};
use std::time::Duration;

use crate::body::{Channel, Patience, lock};
use crate::encode;

/// How long an answer is still awaited for a client that has said its last. One that closed for good looks the same as one
/// that only closed its sending side (RFC 9293 section 3.6): nginx, Envoy and Go take both as gone at once. Here the
/// second kind still gets an answer that is not slow.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What the future gives; `None` when the client is gone first. A reset counts at once.
///
/// Nothing is read while the request's body may still be: whoever reads that notices by itself. Once something more has
/// come from the client, nothing further is read, so that it cannot make us hold more.
pub(super) async fn unless_gone<T>(channel: &Mutex<Channel>, handling: impl Future<Output = T>) -> Option<T> {
    let mut handling = pin!(handling);
    let mut patience = Patience::new(LAST_WORD);
    let mut has_ended = false;
    poll_fn(|context| {
        encode::has_given_way();
        if let Poll::Ready(output) = handling.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        if encode::has_given_way() {
            // It is polled again at once: there is time to look then.
            return Poll::Pending;
        }
        if !has_ended {
            let shared = &mut *lock(channel);
            if !shared.body.is_done() || !shared.buffer.is_empty() {
                return Poll::Pending;
            }
            match ready!(shared.stream.poll_fill(context, &mut shared.buffer)) {
                Ok(0) => has_ended = true,
                Ok(_) => return Poll::Pending,
                Err(_) => return Poll::Ready(None),
            }
        }
        ready!(patience.poll(context));
        Poll::Ready(None)
    })
    .await
}
