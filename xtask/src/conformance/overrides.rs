//! Tests of others that our door settles before any rule sees the request.

use std::collections::BTreeMap;

use tape::{Limits, Node};

use crate::shell;

const FILE: &str = "conformance/crs-overrides.yaml";

/// What is to happen instead of what the test expects.
#[derive(Debug)]
pub struct Override {
    /// The status with which the door refuses.
    pub status: u16,
    /// The door's words, which say why.
    pub reason: String,
}

/// By the test's id.
pub fn read() -> Result<BTreeMap<String, Override>, String> {
    let path = shell::root().join(FILE);
    let text = std::fs::read(&path).map_err(|error| format!("{FILE}: {error}"))?;
    let tape =
        tape::yaml::parse(text.into(), &Limits::document()).map_err(|fault| format!("{FILE}: {fault}"))?;
    let entries = tape.root().members().map(|member| {
        let value = member.value;
        let status = value.get("status").and_then(Node::as_u64).and_then(|status| u16::try_from(status).ok());
        let reason = value.get("reason").and_then(Node::as_str);
        match (status, reason) {
            (Some(status), Some(reason)) => {
                Ok((member.key.to_owned(), Override { status, reason: reason.to_owned() }))
            }
            _ => Err(format!("{FILE}: `{}` needs `status` and `reason`", member.key)),
        }
    });
    entries.collect()
}
