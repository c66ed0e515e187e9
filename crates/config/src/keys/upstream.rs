//! The service behind an API.

use super::{Kind, Section, default, optional, required};

const HOUR: u64 = 3_600_000;

pub(super) static UPSTREAM: Section = Section {
    name: "upstream",
    about: "The service behind an API.",
    keys: &[
        optional("url", Kind::Url, "Scheme, host and port; a path replaces `base_path`."),
        optional(
            "targets",
            Kind::List(&Kind::Url),
            "Instead of `url`: several, alike but for host and port. A name may lead to several addresses too.",
        ),
        optional("base_path", Kind::Text, "Replaces the API's `base_path` on the way; `/` strips it."),
        default("http2", "false", Kind::Flag, "Speak HTTP/2."),
        optional("tls", Kind::Section(&UPSTREAM_TLS), "How the service is recognised under `https`."),
        optional("health", Kind::Section(&HEALTH), "Probes that ask each endpoint whether it is in order."),
        optional(
            "eject",
            Kind::Section(&EJECT),
            "When an endpoint that fails requests is left alone for a while.",
        ),
        optional("retries", Kind::Section(&RETRIES), "When a failed request is sent to another endpoint."),
        optional(
            "slow_start",
            duration(100, HOUR),
            "How long a new or returned endpoint takes to get its whole share of requests.",
        ),
        default("in_flight_max", "10000", count(1, 1_000_000), "Requests at one endpoint at a time."),
        default(
            "pending_max",
            "1000",
            count(0, 1_000_000),
            "Requests that wait for a place (at most `timeouts.upstream_connect`); beyond it the answer is 503 at once.",
        ),
        optional(
            "connections_max",
            count(1, 1_000_000),
            "Connections to one endpoint: with HTTP/1.1 as many as requests, with HTTP/2 at most 4.",
        ),
        optional("dns", Kind::Section(&DNS), "How names of targets are resolved."),
    ],
};

static HEALTH: Section = Section {
    name: "health of an upstream",
    about: "A GET on a connection of its own, to each endpoint.",
    keys: &[
        required("path", Kind::Text, "Begins with `/`; `base_path` is not put before it."),
        default("every", "5s", duration(100, HOUR), "Between two probes of one endpoint."),
        default("timeout", "2s", duration(10, HOUR), "From connecting to the answer's head."),
        default("healthy_after", "2", count(1, 100), "Successes in a row that bring an endpoint back."),
        default("unhealthy_after", "3", count(1, 100), "Failures in a row that take it out."),
        default("status", "200-299", Kind::Text, "The status of a success, or the first and last of them."),
    ],
};

static EJECT: Section = Section {
    name: "ejection",
    about: "Connections that fail, answers that do not come, and 502, 503 and 504 speak against an endpoint.",
    keys: &[
        default(
            "failures",
            "5",
            count(0, 1_000_000),
            "Failures in a row, and requests at a time on trial afterwards; 0 ejects never.",
        ),
        default(
            "for",
            "10s",
            duration(10, HOUR),
            "The first time; twice as long each time in a row, up to 32 times.",
        ),
        default(
            "at_most",
            "50%",
            Kind::Share,
            "Of the endpoints at a time. Beyond it they stay, failing or not.",
        ),
    ],
};

static RETRIES: Section = Section {
    name: "retries",
    about: "Only what is idempotent or was not sent at all, and only before the first byte of an answer.",
    keys: &[
        default("attempts", "1", count(0, 10), "Further tries, each at another endpoint; 0: none."),
        default("budget", "20%", Kind::Share, "Of the requests of the last ten seconds."),
        default(
            "per_second_min",
            "10",
            count(0, 1_000_000),
            "Retries allowed each second, however few requests there are.",
        ),
        optional(
            "per_try",
            duration(10, HOUR),
            "How long one try may take to the answer's head; else as long as all.",
        ),
    ],
};

static DNS: Section = Section {
    name: "resolver",
    about: "Names are resolved again when their TTL is over; the last good addresses are used while that fails.",
    keys: &[
        optional(
            "server",
            Kind::Address,
            "Asked instead of those in `/etc/resolv.conf`; `/etc/hosts` comes first.",
        ),
        default(
            "ttl_max",
            "5min",
            duration(1_000, 24 * HOUR),
            "A longer TTL is cut to this; the shortest is 1 s.",
        ),
    ],
};

static UPSTREAM_TLS: Section = Section {
    name: "TLS of an upstream",
    about: "How the service is recognised, and what it is shown.",
    keys: &[
        optional("ca", Kind::File, "PEM of the trusted roots; the system's otherwise."),
        optional(
            "server_name",
            Kind::Text,
            "Asked for and expected in the certificate, instead of the URL's host.",
        ),
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

const fn count(min: u64, max: u64) -> Kind {
    Kind::Count { min, max }
}

const fn duration(min_ms: u64, max_ms: u64) -> Kind {
    Kind::Duration { min_ms, max_ms }
}
