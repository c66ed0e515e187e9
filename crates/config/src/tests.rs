#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The gateway file as a whole: what is read, what is refused with which code, and that every key has an effect.

mod authorization;
mod bad;
mod certificates;
mod connected;
mod good;
mod pictures;
mod waf;
pub(crate) mod world;
