//! `nolog`: the match is not told.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "nolog",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.log = Some(false);
        Ok(())
    },
};
