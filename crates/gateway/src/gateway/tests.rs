//! The gateway from socket to socket: a real upstream and a real client on the loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod authorization;
mod bodies;
mod checks;
mod issuers;
mod life;
mod passing;
mod rehearsals;
mod shop;
mod stand;
