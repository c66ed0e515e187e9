//! `t`: a transformation; `t:none` forgets those before it, and those of SecDefaultAction.

use super::{Action, Fault, Takes};
use crate::transformation::{self, TRANSFORMATIONS};

pub static ACTION: Action = Action {
    name: "t",
    takes: Takes::Argument,
    apply: |reading, text| {
        if text.as_str().eq_ignore_ascii_case("none") {
            reading.actions.transformations.clear();
            reading.actions.without_defaults = true;
            return Ok(());
        }
        let found = transformation::find(text.as_str()).ok_or_else(|| Fault {
            code: crate::codes::TRANSFORMATION,
            sentence: format!("there is no transformation `{}`", text.as_str()),
            advice: crate::faults::nearest(text.as_str(), TRANSFORMATIONS.iter().map(|known| known.name))
                .map(|near| format!("did you mean `{near}`?")),
        })?;
        reading.actions.transformations.push(found);
        Ok(())
    },
};
