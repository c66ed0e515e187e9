//! `accuracy`: how rarely the rule is wrong, 1 to 9.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "accuracy",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.accuracy = Some(super::number(text, 1, 9)?);
        Ok(())
    },
};
