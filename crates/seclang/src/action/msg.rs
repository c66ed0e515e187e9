//! `msg`: what the rule says, with macros.

use super::{Action, Takes};
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "msg",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.message = Some(Macro::parse(text.as_str(), reading.names)?);
        text.as_str().clone_into(&mut reading.actions.message_text);
        Ok(())
    },
};
