//! How much is accepted of whom.

use super::{Kind, Section, default, optional, required};

const PER: Kind = Kind::OneOf(&["address", "client", "principal", "api", "operation"]);
const COUNT: Kind = Kind::Count { min: 1, max: 1_000_000_000 };

pub(super) static LIMIT: Section = Section {
    name: "limit",
    about: "So many requests in so much time.",
    keys: &[
        required("per", PER, "What is counted."),
        required("rate", Kind::Rate, "`20/s`, `100/min`, `5/h`."),
        optional("burst", COUNT, "How many may come at once; by default the rate's count."),
        optional("name", Kind::Text, "Its name in `RateLimit-Policy`; by default what it counts."),
        default(
            "operations",
            "",
            Kind::List(&Kind::Text),
            "Operation ids that it holds for; all when empty.",
        ),
    ],
};

/// A limit inside an operation: it cannot name operations.
pub(super) static LIMIT_HERE: Section = Section {
    name: "limit",
    about: "So many requests in so much time.",
    keys: &[
        required("per", PER, "What is counted."),
        required("rate", Kind::Rate, "`20/s`, `100/min`, `5/h`."),
        optional("burst", COUNT, "How many may come at once; by default the rate's count."),
        optional(
            "name",
            Kind::Text,
            "Its name in `RateLimit-Policy`; by default the operation and what it counts.",
        ),
    ],
};
