//! `auditlog`: the match belongs into the record, which a match with `log` always does.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "auditlog",
    takes: Takes::Nothing,
    apply: |reading, _| {
        reading.actions.log.get_or_insert(true);
        Ok(())
    },
};
