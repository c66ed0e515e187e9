//! Requests with what is known about them, and the halves that they fall into. Needs no rules, so that it is tested with
//! every other chore.

pub mod given;
pub mod split;

/// One request and what is known about it.
#[derive(Debug)]
pub struct Sample {
    /// Where it comes from: `httpparams/sqli`, `sites/zara`.
    pub class: String,
    /// Within its class, for the lists of `--misses` and `--false-alarms`.
    pub id: String,
    pub honest: bool,
    pub learn: bool,
    pub sent: Vec<u8>,
}
