//! Tests of others that our door settles before any rule sees the request.

use std::collections::BTreeMap;

use tape::{Limits, Node};

use crate::shell;

/// What the door settles.
pub const DOOR: &str = "conformance/crs-overrides.yaml";

/// What happens instead of what the test expects.
#[derive(Debug)]
pub struct Override {
    pub instead: Instead,
    pub reason: String,
}

#[derive(Debug)]
pub enum Instead {
    /// The door refuses with this status, in words that the reason repeats.
    Refused(u16),
    /// The door hands the request over in another form than the test's server does, and these rules match.
    Matched(Vec<u64>),
}

/// By the test's id.
pub fn read(file: &str) -> Result<BTreeMap<String, Override>, String> {
    let path = shell::root().join(file);
    let text = std::fs::read(&path).map_err(|error| format!("{file}: {error}"))?;
    let tape =
        tape::yaml::parse(text.into(), &Limits::document()).map_err(|fault| format!("{file}: {fault}"))?;
    let entries = tape.root().members().map(|member| {
        let value = member.value;
        let status = value.get("status").and_then(Node::as_u64).and_then(|status| u16::try_from(status).ok());
        let ids = value.get("expect_ids").map(|ids| ids.items().filter_map(Node::as_u64).collect());
        let instead = status.map(Instead::Refused).or(ids.map(Instead::Matched));
        let reason = value.get("reason").and_then(Node::as_str);
        match (instead, reason) {
            (Some(instead), Some(reason)) => {
                Ok((member.key.to_owned(), Override { instead, reason: reason.to_owned() }))
            }
            _ => Err(format!("{file}: `{}` needs `status` or `expect_ids`, and `reason`", member.key)),
        }
    });
    entries.collect()
}
