//! `setuid`: opens the collection of the user for this transaction.

use super::{Action, Takes};
use crate::effect::{Collection, Effect};
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "setuid",
    takes: Takes::Argument,
    apply: |reading, text| {
        let key = Macro::parse(text.as_str(), reading.names)?;
        reading.actions.effects.push(Effect::Init { collection: Collection::User, key });
        Ok(())
    },
};
