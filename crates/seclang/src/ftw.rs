//! Tests of rules in the format of go-ftw: requests, and what the log and the answer must say.
//!
//! The format is described by `coreruleset/ftw-tests-schema`; what the runner adds to a request by itself is in `wire`.

mod judge;
mod read;
mod reflect;
mod run;
mod template;
mod wire;

pub use judge::{Expected, Seen};
pub use read::read;
pub use reflect::reflect;
pub use run::{EXHAUSTED_STATUS, run, run_begun};

/// One test.
#[derive(Debug)]
pub struct Test {
    /// Rule and number: `920100-4`.
    pub id: String,
    /// The rule that the file is about.
    pub rule: u64,
    pub stages: Vec<Stage>,
}

/// One request of a test.
#[derive(Debug)]
pub struct Stage {
    /// As it is sent.
    pub request: Vec<u8>,
    pub expected: Expected,
}

#[cfg(test)]
mod tests;
