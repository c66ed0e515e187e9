//! The service behind an API.

use super::{Kind, Section, default, optional, required};

pub(super) static UPSTREAM: Section = Section {
    name: "upstream",
    about: "The service behind an API.",
    keys: &[
        required("url", Kind::Url, "Scheme, host and port; a path replaces `base_path`."),
        optional("base_path", Kind::Text, "Replaces the API's `base_path` on the way; `/` strips it."),
        default("http2", "false", Kind::Flag, "Speak HTTP/2."),
        optional("tls", Kind::Section(&UPSTREAM_TLS), "How the service is recognised under `https`."),
    ],
};

static UPSTREAM_TLS: Section = Section {
    name: "TLS of an upstream",
    about: "How the service is recognised, and what it is shown.",
    keys: &[
        optional("ca", Kind::File, "PEM of the trusted roots; the system's otherwise."),
        optional("server_name", Kind::Text, "Asked for and expected in the certificate, instead of the URL's host."),
        default(
            "pins",
            "",
            Kind::List(&Kind::Sha256),
            "SHA-256 of public keys (SPKI), of which the service's own certificate must hold one, besides being valid.",
        ),
        optional("certificate", Kind::File, "PEM, leaf first: shown when the service asks for one."),
        optional("key", Kind::Secret, "Its private key, PEM: `${file:/run/secrets/client.key}`."),
    ],
};
