//! The JSON Schema of a record, member by member.

mod authorization;
mod inspection;
#[cfg(test)]
pub(crate) mod tests;

use model::Code;
use serde_json::{Map, Value, json};

/// JSON Schema 2020-12 of [`model::Record`], which is one JSON line for each request. Closed: what is not described
/// here is in no record.
pub fn record_schema() -> Value {
    let mut schema = object(
        "One request, from the moment its head was whole to the last byte of the answer. It holds templates and ids, \
         never the value of a header, a query parameter or a body.",
        MEMBERS.iter().map(|(name, presence, schema)| (*name, *presence, schema())),
    );
    if let Some(members) = schema.as_object_mut() {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".to_owned(), json!("Bartizan record, version 1"));
    }
    schema
}

const QUESTIONS: &[&str] =
    &["keys", "introspect", "whoami", "producer", "list", "resolver", "page", "evaluate", "lock"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Always,
    /// Left out when there is nothing to say.
    Sometimes,
}

use Presence::{Always, Sometimes};

type Member = (&'static str, Presence, fn() -> Value);

const MEMBERS: &[Member] = &[
    ("v", Always, || {
        let version = model::RECORD_VERSION;
        json!({ "const": version, "description": "The version of this shape; it grows by added members only." })
    }),
    ("time", Always, || {
        let about = "When the head was whole: RFC 3339 with milliseconds, UTC.";
        json!({ "type": "string", "format": "date-time", "description": about })
    }),
    ("request_id", Always, || {
        text(
            "The gateway's own id of the request, also in the answer's `X-Request-Id`. One from outside is not kept.",
        )
    }),
    ("trace_id", Sometimes, || {
        pattern("^[0-9a-f]{32}$", "The W3C trace id; absent when the head was not understood.")
    }),
    ("protocol", Always, || word(&["http/1.0", "http/1.1", "h2"], "The caller's version of HTTP.")),
    ("address", Always, || text("The caller's IP address, without port.")),
    ("address_from", Sometimes, address_from),
    ("api", Sometimes, || {
        text("The API's name in the gateway file; absent when the request belongs to none.")
    }),
    ("operation", Always, || {
        text(
            "The operation's id, its method and template when it has none, or `unmatched` for what is not described.",
        )
    }),
    ("method", Always, || text("The request's method; empty when the head was not understood.")),
    ("template", Sometimes, || {
        text("The path's template as described, such as `/orders/{id}`. Never the path itself.")
    }),
    ("class", Sometimes, || {
        text("The class that the request was served in: its caller's, else its operation's.")
    }),
    ("outcome", Always, || {
        let about = "`allowed`: forwarded, and the answer relayed. `refused`: by a check, the route or the listener. \
                     `failed`: allowed, but the service or the gateway failed. `aborted`: the caller went away before \
                     the answer was whole.";
        word(&["allowed", "refused", "failed", "aborted"], about)
    }),
    ("status", Always, || {
        let about = "The status of the answer; 0 when none was begun.";
        json!({ "type": "integer", "minimum": 0, "maximum": 599, "description": about })
    }),
    ("code", Sometimes, || code("Why it was refused or failed.")),
    ("limited", Sometimes, || {
        let kinds: Vec<_> = model::LimitKind::ALL.iter().map(|kind| kind.word()).collect();
        object(
            "The limit that refused.",
            [
                ("limit", Always, text("Its name.")),
                ("kind", Always, word(&kinds, "Which of its counts was used up.")),
            ],
        )
    }),
    ("check", Sometimes, || {
        text("The check that refused; absent when it was the route, the listener or the service.")
    }),
    ("violations", Sometimes, || {
        array("What is wrong with the request, where that can be said.", violation())
    }),
    ("caller", Sometimes, caller),
    ("checks", Always, || array("What each check decided, in the order in which they ran.", check())),
    ("authorization", Sometimes, authorization::authorization),
    ("inspection", Sometimes, inspection::inspection),
    ("upstream", Sometimes, upstream),
    ("request_bytes", Always, || count("Bytes of the request's body, as far as it was read.")),
    ("response_bytes", Always, || count("Bytes of the answer's body, as far as it was sent.")),
    ("duration_us", Always, || count("From the head to the last byte of the answer, in microseconds.")),
    ("snapshot", Always, || {
        text("The configuration that decided: the first 12 hexadecimal digits of the SHA-256 over its files.")
    }),
];

fn address_from() -> Value {
    let sources = ["socket", "proxy_protocol", "x_forwarded_for", "forwarded"];
    let ends: Vec<_> = model::WalkEnd::ALL.iter().map(|end| end.word()).collect();
    object(
        "How the address was chosen; absent when the listener trusts no proxy, and the address is the connection's.",
        [
            ("source", Always, word(&sources, "Who said the address.")),
            (
                "hop",
                Always,
                count("Which entry of the field it is, from the right and from 1; 0 when none was taken."),
            ),
            ("ended", Always, word(&ends, "Why the walk over the proxies went no further.")),
            ("socket", Always, text("The IP address of the connection, which is the nearest proxy's.")),
        ],
    )
}

fn violation() -> Value {
    object(
        "One fault of the request. Never the value.",
        [
            ("place", Always, word(&["path", "query", "header", "cookie", "body"], "Where in the request.")),
            ("pointer", Always, text("A JSON Pointer (RFC 6901) into the body, or the parameter's name.")),
            ("rule", Always, text("The keyword of the description that does not hold, such as `maximum`.")),
            ("expected", Always, text("What the description asks for, made from the description alone.")),
        ],
    )
}

fn caller() -> Value {
    let principal = object(
        "Whose request it is; `null` when only a client was identified, and for an anonymous caller.",
        [
            ("issuer", Always, text("Who vouches for the subject: the token's `iss`.")),
            ("subject", Always, text("The subject as its issuer names it.")),
        ],
    );
    object(
        "Who called; absent when it was not found out.",
        [
            ("principal", Always, or_null(principal)),
            (
                "client",
                Always,
                or_null(text("The client: `client_id`, `azp`, or the API key's; `null` when not known.")),
            ),
            ("tenant", Sometimes, text("The organisation that the caller belongs to.")),
            ("scopes", Always, array("What the credentials allow, sorted.", text("A scope."))),
            ("credentials", Always, array("What was verified. Never the credential itself.", credential())),
        ],
    )
}

fn credential() -> Value {
    object(
        "One verified credential.",
        [
            ("kind", Always, word(&["jwt", "introspected", "api_key"], "How it was verified.")),
            ("scheme", Always, text("The security scheme of the description that it satisfies.")),
            (
                "id",
                Always,
                text("A stable name that does not reveal it: `jti`, a key's name, or part of a keyed hash."),
            ),
            ("expires_unix_s", Always, or_null(count("Seconds since 1970; `null` when it does not expire."))),
        ],
    )
}

fn check() -> Value {
    let phases = ["connect", "identify", "limit", "permit", "validate", "inspect", "authorize"];
    let verdicts = "`edit`: it changed what is forwarded or answered, or in `watch` would have. `error`: the check itself \
                    failed, which in `enforce` refuses the request.";
    object(
        "What one check decided.",
        [
            ("name", Always, text("The check.")),
            ("phase", Always, word(&phases, "When it runs.")),
            (
                "mode",
                Always,
                word(&["off", "watch", "enforce"], "In `watch` what it says is recorded and discarded."),
            ),
            ("verdict", Always, word(&["pass", "edit", "refuse", "error"], verdicts)),
            ("code", Sometimes, code("Why, when it refused or failed.")),
            ("reason", Sometimes, text("More than the code says, without any value from the request.")),
            ("duration_ns", Always, count("How long it took, with its questions, in nanoseconds.")),
            ("questions", Sometimes, array("What it asked of the outside, in order.", question())),
        ],
    )
}

fn question() -> Value {
    let outcomes = ["answered", "failed", "timed_out", "over_budget"];
    object(
        "One question to the outside.",
        [
            (
                "kind",
                Always,
                word(
                    QUESTIONS,
                    "What is asked for: an issuer's keys, whether a token is active, what the API knows of its caller or of an object, an object for itself alone.",
                ),
            ),
            ("outcome", Always, word(&outcomes, "What came of it; `over_budget`: it was not asked.")),
            ("duration_us", Always, count("How long the answer took, in microseconds.")),
        ],
    )
}

fn upstream() -> Value {
    object(
        "The service's part; absent when the request was not forwarded.",
        [
            (
                "address",
                Always,
                text("The address that was connected to, or the configured one when none could be."),
            ),
            (
                "status",
                Sometimes,
                json!({
                    "type": "integer", "minimum": 100, "maximum": 999, "description": "The status that the service gave.",
                }),
            ),
            (
                "reused",
                Always,
                json!({ "type": "boolean", "description": "Whether a kept connection served it." }),
            ),
            (
                "attempts",
                Always,
                count(
                    "How often it was sent; more than 1 after a kept connection or an endpoint had gone away.",
                ),
            ),
            (
                "head_us",
                Always,
                count("From the first byte sent to the head of the service's answer, in microseconds."),
            ),
            ("error", Sometimes, text("What went wrong with the service.")),
            (
                "tried",
                Sometimes,
                array("Tries that failed, each followed by another endpoint.", failed_try()),
            ),
        ],
    )
}

fn failed_try() -> Value {
    object(
        "A try at an endpoint that did not answer.",
        [
            ("address", Always, text("The endpoint.")),
            ("error", Always, text("Why it was asked elsewhere: a fixed text.")),
        ],
    )
}

/// A closed object.
fn object(about: &str, members: impl IntoIterator<Item = (&'static str, Presence, Value)>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, presence, schema) in members {
        properties.insert(name.to_owned(), schema);
        if presence == Always {
            required.push(name);
        }
    }
    json!({
        "type": "object",
        "description": about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn pattern(pattern: &str, about: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "description": about })
}

fn word(words: &[&str], about: &str) -> Value {
    json!({ "type": "string", "enum": words, "description": about })
}

fn code(about: &str) -> Value {
    word(&Code::ALL.iter().map(|code| code.slug()).collect::<Vec<_>>(), about)
}

fn count(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn array(about: &str, items: Value) -> Value {
    json!({ "type": "array", "items": items, "description": about })
}

fn or_null(mut schema: Value) -> Value {
    let kind = schema.get("type").cloned().unwrap_or_default();
    if let Some(members) = schema.as_object_mut() {
        members.insert("type".to_owned(), json!([kind, "null"]));
    }
    schema
}
