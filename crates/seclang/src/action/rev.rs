//! `rev`: the revision of the rule.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "rev",
    takes: Takes::Argument,
    apply: |reading, text| {
        text.as_str().clone_into(&mut reading.actions.revision);
        Ok(())
    },
};
