//! The file as a whole: listeners, administration, sizes, timeouts, telemetry, and the dangerous switches.

use super::api::{API, CORS};
use super::auth::SCHEME;
use super::limit::{CLASS, LIMIT, TENANT};
use super::listener::LISTENER;
use super::waf::WAF;
use super::{Kind, Section, default, optional, required};

const SECOND: u64 = 1000;
const HOUR: u64 = 3600 * SECOND;

pub static ROOT: Section = Section {
    name: "gateway file",
    about: "The deployment facts of one gateway.",
    keys: &[
        required("version", Kind::Version, "The version of this file's shape."),
        default(
            "listen",
            "127.0.0.1:8080",
            Kind::OneOrMany(&Kind::Short { key: "address", section: &LISTENER }),
            "Where requests are accepted. Beyond loopback a certificate is needed.",
        ),
        default(
            "state_dir",
            ".bartizan",
            Kind::Path,
            "Where records, the last good configuration and the administration socket are kept; made with mode 0700.",
        ),
        default(
            "records_bytes_max",
            "256MiB",
            Kind::Size { min: 0, max: 1 << 40 },
            "How much room records may take in `state_dir`; the oldest go first. With 0 none are kept.",
        ),
        optional("admin", Kind::Section(&ADMIN), "The read-only port for metrics and health."),
        required(
            "apis",
            Kind::Map { names: "the name of an API", value: &Kind::Section(&API) },
            "The APIs that are served, by a name of your choice.",
        ),
        optional("auth", AUTH, "How the security schemes that the descriptions name are verified."),
        optional("limits", Kind::List(&Kind::Section(&LIMIT)), "Limits that hold for every API."),
        optional(
            "classes",
            Kind::Map { names: "the name of a class", value: &Kind::Section(&CLASS) },
            "Classes of requests. `partner`, `batch`, `public_form`, `authentication` and `sensitive` are built in.",
        ),
        optional(
            "tenant",
            Kind::Section(&TENANT),
            "How a caller's organisation is known, for limits per tenant.",
        ),
        default(
            "failed_authentications",
            "30/min",
            Kind::Rate,
            "Failed authentications per address, beyond which the address is refused.",
        ),
        optional("sizes", Kind::Section(&SIZES), "The largest of everything; what is larger is refused."),
        optional("timeouts", Kind::Section(&TIMEOUTS), "How long each phase of a request may take."),
        optional(
            "cors",
            Kind::Section(&CORS),
            "Which browser origins may call, for every API without its own.",
        ),
        optional(
            "waf",
            Kind::Section(&WAF),
            "Rules against attacks, for every API without its own. Without it Bartizan's own rules watch.",
        ),
        optional("egress", Kind::Section(&EGRESS), "What the gateway itself may reach, upstreams aside."),
        optional("telemetry", Kind::Section(&TELEMETRY), "Traces by OpenTelemetry."),
        optional(
            "insecure",
            Kind::Section(&INSECURE),
            "Dangerous switches; each is warned of at every start.",
        ),
    ],
};

pub(super) const AUTH: Kind =
    Kind::Map { names: "the name of a security scheme of the description", value: &SCHEME };

static ADMIN: Section = Section {
    name: "administration port",
    about: "Serves metrics and health, read-only.",
    keys: &[
        default(
            "address",
            "127.0.0.1:9901",
            Kind::Address,
            "A loopback address and port; port 0 takes a free one.",
        ),
        optional(
            "token_file",
            Kind::Path,
            "Holds the bearer token for metrics, readable by its owner only (0600). \
             By default `admin.token` in `state_dir`, made at the first start.",
        ),
        default(
            "hosts",
            "",
            Kind::List(&Kind::Text),
            "Names besides `localhost` under which it may be asked.",
        ),
    ],
};

const fn bytes(min: u64, max: u64) -> Kind {
    Kind::Size { min, max }
}

const fn count(min: u64, max: u64) -> Kind {
    Kind::Count { min, max }
}

const fn duration(min_ms: u64, max_ms: u64) -> Kind {
    Kind::Duration { min_ms, max_ms }
}

