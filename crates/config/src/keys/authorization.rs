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
