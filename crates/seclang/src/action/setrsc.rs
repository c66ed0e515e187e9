//! `setrsc`: opens the collection of the resource for this transaction.

use super::{Action, Takes};
use crate::effect::{Collection, Effect};
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "setrsc",
    takes: Takes::Argument,
    apply: |reading, text| {
        let key = Macro::parse(text.as_str(), reading.names)?;
        reading.actions.effects.push(Effect::Init { collection: Collection::Resource, key });
        Ok(())
    },
};
