//! The one record of each request: plain data, templates and ids, never header, query or body values.

use serde::{Deserialize, Serialize};

use crate::{
    AddressFrom, AuthorizationTrace, Caller, CheckTrace, Code, InspectionTrace, Limited, Outcome, Violation,
};

/// The version of the record's shape; it grows by added members only.
pub const RECORD_VERSION: u32 = 1;

/// The upstream's part of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamTrace {
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `true` when a pooled connection served the request.
    pub reused: bool,
    pub attempts: u32,
    /// From the first byte sent to the response head.
    pub head_us: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Tries at endpoints that failed, each followed by another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<FailedTry>,
}

/// A try of a request at an endpoint that did not answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTry {
    pub address: String,
    pub error: String,
}

/// One request, from accept to the last byte. One JSON line a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// RFC 3339 with milliseconds, UTC: when the head was whole.
    pub time: String,
    /// Ours; an id from outside is not trusted.
    pub request_id: String,
    /// W3C trace id, 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// `http/1.0`, `http/1.1` or `h2`.
    pub protocol: String,
    /// The caller's address, without port.
    pub address: String,
    /// How it was found, where proxies are trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_from: Option<AddressFrom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The operation's id, or `unmatched`.
    pub operation: String,
    pub method: String,
    /// The path's template as described; never the path itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The class that the request was served in; `None` when it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    pub outcome: Outcome,
    pub status: u16,
    /// Why it was refused or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The limit that refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited: Option<Limited>,
    /// The check that refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    pub checks: Vec<CheckTrace>,
    /// How it was decided whether the caller may do this, where the API's authorization is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Box<AuthorizationTrace>>,
    /// What rules found, where they found something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Box<InspectionTrace>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<UpstreamTrace>,
    /// Body bytes received from the caller.
    pub request_bytes: u64,
    /// Body bytes sent to the caller.
    pub response_bytes: u64,
    pub duration_us: u64,
    /// The configuration that decided, first 12 hexadecimal digits of its SHA-256.
    pub snapshot: String,
}
