//! `multiMatch`: the operator is asked after each transformation.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "multiMatch",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.multi_match = true;
        Ok(())
    },
};
