//! `sanitiseArg` and its kind: other engines mask these values in their logs. No value reaches a log here, so that what
//! they ask for holds without them.

use super::{Action, Takes};

pub static ARGUMENT: Action = masked("sanitiseArg", Takes::Argument);
pub static MATCHED: Action = masked("sanitiseMatched", Takes::Nothing);
pub static MATCHED_BYTES: Action = masked("sanitiseMatchedBytes", Takes::Maybe);
pub static REQUEST_HEADER: Action = masked("sanitiseRequestHeader", Takes::Argument);
pub static RESPONSE_HEADER: Action = masked("sanitiseResponseHeader", Takes::Argument);

const fn masked(name: &'static str, takes: Takes) -> Action {
    Action { name, takes, apply: |_, _| Ok(()) }
}