static SIZES: Section = Section {
    name: "sizes",
    about: "Bounds on what is accepted and held.",
    keys: &[
        default("head_bytes_max", "32KiB", bytes(1 << 10, 1 << 20), "A request head; larger is 431."),
        default("headers_max", "100", count(8, 1000), "Header fields of a request; more is 431."),
        default("target_bytes_max", "8KiB", bytes(256, 64 << 10), "A request target; longer is 414."),
        default("body_bytes_max", "1MiB", bytes(0, 4 << 30), "A request body; larger is 413."),
        default("json_depth_max", "64", count(1, 512), "Nesting of a JSON body."),
        default("json_values_max", "100000", count(1, 10_000_000), "Values in a JSON body."),
        default(
            "buffered_bytes_max",
            "256MiB",
            bytes(1 << 20, 64 << 30),
            "Bodies and unfinished heads held at once by the whole process; beyond it, 503.",
        ),
        default("connections_max", "10000", count(1, 1_000_000), "Connections of all listeners."),
        default(
            "connections_per_address_max",
            "256",
            count(1, 1_000_000),
            "Connections from one IPv4 address or IPv6 /64, trusted proxies aside; more are closed.",
        ),
        default(
            "websockets_per_caller_max",
            "100",
            count(1, 1_000_000),
            "WebSockets that one principal has open (else one client, else one address); one more is 429.",
        ),
        default(
            "body_rate_min",
            "1KiB",
            bytes(0, 1 << 30),
            "Bytes a second of a request body, while it is waited for beyond `timeouts.body`; slower is 408.",
        ),
        default(
            "answer_rate_min",
            "1KiB",
            bytes(0, 1 << 30),
            "Bytes a second that a caller takes of an answer, while it is waited for beyond `timeouts.idle`.",
        ),
        default(
            "limit_keys_max",
            "100000",
            count(1000, 10_000_000),
            "Counters held for limits, 32 bytes each: so many of addresses, of callers, and of APIs and operations.",
        ),
        default("tokens_cached_max", "10000", count(0, 1_000_000), "Verified tokens held."),
        default("locks_max", "100000", count(1, 10_000_000), "Objects that are changed at a time."),
        default(
            "evidence_cached_max",
            "50000",
            count(1, 10_000_000),
            "Answers of services about objects held for seconds, and as many lists.",
        ),
        default(
            "learned_max",
            "1000000",
            count(1, 100_000_000),
            "Objects of which it is remembered who made them.",
        ),
    ],
};

static TIMEOUTS: Section = Section {
    name: "timeouts",
    about: "Bounds on waiting.",
    keys: &[
        default("head", "10s", duration(SECOND, HOUR), "For a request head."),
        default("body", "15s", duration(SECOND, HOUR), "Between two pieces of a request body."),
        default("idle", "60s", duration(SECOND, HOUR), "For a connection without a request."),
        default("upstream_connect", "5s", duration(10, HOUR), "To connect to an upstream."),
        default("upstream_head", "30s", duration(10, HOUR), "For an upstream's response head."),
        default("upstream_body", "30s", duration(10, HOUR), "Between two pieces of a response body."),
        default("question", "3s", duration(10, 60 * SECOND), "For what a check asks of the outside."),
        default("drain", "30s", duration(0, HOUR), "For requests in flight when the gateway stops."),
    ],
};

static EGRESS: Section = Section {
    name: "egress",
    about: "Fetches of keys and introspection go to public addresses only, unless more is allowed here.",
    keys: &[default("allow", "", Kind::List(&Kind::Network), "Networks that may also be reached, as CIDR.")],
};

static TELEMETRY: Section = Section {
    name: "telemetry",
    about: "Where traces are sent.",
    keys: &[
        required("endpoint", Kind::Url, "OTLP over HTTP, such as `http://127.0.0.1:4318`."),
        default("service_name", "bartizan", Kind::Text, "The `service.name` of the traces."),
        default(
            "sample",
            "1%",
            Kind::Share,
            "The share of requests that is traced when the caller did not decide.",
        ),
    ],
};

static INSECURE: Section = Section {
    name: "insecure switches",
    about: "Each of these gives up a protection.",
    keys: &[
        default("cleartext_listen", "false", Kind::Flag, "Listen beyond loopback without a certificate."),
        default("cleartext_upstream", "false", Kind::Flag, "Reach upstreams beyond loopback without TLS."),
        default(
            "cleartext_issuer",
            "false",
            Kind::Flag,
            "Fetch keys and introspect beyond loopback without TLS.",
        ),
        default("cleartext_admin", "false", Kind::Flag, "Serve the administration port beyond loopback."),
        default("cleartext_telemetry", "false", Kind::Flag, "Send traces beyond loopback without TLS."),
    ],
};
