//! `redirect`: answers with a location, which may have macros.

use super::{Action, Takes};
use crate::draft::Wanted;
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "redirect",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.disruptive = Some(Wanted::Redirect(Macro::parse(text.as_str(), reading.names)?));
        Ok(())
    },
};
