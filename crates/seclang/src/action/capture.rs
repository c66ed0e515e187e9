//! `capture`: the groups of the match become TX.0 to TX.9.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "capture",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.capture = true;
        Ok(())
    },
};
