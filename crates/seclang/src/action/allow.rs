//! `allow`: leaves out rules that follow: all, those of the phase, or those of the request.

use super::{Action, Takes};
use crate::draft::Wanted;
use crate::rule::Allow;

pub static ACTION: Action = Action {
    name: "allow",
    takes: Takes::Maybe,
    apply: |reading, text| {
        let allow = match text.as_str().to_ascii_lowercase().as_str() {
            "" => Allow::Transaction,
            "phase" => Allow::Phase,
            "request" => Allow::Request,
            other => return Err(format!("`allow` takes `phase`, `request` or nothing, not `{other}`").into()),
        };
        reading.actions.disruptive = Some(Wanted::Allow(allow));
        Ok(())
    },
};
