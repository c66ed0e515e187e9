//! `logdata`: what was found, with macros.

use super::{Action, Takes};
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "logdata",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.data = Some(Macro::parse(text.as_str(), reading.names)?);
        Ok(())
    },
};
