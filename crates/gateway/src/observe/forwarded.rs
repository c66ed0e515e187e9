//! What became of a request at the upstream; its text is made only when somebody wants to read it.

use std::net::SocketAddr;
use std::sync::Arc;

use model::{FailedTry, UpstreamTrace, socket_text};

/// Begins as one attempt at the API's upstream, so that an aborted one is in the record.
pub(crate) struct Forwarded {
    pub(crate) place: Place,
    pub(crate) status: Option<u16>,
    pub(crate) reused: bool,
    pub(crate) attempts: u32,
    /// From the first byte sent to the response's head.
    pub(crate) head_us: u64,
    pub(crate) error: Option<String>,
    /// Tries that failed before, each followed by another.
    pub(crate) tried: Vec<FailedTry>,
}

pub(crate) enum Place {
    /// The configured one; nothing is known of the connection.
    Label(Arc<str>),
    Address(SocketAddr),
}

impl Forwarded {
    pub(crate) fn to(label: &Arc<str>) -> Self {
        let place = Place::Label(Arc::clone(label));
        Self { place, status: None, reused: false, attempts: 1, head_us: 0, error: None, tried: Vec::new() }
    }

    pub(crate) fn address(&self) -> String {
        match &self.place {
            Place::Label(label) => label.as_ref().to_owned(),
            Place::Address(address) => socket_text(*address),
        }
    }

    pub(crate) fn trace(self) -> UpstreamTrace {
        UpstreamTrace {
            address: self.address(),
            status: self.status,
            reused: self.reused,
            attempts: self.attempts,
            head_us: self.head_us,
            error: self.error,
            tried: self.tried,
        }
    }
}
