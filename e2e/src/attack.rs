//! What attacks are told with: a corpus that is data, servers that write down exactly what they were sent, and a client
//! of HTTP/2 that sends any frame.

pub mod corpus;
pub mod frames;
pub mod hpack;
mod log;
pub mod peers;
mod service;
pub mod strict;

pub use log::Log;
pub use service::{Naive, Recorder, Scripted};
