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

pub use api::API;
pub use auth::{AUTHENTICATOR, SCHEME};
pub use deployment::ROOT;

/// A mapping with a closed set of keys.
#[derive(Debug)]
pub struct Section {
    /// What the section is called in messages: `limit`, `upstream`.
    pub name: &'static str,
    pub about: &'static str,
    pub keys: &'static [Key],
}

impl Section {
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// With its article: `an upstream`, `a limit`; the name alone where there is but one: `sizes`, `TLS of a listener`.
    pub fn noun(&self) -> String {
        let first = self.name.split(' ').next().unwrap_or_default();
        let is_one =
            matches!(
                first,
                "TLS" | "HSTS" | "ACME" | "CORS" | "health" | "egress" | "telemetry" | "authorization"
            ) || matches!(first, "sizes" | "timeouts" | "retries" | "strict" | "concurrency" | "insecure");
        match self.name.starts_with(['a', 'A', 'e', 'i', 'o', 'u']) {
            _ if is_one => self.name.to_owned(),
            true => format!("an {}", self.name),
            false => format!("a {}", self.name),
        }
    }
}

/// One key: its name, the shape of its value, and what holds when it is absent.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    /// One sentence for people and for the schema.
    pub about: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// Written as it would stand in the file.
    Default(&'static str),
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

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, presence: Presence::Required, about }
}

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, presence: Presence::Optional, about }
}

const fn default(name: &'static str, value: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, presence: Presence::Default(value), about }
}
