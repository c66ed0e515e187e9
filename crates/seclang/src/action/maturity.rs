//! `maturity`: how long the rule has been tried, 1 to 9.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "maturity",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.maturity = Some(super::number(text, 1, 9)?);
        Ok(())
    },
};
