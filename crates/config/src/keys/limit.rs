//! How much is accepted of whom.

use super::{Key, Kind, Section, default, optional, required};

const PER: Kind = Kind::OneOf(&["address", "client", "principal", "tenant", "api", "operation"]);
const AMOUNT: Kind = Kind::Size { min: 1, max: 1 << 50 };
const IMPORTANCE: Kind = Kind::OneOf(&["low", "normal", "high", "critical"]);

const WHOSE: Key = required("per", PER, "Whose requests are counted together.");
const COUNTS: Key = default(
    "counts",
    "requests",
    Kind::OneOf(&["requests", "cost", "response_bytes"]),
    "What is counted: requests, the cost that operations declare, or bytes of answers, which are owed afterwards.",
);
const RATE: Key = required("rate", Kind::Rate, "`20/s`, `100/min`, `5/h`; of bytes `10MiB/min`.");
const BURST: Key = optional("burst", AMOUNT, "How much may come at once; by default the rate's count.");
const DAILY: Key =
    optional("daily", AMOUNT, "The most until midnight UTC, whatever the rate would let pass.");

pub(super) static LIMIT: Section = Section {
    name: "limit",
    about: "So much in so much time.",
    keys: &[
        WHOSE,
        RATE,
        BURST,
        DAILY,
        COUNTS,
        optional("name", Kind::Text, "Its name in `RateLimit-Policy`; by default what it counts."),
        default(
            "operations",
            "",
            Kind::List(&Kind::Text),
            "Operation ids that it holds for; all when empty.",
        ),
    ],
};

/// A limit inside an operation or a class: it cannot name operations.
pub(super) static LIMIT_HERE: Section = Section {
    name: "limit",
    about: "So much in so much time.",
    keys: &[
        WHOSE,
        RATE,
        BURST,
        DAILY,
        COUNTS,
        optional(
            "name",
            Kind::Text,
            "Its name in `RateLimit-Policy`; by default where it stands and what it counts.",
        ),
    ],
};

pub(super) static CLASS: Section = Section {
    name: "class",
    about: "A class of operations, of callers, or of both. What a built-in class says holds where the key is absent.",
    keys: &[
        optional(
            "importance",
            IMPORTANCE,
            "Who gives way when a service is busy: `low` first; by default `normal`.",
        ),
        default("clients", "", Kind::List(&Kind::Text), "Callers with one of these clients are in it."),
        default(
            "issuers",
            "",
            Kind::List(&Kind::Text),
            "Of these callers only those whose token is from one of these issuers; all when empty.",
        ),
        default("scopes", "", Kind::List(&Kind::Text), "Callers who hold one of these scopes are in it."),
        default("operations", "", Kind::List(&Kind::Text), "Operations with one of these ids are in it."),
        default(
            "apis",
            "",
            Kind::List(&Kind::Text),
            "Every operation of these APIs that is in no other class.",
        ),
        optional(
            "limits",
            Kind::List(&Kind::Section(&LIMIT_HERE)),
            "Limits of its requests, all APIs together.",
        ),
    ],
};

pub(super) static CONCURRENCY: Section = Section {
    name: "concurrency",
    about: "How many requests the service is given at once. Beyond it the least important get 503.",
    keys: &[
        default(
            "adaptive",
            "true",
            Kind::Flag,
            "Follow the service's latency; with `false` the bound is `max`.",
        ),
        default("min", "10", Kind::Count { min: 1, max: 100_000 }, "The least that the bound falls to."),
        default("max", "1000", Kind::Count { min: 1, max: 100_000 }, "The most that the bound rises to."),
        default(
            "tolerance_percent",
            "200",
            Kind::Count { min: 110, max: 1000 },
            "The latency that is still good, in percent of the latency without a queue.",
        ),
    ],
};

pub(super) static TENANT: Section = Section {
    name: "tenant",
    about: "How it is known to which organisation a caller belongs.",
    keys: &[required(
        "claim",
        Kind::Text,
        "The claim of tokens that names it; an API key has its own `tenant`.",
    )],
};
