//! `deny`: refuses.

use super::{Action, Takes};
use crate::draft::Wanted;

pub static ACTION: Action = Action {
    name: "deny",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.disruptive = Some(Wanted::Deny);
        Ok(())
    },
};
