//! `deprecatevar`: lowers a variable as time passes. No time passes within a transaction; the form is judged.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "deprecatevar",
    takes: Takes::Argument,
    apply: |reading, text| {
        let (name, _) = text
            .as_str()
            .split_once('=')
            .ok_or_else(|| "`deprecatevar` needs NAME=AMOUNT/SECONDS".to_owned())?;
        super::setvar::key(name, reading.names).map(drop)
    },
};
