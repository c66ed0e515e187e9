//! `status`: of a refusal or redirection.

use super::{Action, Takes};

pub static ACTION: Action = Action {
    name: "status",
    takes: Takes::Argument,
    apply: |reading, text| {
        reading.actions.status = Some(super::number(text, 100, 599)?);
        Ok(())
    },
};
