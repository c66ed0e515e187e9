//! `setenv`: a name of the ENV collection of this transaction; nothing reaches the process.

use super::{Action, Takes};
use crate::effect::Effect;
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "setenv",
    takes: Takes::Argument,
    apply: |reading, text| {
        let (name, value) = text.as_str().split_once('=').unwrap_or((text.as_str(), "1"));
        let (name, value) = (Macro::parse(name, reading.names)?, Macro::parse(value, reading.names)?);
        reading.actions.effects.push(Effect::SetEnv { name, value });
        Ok(())
    },
};
