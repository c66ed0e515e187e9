//! `noauditlog`: other engines leave the match out of a second log; there is one record here, which `nolog` governs.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "noauditlog",
    takes: Takes::Nothing,
    apply: |reading, _| {
        let _ = reading;
        Ok(())
    },
};
