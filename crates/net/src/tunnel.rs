//! A connection of HTTP/1.1 that becomes a WebSocket (RFC 6455): the handshake on both sides, and then bytes both ways
//! until it ends. Nothing else is ever tunnelled, and nothing without a service that agreed to exactly this handshake.

mod pipe;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use http::{Method, Version};

use crate::ResponseBody;
use crate::hop;
use crate::upstream::Switched;

pub(crate) use pipe::run;

/// RFC 6455 section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// 16 bytes in base64.
const KEY_LENGTH: usize = 24;

/// An opening handshake that is well-formed (RFC 6455 section 4.2.1). As an extension of a request it makes the
/// upstream's client offer the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// What the service must answer.
    accept: String,
}

impl Handshake {
    /// Reads the head as it was received. Errors: a sentence on what is not as it has to be.
    pub fn read(head: &Parts) -> Result<Self, &'static str> {
        let headers = &head.headers;
        if head.version != Version::HTTP_11 || head.method != Method::GET {
            return Err("a WebSocket begins with a GET of HTTP/1.1");
        }
        if !is_exactly(headers, &header::UPGRADE, "websocket") {
            return Err("`Upgrade` is not `websocket` and nothing else");
        }
        if !hop::has_option(headers, "upgrade") {
            return Err("`Connection` does not hold `upgrade`");
        }
        if headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING) {
            return Err("a handshake has no body");
        }
        if !is_exactly(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
            return Err("`Sec-WebSocket-Version` is not 13");
        }
        let key = only(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
        let key = key.ok_or("`Sec-WebSocket-Key` is not 16 bytes in base64")?;
        Ok(Self { accept: accept(key) })
    }

    /// Whether the service's 101 agrees to this handshake and to nothing else (RFC 6455 section 4.1).
    pub(crate) fn is_agreed(&self, answer: &HeaderMap) -> bool {
        is_exactly(answer, &header::UPGRADE, "websocket")
            && hop::has_option(answer, "upgrade")
            && only(answer, &header::SEC_WEBSOCKET_ACCEPT) == Some(self.accept.as_bytes())
    }
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).into_iter();
    let value = values.next()?.as_bytes();
    values.next().is_none().then_some(value)
}

fn is_exactly(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    only(headers, name).is_some_and(|value| value.eq_ignore_ascii_case(word.as_bytes()))
}

fn is_key(key: &[u8]) -> bool {
    key.len() == KEY_LENGTH && STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

fn accept(key: &[u8]) -> String {
    use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
    // The protocol's own choice; it proves that the service read the key, and protects nothing.
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    digest.update(key);
    digest.update(GUID.as_bytes());
    STANDARD.encode(digest.finish())
}

/// How a tunnel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelEnd {
    /// One side closed, and what it had said has been passed on.
    Closed,
    /// Nothing moved for too long.
    Idle,
    /// Its time was over, or it was ended by whoever watches it.
    Over,
    /// A connection broke, or a side took nothing more.
    Broken,
}

/// Told of what passes. Dropped without a word when the tunnel is cut.
pub trait Watcher: Send + 'static {
    /// Bytes that have been passed on since the last time.
    fn moved(&mut self, to_upstream: u64, to_client: u64);

    fn ended(self: Box<Self>, how: TunnelEnd);
}

/// Resolves when the tunnel must end.
pub type Over = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What an answer of 101 carries.
pub(crate) struct Tunnel {
    pub switched: Switched,
    pub idle: Duration,
    pub over: Over,
    pub watcher: Box<dyn Watcher>,
}

impl Switched {
    /// The body of the 101 that begins the tunnel. `idle`: how long nothing may move.
    pub fn tunnel(self, idle: Duration, over: Over, watcher: Box<dyn Watcher>) -> ResponseBody {
        ResponseBody::tunnel(Tunnel { switched: self, idle, over, watcher })
    }
}
