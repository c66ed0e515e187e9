//! A small business API that never checks whose things it is asked for, its hardened twin that does, and the matrix of
//! principals, objects, operations and properties that holds the one behind the gateway against the other.
//!
//! Nothing here knows the gateway's code: what is expected comes from one rule over a table of objects
//! ([`matrix::rule`]), and what became of a request is read back from the state of the application itself.
#![allow(clippy::indexing_slicing, reason = "of JSON by name: null where there is nothing")]

mod answer;
mod app;
mod caller;
mod calls;
mod files;
mod gateway;
mod issuer;
pub mod matrix;
mod seed;
mod server;
mod stage;
mod state;
mod wire;

pub use answer::Reply;
pub use app::{App, Seen, Twin};
pub use files::{BINDINGS, DESCRIPTION, POLICIES};
pub use gateway::Gateway;
pub use issuer::{Issuer, Person, ada, ana, ben, oto, sam, sue};
pub use server::serve;
pub use stage::{Site, Stage};
pub use state::State;
pub use wire::{Answer, Request, send};
