//! TLS of a listener: certificates from files or from an authority, and what goes with them.

use super::{Kind, Section, default, optional, required};

const DAY: u64 = 86_400_000;

pub(super) static TLS: Section = Section {
    name: "TLS of a listener",
    about: "The certificates that a listener shows, chosen by the name that a client asks for.",
    keys: &[
        optional("certificate", Kind::File, "A PEM file, leaf first: shown to clients that name no host."),
        optional("key", Kind::Secret, "Its private key, PEM: `${file:/run/secrets/tls.key}`."),
        optional(
            "certificates",
            Kind::List(&Kind::Section(&CERTIFICATE)),
            "Further certificates, each for the names that it holds.",
        ),
        default(
            "min_version",
            "1.2",
            Kind::OneOf(&["1.2", "1.3"]),
            "The oldest version of TLS that is spoken.",
        ),
        optional(
            "hsts",
            Kind::Short { key: "max_age", section: &HSTS },
            "`Strict-Transport-Security` with every answer over TLS, for so long: `1y`.",
        ),
        optional("acme", Kind::Section(&ACME), "A certificate that is ordered and renewed by itself."),
    ],
};

static CERTIFICATE: Section = Section {
    name: "certificate",
    about: "A certificate and its key.",
    keys: &[
        required("certificate", Kind::File, "A PEM file, leaf first."),
        required("key", Kind::Secret, "Its private key, PEM: `${file:/run/secrets/tls.key}`."),
    ],
};

static HSTS: Section = Section {
    name: "HSTS",
    about: "For how long browsers speak nothing but TLS with these hosts (RFC 6797).",
    keys: &[
        required(
            "max_age",
            Kind::Duration { min_ms: 0, max_ms: 3650 * DAY },
            "From each answer on; `0s` makes browsers forget it.",
        ),
        default("include_subdomains", "false", Kind::Flag, "For all names below, too."),
        default("preload", "false", Kind::Flag, "Allows browsers to ship with it; hard to take back."),
    ],
};

static ACME: Section = Section {
    name: "ACME",
    about: "An authority that gives certificates to whoever shows that a name is theirs (RFC 8555).",
    keys: &[
        required("names", Kind::OneOrMany(&Kind::Text), "The names in the certificate."),
        default("contact", "", Kind::List(&Kind::Text), "Whom the authority may write to: `mailto:` URIs."),
        default(
            "directory",
            "https://acme-v02.api.letsencrypt.org/directory",
            Kind::Url,
            "Where the authority's directory is. Beyond public addresses `egress.allow` must name its network.",
        ),
        optional(
            "ca",
            Kind::File,
            "PEM of the roots that the directory's own certificate descends from; the system's otherwise.",
        ),
        default(
            "terms_agreed",
            "false",
            Kind::Flag,
            "You have read the authority's terms of service, and agree.",
        ),
        default(
            "challenge",
            "tls-alpn-01",
            Kind::OneOf(&["tls-alpn-01", "http-01"]),
            "How a name is shown to be yours: by this listener, reached at port 443, or by one without TLS, reached at port 80.",
        ),
    ],
};
