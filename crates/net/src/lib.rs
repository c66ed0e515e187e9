//! The only room that opens sockets: listen, end TLS, frame HTTP strictly, reach upstreams, fetch with an address
//! guard, and speak over the Unix socket of administration.
//!
//! HTTP/1 is framed here, on both sides, by one small strict codec; HTTP/2 is h2's and hyper's.
//! See `docs/decisions/0002-http1-gate.md`.

mod activation;
mod body;
mod chunked;
mod date;
pub mod descriptors;
mod encode;
pub mod fetch;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod handover;
mod head;
mod hop;
mod limits;
mod memory;
mod network;
mod proxy_protocol;
mod server;
mod shutdown;
mod socket;
mod stream;
mod tables;
pub mod tls;
pub mod tunnel;
pub mod unix;
pub mod upstream;
mod workers;

pub use activation::activated;
pub use body::{BodyError, RequestBody, ResponseBody};
pub use fields::Fields;
pub use head::HeadFault;
pub use hop::strip_hop_by_hop;
pub use limits::Limits;
pub use memory::Memory;
pub use network::{is_within, network};
pub use server::{
    Connection, Door, Ended, Handler, Handling, Listener, OpenConnections, Places, Rules, Tally, serve,
};
pub use shutdown::{Shutdown, Stop};
pub use socket::Socket;
pub use tables::give_back;
pub use tls::{ClientIdentity, ClientTls, Roots, TlsError, TlsServer};
pub use workers::Workers;

#[cfg(test)]
mod tests;
