//! Every key of the gateway file, once: reading, "did you mean", defaults and the JSON Schema all come from here.

mod api;
mod auth;
mod authorization;
mod deployment;
mod legacy_token;
mod limit;
mod listener;
mod tls;
mod upstream;
mod waf;

pub use api::API;
pub use auth::{AUTHENTICATOR, SCHEME};
pub use deployment::ROOT;
use tape::keys::{default, optional, required};

/// A mapping with a closed set of keys.
pub type Section = tape::keys::Section<Kind>;
pub type Key = tape::keys::Key<Kind>;

/// A section with its article: `an upstream`, `a limit`; the name alone where there is but one: `sizes`, `TLS of a
/// listener`.
pub fn noun(section: &Section) -> String {
    let name = section.name;
    let first = name.split(' ').next().unwrap_or_default();
    let is_one =
        matches!(
            first,
            "TLS" | "WAF" | "HSTS" | "ACME" | "CORS" | "health" | "egress" | "telemetry" | "authorization"
        ) || matches!(first, "sizes" | "timeouts" | "retries" | "strict" | "concurrency" | "insecure");
    match name.starts_with(['a', 'A', 'e', 'i', 'o', 'u']) {
        _ if is_one => name.to_owned(),
        true => format!("an {name}"),
        false => format!("a {name}"),
    }
}

/// The shape of a value. Scalars carry their range; units are part of the value (`30s`, `64KiB`, `100/min`).
#[derive(Debug)]
pub enum Kind {
    /// The number 1.
    Version,
    Text,
    Flag,
    Count {
        min: u64,
        max: u64,
    },
    /// Bytes: `65536`, `64KiB`, `1MiB`.
    Size {
        min: u64,
        max: u64,
    },
    /// `500ms`, `30s`, `5min`, `1h`, `2d`; bounds in milliseconds.
    Duration {
        min_ms: u64,
        max_ms: u64,
    },
    /// `20/s`, `100/min`, `5/h`, `10/30s`.
    Rate,
    /// A part of a whole: `10%`, `0.5%`.
    Share,
    OneOf(&'static [&'static str]),
    /// A reference: `${env:NAME}` or `${file:/path}`.
    Secret,
    /// A file that is read with the configuration, relative to the gateway file.
    File,
    /// A path that is not read here, relative to the gateway file.
    Path,
    Url,
    /// `host:port` where the host is an IP address or `localhost`.
    Address,
    /// CIDR: `10.0.0.0/8`, `fd00::/8`.
    Network,
    /// RFC 3339: `2027-01-31` or `2027-01-31T12:00:00Z`.
    Instant,
    /// 64 hexadecimal digits.
    Sha256,
    List(&'static Kind),
    /// One, or a list of them.
    OneOrMany(&'static Kind),
    /// Names chosen by the operator.
    Map {
        /// What the names are: "the name of a check".
        names: &'static str,
        value: &'static Kind,
    },
    Section(&'static Section),
    /// A scalar that is short for the section with this one key.
    Short {
        key: &'static str,
        section: &'static Section,
    },
}
