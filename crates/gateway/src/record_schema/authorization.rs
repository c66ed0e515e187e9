//! How it was decided whether a caller may do something to an object.

use serde_json::Value;

use super::Presence::{Always, Sometimes};
use super::{array, count, object, text, word};

const JUDGEMENTS: &[&str] = &["allowed", "denied", "absent", "unknown", "awaiting"];

pub(super) fn authorization() -> Value {
    object(
        "How it was decided whether the caller may do this; absent where nothing is bound.",
        [
            (
                "decision",
                Always,
                word(JUDGEMENTS, "Of the request as a whole; `unknown`: it could not be found out."),
            ),
            ("policies", Sometimes, array("What permitted or forbade it.", text("A policy's id."))),
            ("objects", Sometimes, array("The objects that the request names; the first 32.", one_object())),
            ("evidence", Sometimes, array("What was asked, in order.", evidence())),
            ("upstream_calls", Always, count("Requests that were sent to the service to find it out.")),
            (
                "faults",
                Sometimes,
                array("Why it was not allowed, or not known.", text("Words without values.")),
            ),
        ],
    )
}

fn one_object() -> Value {
    let fact = object(
        "Something that is known of the object. Never its value.",
        [
            ("name", Always, text("`tenant`, `owner`, `parent`, or an attribute.")),
            ("origin", Always, text("Where it comes from: `claim`, `producer`, `resolver`, ...")),
        ],
    );
    object(
        "An object that the request names.",
        [
            ("type", Always, text("Its type, as the bindings call it.")),
            ("id", Always, text("Its id, at most 64 characters of it.")),
            ("decision", Always, word(JUDGEMENTS, "`absent`: there is none, or not for this caller.")),
            ("facts", Sometimes, array("What is known of it.", fact)),
        ],
    )
}

fn evidence() -> Value {
    object(
        "A source that was asked.",
        [
            ("source", Always, text("`claim`, `learned`, `producer`, `list`, `resolver`, `whoami`, ...")),
            ("operation", Sometimes, text("The operation that was called.")),
            ("outcome", Always, word(&["found", "cached", "absent", "failed"], "What came of it.")),
            ("calls", Always, count("Requests that were sent to the service for it.")),
        ],
    )
}
