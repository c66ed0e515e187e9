//! The WAF: which rules run, what they are not to look at, and how much they may take.

use super::{Kind, Section, default, optional};

pub(super) static WAF: Section = Section {
    name: "WAF",
    about: "Rules that look for attacks in what requests and answers carry. Its mode is that of the check `waf`.",
    keys: &[
        default(
            "own_rules",
            "true",
            Kind::Flag,
            "Bartizan's own rules; `bartizan schema waf-rules` lists them.",
        ),
        default(
            "rules",
            "",
            Kind::List(&Kind::Path),
            "Rules in SecLang besides: files, and directories whose `*.conf` are read in the order of their names. \
             The Core Rule Set is `[crs/crs-setup.conf, crs/rules]`.",
        ),
        default(
            "exclude",
            "",
            Kind::List(&Kind::Section(&EXCLUSION)),
            "What rules are not to be asked, or not of which values.",
        ),
        default(
            "skip_proven",
            "true",
            Kind::Flag,
            "Pass over values that the description proves to be a number, a truth value, a UUID, a date or one of a list.",
        ),
        default(
            "answers",
            "false",
            Kind::Flag,
            "Hold answers of text and JSON back until rules have seen them; their heads are always seen.",
        ),
        default(
            "json_names",
            "modsecurity",
            Kind::OneOf(&["modsecurity", "plain"]),
            "How items of JSON arrays are called by rules: `json.items.array_0.name`, or `json.items.0.name`.",
        ),
        default(
            "body_bytes_max",
            "1MiB",
            Kind::Size { min: 1 << 10, max: 1 << 30 },
            "The largest body that is inspected, uploaded files aside; larger is refused.",
        ),
        default(
            "arguments_max",
            "1000",
            Kind::Count { min: 1, max: 1_000_000 },
            "Parameters, fields and properties of one request; more are refused.",
        ),
        default(
            "depth_max",
            "64",
            Kind::Count { min: 1, max: 512 },
            "How deep JSON and XML may be nested; deeper is refused.",
        ),
        default(
            "work_max",
            "20000000",
            Kind::Count { min: 10_000, max: 100_000_000_000 },
            "Steps that one request may take of the rules; what takes more is refused. A byte looked at is a step.",
        ),
    ],
};

/// Of one operation.
pub(super) static WAF_HERE: Section = Section {
    name: "WAF of an operation",
    about: "What rules are not to be asked of this operation, beside what holds for its API.",
    keys: &[default(
        "exclude",
        "",
        Kind::List(&Kind::Section(&EXCLUSION)),
        "What rules are not to be asked, or not of which values.",
    )],
};

static EXCLUSION: Section = Section {
    name: "exclusion",
    about: "Rules that do not look, by number or by tag; everywhere, or at one variable only.",
    keys: &[
        optional("rule", Kind::Count { min: 1, max: 999_999_999 }, "The rule's id, such as 942100."),
        optional("tag", Kind::Text, "A tag of the rules, such as `attack-sqli`."),
        optional(
            "target",
            Kind::Text,
            "The variable that they leave alone, such as `ARGS:comment` or `REQUEST_COOKIES:/^_ga/`; all when absent.",
        ),
        optional("because", Kind::Text, "Why; kept for whoever reads it next."),
    ],
};
