//! One stream of HTTP/2: its request to the handler, and the answer as far as the client's window is open.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use tokio::sync::Notify;

use super::super::{Connection, Ended, Handler, Handling, House};
use super::head::{self, Told};
use super::pulse::Beat;
use crate::body::Pace;
use crate::{BodyError, HeadFault, RequestBody, ResponseBody};

/// Why an answer did not come to its end.
enum Cut {
    /// The client reset the stream, or the connection is gone.
    Cancelled,
    /// The client takes too little of it.
    TooSlow,
    /// The handler's body failed.
    Failed,
}

pub(super) async fn stream<H: Handler + ?Sized>(
    mut request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    connection: Connection,
    house: Arc<House<H>>,
    mut beat: Beat,
) {
    let to_head = *request.method() == Method::HEAD;
    let limits = &house.limits;
    let told = head::normalise(&mut request, limits).and_then(|told| {
        let is_asked_for = house.is_asked_for(told.scheme, &connection);
        if is_asked_for { Ok(told) } else { Err(HeadFault::SchemeMismatch) }
    });
    let mut response = match told {
        Ok(Told { length, expects_continue, .. }) => {
            let wanted = (expects_continue && length != Some(0)).then(Arc::<Notify>::default);
            let mut request = request.map(|incoming| {
                let body = RequestBody::http2(incoming, length, limits.body, limits.body_rate_min);
                body.telling(wanted.clone())
            });
            let ended = if length == Some(0) { ends_empty(request.body_mut()).await } else { Ok(()) };
            match ended {
                Ok(()) => {
                    let handling = Arc::clone(&house.handler).handle(&connection, request);
                    let Some(response) = handled(handling, &mut respond, wanted).await else { return };
                    response
                }
                Err(BodyError::TimedOut) => {
                    house.handler.refuse_head(&connection, HeadFault::Unended).map(ResponseBody::whole)
                }
                Err(_) => return respond.send_reset(Reason::PROTOCOL_ERROR),
            }
        }
        Err(fault) => house.handler.refuse_head(&connection, fault).map(ResponseBody::whole),
    };
    head::reframe(&mut response, to_head);
    match send(&mut respond, response, Pace::new(limits.idle, limits.answer_rate_min)).await {
        Ok(()) => beat.answered(),
        Err(Cut::Cancelled) => {}
        Err(Cut::TooSlow) => {
            house.tally.add(Ended::SlowReader);
            respond.send_reset(Reason::CANCEL);
        }
        Err(Cut::Failed) => {
            beat.answered();
            respond.send_reset(Reason::INTERNAL_ERROR);
        }
    }
}

/// What the handler answers; `None` when the stream is reset before. A client that waits for `100 Continue` gets it when
/// its body is `wanted`.
async fn handled(
    mut handling: Handling,
    respond: &mut SendResponse<Bytes>,
    mut wanted: Option<Arc<Notify>>,
) -> Option<Response<ResponseBody>> {
    loop {
        let body_wanted = async {
            match &wanted {
                Some(wanted) => wanted.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            response = &mut handling => return Some(response),
            _reset = poll_fn(|context| respond.poll_reset(context)) => return None,
            () = body_wanted => {
                let mut interim = Response::new(());
                *interim.status_mut() = StatusCode::CONTINUE;
                // A client that is gone is noticed above.
                let _ = respond.send_informational(interim);
            }
        }
        wanted = None;
    }
}

/// Waits for the end of a body of length 0 whose head did not end the stream: until then data may come that belies the
/// length (RFC 9113 section 8.1.1), and a request that is malformed is not forwarded.
async fn ends_empty(body: &mut RequestBody) -> Result<(), BodyError> {
    while let Some(frame) = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
        if frame?.data_ref().is_some_and(|data| !data.is_empty()) {
            return Err(BodyError::Length);
        }
    }
    Ok(())
}

async fn send(
    respond: &mut SendResponse<Bytes>,
    response: Response<ResponseBody>,
    mut pace: Pace,
) -> Result<(), Cut> {
    let (parts, mut body) = response.into_parts();
    let is_whole = body.is_end_stream();
    let head = Response::from_parts(parts, ());
    let mut out = respond.send_response(head, is_whole).map_err(|_| Cut::Cancelled)?;
    if is_whole {
        return Ok(());
    }
    loop {
        let data = match poll_fn(|context| poll_body(context, &mut body, &mut out)).await? {
            None => return out.send_data(Bytes::new(), true).map_err(|_| Cut::Cancelled),
            Some(data) => data,
        };
        let is_last = body.is_end_stream();
        send_piece(&mut out, data, is_last, &mut pace).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// The next piece of data; trailers are not passed on.
fn poll_body(
    context: &mut Context<'_>,
    body: &mut ResponseBody,
    out: &mut SendStream<Bytes>,
) -> Poll<Result<Option<Bytes>, Cut>> {
    loop {
        match Pin::new(&mut *body).poll_frame(context) {
            Poll::Ready(None) => return Poll::Ready(Ok(None)),
            Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Cut::Failed)),
            Poll::Ready(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Ok(Some(data)));
                }
            }
            Poll::Pending => {
                let _reset = ready!(out.poll_reset(context));
                return Poll::Ready(Err(Cut::Cancelled));
            }
        }
    }
}

/// Hands over no more than the windows have room for, so that what the client does not take is seen to wait here.
async fn send_piece(
    out: &mut SendStream<Bytes>,
    mut data: Bytes,
    is_last: bool,
    pace: &mut Pace,
) -> Result<(), Cut> {
    if data.is_empty() {
        return if is_last { out.send_data(data, true).map_err(|_| Cut::Cancelled) } else { Ok(()) };
    }
    while !data.is_empty() {
        out.reserve_capacity(data.len());
        let room = poll_fn(|context| poll_room(context, out, pace)).await?.min(data.len());
        if !pace.moved(room) {
            return Err(Cut::TooSlow);
        }
        let piece = data.split_to(room);
        out.send_data(piece, is_last && data.is_empty()).map_err(|_| Cut::Cancelled)?;
    }
    Ok(())
}

fn poll_room(
    context: &mut Context<'_>,
    out: &mut SendStream<Bytes>,
    pace: &mut Pace,
) -> Poll<Result<usize, Cut>> {
    loop {
        if out.capacity() > 0 {
            return Poll::Ready(Ok(out.capacity()));
        }
        match out.poll_capacity(context) {
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(_) => return Poll::Ready(Err(Cut::Cancelled)),
            Poll::Pending => {
                ready!(pace.poll_wait(context));
                return Poll::Ready(Err(Cut::TooSlow));
            }
        }
    }
}
