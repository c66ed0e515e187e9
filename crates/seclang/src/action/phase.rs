//! `phase`: 1 to 5, `request`, `response` or `logging`.

use super::{Action, Takes};
use crate::phase::Phase;

pub static ACTION: Action = Action {
    name: "phase",
    takes: Takes::Argument,
    apply: |reading, text| {
        let phase = Phase::named(&text.as_str().to_ascii_lowercase()).ok_or_else(|| {
            format!("`{}` is no phase: 1 to 5, request, response or logging", text.as_str())
        })?;
        reading.actions.phase = Some(phase);
        Ok(())
    },
};
