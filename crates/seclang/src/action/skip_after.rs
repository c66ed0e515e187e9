//! `skipAfter`: goes on after a marker (or the rule of an id).

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "skipAfter",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.skip_after = Some(text.clone());
        Ok(())
    },
};
