//! `drop`: refuses and closes the connection.

use super::{Action, Takes};
use crate::draft::Wanted;

pub static ACTION: Action = Action {
    name: "drop",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.disruptive = Some(Wanted::Drop);
        Ok(())
    },
};
