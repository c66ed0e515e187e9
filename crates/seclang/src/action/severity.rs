//! `severity`: by word or number, as in RFC 5424.

use super::{Action, Takes};
use crate::rule::Severity;

pub static ACTION: Action = Action {
    name: "severity",
    takes: Takes::Argument,
    apply: |reading, text| {
        let severity = Severity::named(text.as_str())
            .ok_or_else(|| format!("`{}` is no severity: EMERGENCY to DEBUG, or 0 to 7", text.as_str()))?;
        reading.actions.severity = Some(severity);
        Ok(())
    },
};
