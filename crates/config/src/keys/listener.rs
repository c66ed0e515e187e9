//! Where requests are accepted, and the certificates shown there.

use super::tls::TLS;
use super::{Kind, Section, default, optional, required};

pub(super) static LISTENER: Section = Section {
    name: "listener",
    about: "One address, and the certificate that it shows.",
    keys: &[
        required("address", Kind::Address, "IP address and port; port 0 takes a free one."),
        optional("tls", Kind::Section(&TLS), "Certificates; without them the listener speaks cleartext."),
        default(
            "http",
            "serve",
            Kind::OneOf(&["serve", "redirect", "refuse"]),
            "What a listener without TLS does: `redirect` answers with 308 to `https`, `refuse` with 403.",
        ),
        default(
            "https_port",
            "443",
            Kind::Count { min: 1, max: 65535 },
            "The port that `http: redirect` sends clients to.",
        ),
        default(
            "trusted_proxies",
            "",
            Kind::List(&Kind::Network),
            "Networks of the proxies that may say whom they speak for, as CIDR. Without any, nobody may.",
        ),
        default(
            "forwarded",
            "x-forwarded-for",
            Kind::OneOf(&["x-forwarded-for", "forwarded"]),
            "The one field that is read for the caller's address, from trusted proxies only.",
        ),
        default(
            "forwarded_proto",
            "false",
            Kind::Flag,
            "`X-Forwarded-Proto` of a trusted proxy says whether the caller used HTTPS.",
        ),
        default(
            "proxy_protocol",
            "false",
            Kind::Flag,
            "Every connection begins with a PROXY header, version 1 or 2, from a trusted proxy.",
        ),
    ],
};
