//! `skip`: so many rules of the phase are left out after a match.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "skip",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.skip = Some(super::number(text, 1, 100_000)?);
        Ok(())
    },
};
