//! `chain`: the rule goes on with the next one.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "chain",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.chain = true;
        Ok(())
    },
};
