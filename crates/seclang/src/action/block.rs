//! `block`: does what SecDefaultAction of the phase says.

use super::{Action, Takes};
use crate::draft::Wanted;

pub static ACTION: Action = Action {
    name: "block",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.disruptive = Some(Wanted::Block);
        Ok(())
    },
};
