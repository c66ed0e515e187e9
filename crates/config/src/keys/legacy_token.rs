//! The token that a service understands that cannot be changed.

use super::{Kind, Section, default, optional, required};

pub(super) static LEGACY_TOKEN: Section = Section {
    name: "legacy token",
    about: "The token that the service understands, made for each caller; no other credential reaches the service.",
    keys: &[
        required("algorithm", Kind::OneOf(&["HS256", "ES256", "EdDSA"]), "How it is signed (RFC 7518)."),
        required("key", Kind::Secret, "For HS256 the shared secret; otherwise a private key, PKCS#8 PEM."),
        required(
            "claims",
            Kind::Map { names: "the name of a claim", value: &Kind::Section(&CLAIM) },
            "What it says of the caller; `iat` and `exp` are added.",
        ),
        default("header", "Authorization", Kind::Text, "The header that carries it."),
        default("scheme", "Bearer", Kind::Text, "What stands before it in the header; `none`: nothing does."),
        default(
            "lifetime",
            "60s",
            Kind::Duration { min_ms: 1000, max_ms: 3_600_000 },
            "From `iat` to `exp`.",
        ),
    ],
};

static CLAIM: Section = Section {
    name: "claim",
    about: "Where the value of a claim comes from; one of these.",
    keys: &[
        optional(
            "principal",
            Kind::OneOf(&["subject", "tenant", "issuer", "client", "roles", "scopes"]),
            "What is known of the caller.",
        ),
        optional("claim", Kind::Text, "A claim of the caller's own token, or `$.a.b` within one."),
        optional("value", Kind::Text, "The same for every caller."),
    ],
};
