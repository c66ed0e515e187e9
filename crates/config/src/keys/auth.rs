//! How the credentials of one security scheme are verified.

use super::{Kind, Section, default, optional, required};

const DAY: u64 = 86_400_000;

/// Several for one scheme are chosen by the token's issuer.
pub static SCHEME: Kind = Kind::OneOrMany(&Kind::Section(&AUTHENTICATOR));

pub static AUTHENTICATOR: Section = Section {
    name: "authenticator",
    about: "Verifies the credentials of one security scheme: JWTs, introspected tokens, or API keys.",
    keys: &[
        optional("issuer", Kind::Text, "The `iss` of its tokens; keys are discovered there unless given."),
        default("audience", "", Kind::OneOrMany(&Kind::Text), "Of which the token's `aud` must hold one."),
        default(
            "algorithms",
            "",
            Kind::List(&Kind::OneOf(&[
                "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
                "HS256", "HS384", "HS512",
            ])),
            "Accepted signatures; by default every asymmetric one, or HS256 with a secret.",
        ),
        optional("jwks_uri", Kind::Url, "Where the issuer's JWK Set is, when discovery does not say."),
        optional("jwks", Kind::File, "A JWK Set in a file."),
        optional("secret", Kind::Secret, "A secret shared with the issuer, for HS256, HS384 and HS512."),
        optional(
            "token_lifetime_max",
            Kind::Duration { min_ms: 1000, max_ms: 366 * DAY },
            "Tokens that live longer are refused.",
        ),
        default(
            "leeway",
            "10s",
            Kind::Duration { min_ms: 0, max_ms: 30_000 },
            "Clocks may differ by this much.",
        ),
        default("types", "at+jwt, jwt", Kind::List(&Kind::Text), "Accepted `typ` of the token's header."),
        default(
            "required_claims",
            "",
            Kind::List(&Kind::Text),
            "Claims that must be there, beyond `exp` and `iss`.",
        ),
        optional(
            "subject",
            Kind::Text,
            "The claim that says who the user is, or `$.a.b` within one: a text or a whole number; `sub` when absent. Limits, blocks, records and owners go by it.",
        ),
        optional(
            "introspection",
            Kind::Section(&INTROSPECTION),
            "Ask the issuer about each token (RFC 7662).",
        ),
        optional(
            "whoami",
            Kind::Section(&WHOAMI),
            "Ask the service itself who holds a token that it alone can tell: a session's, or one from its database.",
        ),
        default("keys", "", Kind::List(&Kind::Section(&API_KEY)), "API keys, for a scheme of type `apiKey`."),
        optional(
            "insecure",
            Kind::Section(&INSECURE),
            "Dangerous switches; each is warned of at every start.",
        ),
    ],
};

static INTROSPECTION: Section = Section {
    name: "introspection",
    about: "The issuer's introspection endpoint and our credential there.",
    keys: &[
        required("endpoint", Kind::Url, "An https URL."),
        required("client_id", Kind::Text, "Our client there."),
        required("client_secret", Kind::Secret, "Its secret."),
        default(
            "cache",
            "30s",
            Kind::Duration { min_ms: 0, max_ms: 600_000 },
            "How long an active answer is used again; a revocation may take this long.",
        ),
    ],
};

static WHOAMI: Section = Section {
    name: "whoami",
    about: "A GET of the service that answers with the holder of a token, and refuses every token but its own.",
    keys: &[
        required(
            "url",
            Kind::Url,
            "Https, or on this machine; its answer is a JSON object, and `subject` a place in it.",
        ),
        default("scheme", "Bearer", Kind::Text, "The word before the token."),
        default(
            "cache",
            "10s",
            Kind::Duration { min_ms: 0, max_ms: 600_000 },
            "How long a good answer is used again; a logout may take this long.",
        ),
    ],
};

static API_KEY: Section = Section {
    name: "API key",
    about: "A key that identifies a client.",
    keys: &[
        required("id", Kind::Text, "Names the key in records; not secret."),
        optional("client", Kind::Text, "The client that it identifies; by default the id."),
        optional("tenant", Kind::Text, "The organisation that the client belongs to."),
        optional("key", Kind::Secret, "The key itself; only its SHA-256 is kept."),
        optional("sha256", Kind::Sha256, "The SHA-256 of the key, instead of the key."),
        optional("expires", Kind::Instant, "When it ends."),
        default("scopes", "", Kind::List(&Kind::Text), "Scopes that it carries."),
        default(
            "authorizes",
            "false",
            Kind::Flag,
            "Whether the key alone may satisfy an operation's security.",
        ),
    ],
};

static INSECURE: Section = Section {
    name: "insecure switches",
    about: "Each of these gives up a protection.",
    keys: &[
        default("legacy_token", "false", Kind::Flag, "`iss`, `aud` and `typ` may be absent from the token."),
        default("short_key", "false", Kind::Flag, "Accept a secret under 256 bits, or an API key under 128."),
    ],
};
