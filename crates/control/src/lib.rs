//! What a running gateway is operated by: its start and end, reloads, and administration over the Unix socket, with
//! both ends of each question.

mod activation;
pub mod blocks;
mod certificates;
pub mod confirm;
mod entrances;
mod handover;
mod lost;
mod notify;
mod reload;
mod shutdown;
pub mod socket;
pub mod talk;
mod watched;
mod wire;

pub use socket::Question;
pub use talk::{Exit, Failure};
pub use wire::{Start, serve};
