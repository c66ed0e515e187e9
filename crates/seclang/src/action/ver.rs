//! `ver`: the version of the rule set.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "ver",
    takes: Takes::Argument,
    apply: |reading, text| {
        text.as_str().clone_into(&mut reading.actions.version);
        Ok(())
    },
};
