//! Where requests are accepted, and the certificates shown there.

use super::{Kind, Section, optional, required};

pub(super) static LISTENER: Section = Section {
    name: "listener",
    about: "One address, and the certificate that it shows.",
    keys: &[
        required("address", Kind::Address, "IP address and port; port 0 takes a free one."),
        optional("tls", Kind::Section(&TLS), "The certificate; without it the listener speaks cleartext."),
    ],
};

static TLS: Section = Section {
    name: "certificate",
    about: "A certificate and its key.",
    keys: &[
        required("certificate", Kind::File, "A PEM file, leaf first."),
        required("key", Kind::Secret, "The private key, PEM: `${file:/run/secrets/tls.key}`."),
    ],
};
