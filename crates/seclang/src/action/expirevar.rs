//! `expirevar`: when a variable is to be forgotten. Every variable is forgotten with its transaction, which is sooner; the form is
//! judged.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "expirevar",
    takes: Takes::Argument,
    apply: |reading, text| {
        let (name, _) =
            text.as_str().split_once('=').ok_or_else(|| "`expirevar` needs NAME=SECONDS".to_owned())?;
        super::setvar::key(name, reading.names).map(drop)
    },
};
