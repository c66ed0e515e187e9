//! `pass`: goes on with the next rule.

use super::{Action, Takes};
use crate::draft::Wanted;

pub static ACTION: Action = Action {
    name: "pass",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.disruptive = Some(Wanted::Pass);
        Ok(())
    },
};
