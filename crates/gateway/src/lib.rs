//! The data plane: from an accepted request head to the last byte of the answer.
//!
//! `route` finds the operation, `pipeline` runs the checks prepared for it, `upstream` forwards, `reply` is the only
//! place that turns a refusal into bytes, `observe` hands over the record. Checks are pure: what they need from outside
//! they ask for as a [`question::Question`].

pub mod check;
pub mod exchange;
pub mod question;
pub mod settings;
