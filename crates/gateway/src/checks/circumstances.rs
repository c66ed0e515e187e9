//! What policies may ask of a request besides who and what.

use std::sync::Arc;

use policy::decide::Circumstances;

use crate::exchange::Exchange;

/// `written` are the names of the properties that the request writes.
pub(super) fn circumstances<'a>(exchange: &'a Exchange, written: &'a [Arc<str>]) -> Circumstances<'a> {
    Circumstances {
        method: exchange.head.method.as_str(),
        now_unix_s: exchange.received_unix_ms / 1000,
        address: exchange.peer.address,
        written,
    }
}
