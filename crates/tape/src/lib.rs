//! One parsed document with the byte span of every value, from JSON (RFC 8259) or YAML (1.2, core schema).
//!
//! Both readers are strict, bounded by [`Limits`], and never recurse over the document: what two readers could
//! understand in two ways (duplicate members, lone surrogates, invalid UTF-8) is refused.

mod builder;
mod cell;
mod fault;
pub mod json;
pub mod keys;
mod limits;
mod lines;
mod node;
mod pointer;
mod walk;
pub mod yaml;

pub use fault::{Fault, FaultKind};
pub use limits::Limits;
pub use lines::Lines;
pub use node::{Items, Kind, Member, Members, Node, Tape, View};
