//! Faults as they are seen from outside: what a client is told is defined, and never an ambiguous success.

#[path = "faults/service.rs"]
mod service;
#[path = "faults/system.rs"]
mod system;
