//! The schema of what rules found.

use serde_json::{Value, json};

use super::Presence::{Always, Sometimes};
use super::{array, count, object, text};

pub(super) fn inspection() -> Value {
    object(
        "What rules of the check `waf` found; absent when they found nothing.",
        [
            ("matches", Sometimes, array("Rules that matched, in order; the first 32.", rule_match())),
            ("more", Sometimes, count("Matches beyond those that are listed.")),
            ("refused_by", Sometimes, count("The rule that refuses.")),
            ("exhausted", Sometimes, text("The limit that the rules came to before their end.")),
            ("steps", Always, count("Steps that the rules took.")),
        ],
    )
}

fn rule_match() -> Value {
    object(
        "A rule that matched.",
        [
            ("set", Always, text("`bartizan` for our own rules, `files` for those of the operator.")),
            ("rule", Always, count("The rule's id, by which it can be excluded.")),
            ("place", Always, text("Where it stands: file and line.")),
            (
                "phase",
                Always,
                count("1 and 2 for the request's head and body, 3 and 4 for the answer's, 5 for the end."),
            ),
            ("message", Always, text("What it says.")),
            ("severity", Sometimes, text("How grave it is, in the rule's words.")),
            ("tags", Sometimes, array("Its tags.", text("One tag."))),
            (
                "refuses",
                Sometimes,
                json!({ "type": "boolean", "description": "It refuses by itself, rather than adding to a score." }),
            ),
            ("seen", Always, array("The values that matched; the first ten.", seen())),
            ("scored", Sometimes, array("What it added to scores.", score())),
        ],
    )
}

fn seen() -> Value {
    object(
        "A value that matched, after its transformations.",
        [
            (
                "variable",
                Always,
                text("Where it was, such as `ARGS:comment`; `*` for what does not look like a name."),
            ),
            (
                "shape",
                Always,
                text("Letters as `a` and `A`, digits as `0`, marks as they are; never the value."),
            ),
            ("bytes", Always, count("Its length.")),
        ],
    )
}

fn score() -> Value {
    let number = |about: &str| json!({ "type": "integer", "description": about });
    object(
        "One sum: before + change = after.",
        [
            ("name", Always, text("The score's name.")),
            ("before", Always, number("What it was.")),
            ("change", Always, number("What was added.")),
            ("after", Always, number("What it is then.")),
        ],
    )
}
