//! `tag`: a word for the kind of thing the rule finds; exclusions name rules by it.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "tag",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.tags.push(text.as_str().to_owned());
        Ok(())
    },
};
