//! `id`: by which exclusions and records name the rule.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "id",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.id = Some(super::number(text, 1, u64::MAX)?);
        Ok(())
    },
};
