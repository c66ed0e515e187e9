//! One API: its description, where it is served, where it goes, and what protects it.

use super::authorization::AUTHORIZATION;
use super::deployment::AUTH;
use super::limit::{CONCURRENCY, LIMIT, LIMIT_HERE};
use super::upstream::UPSTREAM;
use super::waf::{WAF, WAF_HERE};
use super::{Kind, Section, default, optional, required};

const MODE: Kind = Kind::OneOf(&["off", "watch", "enforce"]);
const CHECKS: Kind = Kind::Map { names: "the name of a check", value: &MODE };

pub static API: Section = Section {
    name: "API",
    about: "One described API and the service behind it.",
    keys: &[
        required("spec", Kind::Path, "The OpenAPI description: 2.0, 3.0, 3.1 or 3.2, YAML or JSON."),
        default(
            "overlays",
            "",
            Kind::List(&Kind::Path),
            "Overlay 1.x files, applied to the description in order.",
        ),
        required(
            "upstream",
            Kind::Short { key: "url", section: &UPSTREAM },
            "The service that answers: `http://127.0.0.1:3000`.",
        ),
        default("hosts", "", Kind::List(&Kind::Text), "Host names, without port; every host when empty."),
        optional(
            "base_path",
            Kind::Text,
            "What stands before every path; by default the path of the description's `servers`.",
        ),
        default(
            "undeclared",
            "refuse",
            Kind::OneOf(&["refuse", "observe"]),
            "What becomes of a request that the description does not list: 404 or 405, or forwarded and recorded.",
        ),
        optional("auth", AUTH, "Replaces the file's `auth` scheme by scheme, for this API."),
        default("limits", "", Kind::List(&Kind::Section(&LIMIT)), "Limits of this API, beside the file's."),
        optional(
            "concurrency",
            Kind::Section(&CONCURRENCY),
            "Bounds the requests that wait for the service's answers; without it as many are forwarded as come.",
        ),
        optional("checks", CHECKS, "The mode of single checks; the others have their default."),
        optional(
            "operations",
            Kind::Map { names: "the id of an operation", value: &Kind::Section(&OPERATION) },
            "What differs for single operations, by `operationId`, or `GET /orders/{id}` without one.",
        ),
        optional("strict", Kind::Section(&STRICT), "Validation beyond what the description says."),
        default(
            "sanitise",
            "false",
            Kind::Flag,
            "Put strings of requests into Unicode NFC and drop control characters before they are validated.",
        ),
        optional("identity", Kind::Section(&IDENTITY), "What the service is told about the caller."),
        optional(
            "authorization",
            Kind::Section(&AUTHORIZATION),
            "Whose objects a caller may touch, which operations and properties; without it nothing is asked.",
        ),
        optional("waf", Kind::Section(&WAF), "Rules against attacks, in place of the file's."),
        optional("cors", Kind::Section(&CORS), "Which browser origins may call this API."),
    ],
};

static OPERATION: Section = Section {
    name: "operation",
    about: "What differs for one operation.",
    keys: &[
        optional("checks", CHECKS, "The mode of single checks."),
        optional("class", Kind::Text, "The class that it is in, instead of what the description says."),
        optional(
            "cost",
            Kind::Count { min: 0, max: 1_000_000 },
            "Units that a call takes from limits that count cost; 1 when nothing else is said.",
        ),
        default("limits", "", Kind::List(&Kind::Section(&LIMIT_HERE)), "Limits of this operation alone."),
        optional("waf", Kind::Section(&WAF_HERE), "What rules are not to be asked of this operation."),
    ],
};

static STRICT: Section = Section {
    name: "strict",
    about: "Validation beyond what the description says.",
    keys: &[default(
        "only_declared_properties",
        "false",
        Kind::Flag,
        "Objects of request bodies hold declared properties only, whatever `additionalProperties` says.",
    )],
};

static IDENTITY: Section = Section {
    name: "identity",
    about: "What the service is told about the caller. Copies sent by the caller are always stripped.",
    keys: &[
        default("forward_credential", "false", Kind::Flag, "Forward the `Authorization` that was verified."),
        optional("assertion", Kind::Section(&ASSERTION), "A short signed statement in `Bartizan-Assertion`."),
        optional(
            "legacy_token",
            Kind::Section(&super::legacy_token::LEGACY_TOKEN),
            "The token that the service understands, in place of the caller's credential.",
        ),
    ],
};

static ASSERTION: Section = Section {
    name: "assertion",
    about: "A JWT by which the service knows who calls.",
    keys: &[
        required("issuer", Kind::Text, "Its `iss`."),
        required("audience", Kind::Text, "Its `aud`."),
        default("lifetime", "60s", Kind::Duration { min_ms: 1000, max_ms: 600_000 }, "From `iat` to `exp`."),
        required("key", Kind::Secret, "An Ed25519 or P-256 private key, PKCS#8 PEM."),
    ],
};

pub(super) static CORS: Section = Section {
    name: "CORS",
    about: "Which browser origins may call, and what they may see.",
    keys: &[
        required(
            "origins",
            Kind::OneOrMany(&Kind::Text),
            "Exact origins, such as `https://app.example.com`, or `*`.",
        ),
        default("headers", "", Kind::List(&Kind::Text), "Request headers that a page may send."),
        default("expose", "", Kind::List(&Kind::Text), "Response headers that a page may read."),
        default(
            "credentials",
            "false",
            Kind::Flag,
            "Whether cookies and credentials may be sent; never with `*`.",
        ),
        default(
            "max_age",
            "10min",
            Kind::Duration { min_ms: 0, max_ms: 86_400_000 },
            "How long a browser keeps it.",
        ),
    ],
};
