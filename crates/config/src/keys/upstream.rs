//! The service behind an API.

use super::{Kind, Section, default, optional, required};

pub(super) static UPSTREAM: Section = Section {
    name: "upstream",
    about: "The service behind an API.",
    keys: &[
        required("url", Kind::Url, "Scheme, host and port; a path replaces `base_path`."),
        optional("base_path", Kind::Text, "Replaces the API's `base_path` on the way; `/` strips it."),
        default("http2", "false", Kind::Flag, "Speak HTTP/2."),
        optional("ca", Kind::File, "PEM of the trusted roots; the system's otherwise."),
    ],
};
