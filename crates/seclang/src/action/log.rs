//! `log`: the match is told.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "log",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.log = Some(true);
        Ok(())
    },
};
