//! Authorization of objects, functions and properties: the files that say it.

use super::{Kind, Section, default, optional, required};

pub(super) static AUTHORIZATION: Section = Section {
    name: "authorization",
    about: "Whose objects a caller may touch, which operations they may call, which properties they may write and see.",
    keys: &[
        required("bindings", Kind::Path, "The bindings file; `bartizan schema bindings` prints its keys."),
        default(
            "policies",
            "",
            Kind::List(&Kind::Path),
            "Cedar policies; a built-in set when empty: what is one's own, within one's tenant.",
        ),
        optional(
            "external",
            Kind::Section(&EXTERNAL),
            "Who is asked where the bindings name the evidence `external`.",
        ),
        optional(
            "sealing",
            Kind::Section(&SEALING),
            "Keys of sealed ids; needed where the bindings seal a resource type.",
        ),
        optional(
            "limits",
            Kind::Section(&LIMITS),
            "How long it may make anybody wait, and how much it may ask of the service.",
        ),
    ],
};

static LIMITS: Section = Section {
    name: "limits of authorization",
    about: "How long authorization may make anybody wait, and how much it may ask of the service.",
    keys: &[
        default(
            "lock_wait",
            "2s",
            Kind::Duration { min_ms: 0, max_ms: 30_000 },
            "How long a request waits for an object that another one is changing.",
        ),
        default(
            "evidence_timeout",
            "3s",
            Kind::Duration { min_ms: 10, max_ms: 60_000 },
            "For one question of evidence, further pages of its list included.",
        ),
        default(
            "evidence_calls_max",
            "30000",
            Kind::Count { min: 1, max: 10_000_000 },
            "Calls of the service that one principal may cause within a minute beyond its own requests.",
        ),
        default(
            "answer_grid",
            "4ms",
            Kind::Duration { min_ms: 1, max_ms: 1000 },
            "That there is no such object is answered after so long, or twice, four times, ... as long.",
        ),
    ],
};

static EXTERNAL: Section = Section {
    name: "external decision point",
    about: "A decision point that speaks AuthZEN 1.0.",
    keys: &[
        required("endpoint", Kind::Url, "The URL of its evaluation; https, or on this machine."),
        optional("token", Kind::Secret, "The bearer token that it takes."),
    ],
};

static SEALING: Section = Section {
    name: "sealing",
    about: "The keys under which ids are sealed.",
    keys: &[required(
        "keys",
        Kind::List(&Kind::Section(&SEALING_KEY)),
        "The first seals, all of them open: to change keys, put the new one first and keep the old one.",
    )],
};

static SEALING_KEY: Section = Section {
    name: "key of sealed ids",
    about: "One key, and the number by which sealed ids name it.",
    keys: &[
        required("number", Kind::Count { min: 0, max: 255 }, "Never given to another key again."),
        required("key", Kind::Secret, "32 random bytes or more."),
    ],
};
