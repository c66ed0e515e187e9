//! For tests and fuzzing only: our framing of requests beside hyper's and httparse's, on bytes in memory. Whatever we
//! accept, they read in the same way; what they accept beyond that is what we are stricter about.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;

use crate::chunked::Step;
use crate::head::{self, Scan};
use crate::{HeadFault, Limits};

/// More than any head, and little enough to lie in a pipe.
const BYTES_MAX: usize = 64 << 10;
/// Room for every answer that hyper writes.
const PIPE_BYTES: usize = 1 << 20;

/// A request as one reader saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    /// Origin form, or `*`.
    pub target: String,
    /// Lower case, sorted.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Seen {
    fn new(method: &str, target: &str, headers: &HeaderMap) -> Self {
        let pairs = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
        let mut headers: Vec<_> = pairs.collect();
        headers.sort();
        // An empty path is `/` (RFC 9112 section 3.2.1), or `*` with OPTIONS, which hyper leaves to its service.
        let target = match target {
            "/" if method == "OPTIONS" => "*".to_owned(),
            query if query.starts_with('?') => format!("/{query}"),
            target => target.to_owned(),
        };
        Self { method: method.to_owned(), target, headers, body: Vec::new() }
    }
}

/// Panics when what we accept is read otherwise by hyper or by httparse. Gives the number of requests we accepted.
pub fn framing(data: &[u8]) -> usize {
    let data = data.get(..data.len().min(BYTES_MAX)).unwrap_or_default();
    let ours = ours(data);
    if ours.is_empty() {
        return 0;
    }
    let shown = || String::from_utf8_lossy(data);
    for (at, seen, length) in &ours {
        let theirs = httparses(data.get(*at..).unwrap_or_default());
        assert_eq!(
            theirs.as_ref(),
            Some(&(seen.clone(), *length)),
            "httparse reads otherwise: {:?}",
            shown()
        );
    }
    let ours: Vec<Seen> = ours.into_iter().map(|(_, seen, _)| seen).collect();
    let hypers = hypers(data);
    assert!(hypers.starts_with(&ours), "ours {ours:#?}\nhyper's {hypers:#?}\nof {:?}", shown());
    ours.len()
}

/// The status and the words with which a connection that brings these bytes is refused at its first request; nothing
/// when that request is whole and well-formed.
pub fn first(data: &[u8]) -> Result<(), (u16, String)> {
    let refused = |fault: HeadFault| (fault.code().status(), fault.to_string());
    let limits = Limits::default();
    let mut buffer = BytesMut::from(data);
    let mut scan = Scan::default();
    if buffer.starts_with(b"\r\n") {
        buffer.advance(2);
    }
    let end =
        scan.advance(&buffer, &limits).map_err(refused)?.ok_or_else(|| refused(HeadFault::Truncated))?;
    let raw = buffer.split_to(end).freeze();
    let mut decoder = head::parse(&raw, scan.lines, &limits).map_err(refused)?.body;
    loop {
        match decoder.decode(&mut buffer) {
            Ok(Step::Data(_)) => {}
            Ok(Step::Done) => return Ok(()),
            Ok(Step::More) => return Err((400, "the connection ended within the body".to_owned())),
            Err(error) => return Err((400, error.to_string())),
        }
    }
}

/// As a connection would be read, until the first fault: where each request begins, what it is, and its length.
fn ours(data: &[u8]) -> Vec<(usize, Seen, usize)> {
    let (limits, mut all) = (Limits::default(), Vec::new());
    let mut buffer = BytesMut::from(data);
    loop {
        let mut scan = Scan::default();
        if buffer.starts_with(b"\r\n") {
            buffer.advance(2);
        }
        let begin = data.len() - buffer.len();
        let Ok(Some(end)) = scan.advance(&buffer, &limits) else { return all };
        let raw = buffer.split_to(end).freeze();
        let Ok(head) = head::parse(&raw, scan.lines, &limits) else { return all };
        let target = head.request.uri().path_and_query().map_or("*", |target| target.as_str());
        let mut seen = Seen::new(head.request.method().as_str(), target, head.request.headers());
        let mut decoder = head.body;
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Step::Data(data)) => seen.body.extend_from_slice(&data),
                Ok(Step::Done) => break,
                Ok(Step::More) | Err(_) => return all,
            }
        }
        all.push((begin, seen, data.len() - buffer.len() - begin));
        if !head.keep_alive {
            return all;
        }
    }
}

/// One request from the front, its head by httparse alone and its body by the plainest reading of it.
fn httparses(data: &[u8]) -> Option<(Seen, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut parsed = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(mut at) = parsed.parse(data).ok()? else { return None };
    let mut headers = HeaderMap::new();
    for field in parsed.headers.iter() {
        let name = http::HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        headers.append(name, http::HeaderValue::from_bytes(field.value).ok()?);
    }
    let path = parsed.path?;
    let target = match path.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => match rest.find(['/', '?']) {
            Some(end) if rest.get(end..=end) == Some("?") => format!("/{}", rest.get(end..)?),
            Some(end) => rest.get(end..)?.to_owned(),
            None => "/".to_owned(),
        },
        _ => path.to_owned(),
    };
    let mut seen = Seen::new(parsed.method?, &target, &headers);
    if headers.contains_key("transfer-encoding") {
        loop {
            let httparse::Status::Complete((used, size)) =
                httparse::parse_chunk_size(data.get(at..)?).ok()?
            else {
                return None;
            };
            at += used;
            if size == 0 {
                break;
            }
            let size = usize::try_from(size).ok()?;
            seen.body.extend_from_slice(data.get(at..at.checked_add(size)?)?);
            at += size + 2;
        }
        while !data.get(at..)?.starts_with(b"\r\n") {
            at += data.get(at..)?.windows(2).position(|pair| pair == b"\r\n")? + 2;
        }
        at += 2;
    } else if let Some(length) = headers.get("content-length") {
        let length: usize = length.to_str().ok()?.parse().ok()?;
        seen.body.extend_from_slice(data.get(at..at.checked_add(length)?)?);
        at += length;
    }
    Some((seen, at))
}

/// What hyper's server hands to its service, requests with a whole body only.
fn hypers(data: &[u8]) -> Vec<Seen> {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return Vec::new() };
    let all: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let seen = Arc::clone(&all);
    runtime.block_on(async move {
        let (mut client, server) = tokio::io::duplex(PIPE_BYTES);
        if client.write_all(data).await.is_err() || client.shutdown().await.is_err() {
            return;
        }
        let service = service_fn(move |request: Request<Incoming>| {
            let seen = Arc::clone(&seen);
            async move {
                let (parts, body) = request.into_parts();
                let target = parts.uri.path_and_query().map_or("*", |target| target.as_str());
                let mut one = Seen::new(parts.method.as_str(), target, &parts.headers);
                if let Ok(body) = body.collect().await {
                    one.body = body.to_bytes().to_vec();
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                }
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            }
        });
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.half_close(true).max_headers(256);
        // How the connection ends is not compared.
        let _ = builder.serve_connection(TokioIo::new(server), service).await;
    });
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *all)
}

#[cfg(test)]
mod tests;
