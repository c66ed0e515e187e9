//! Questions that we ask a decision point about an object, and how its answer is read.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tape::{Kind, Limits};

use super::MESSAGE_BYTES_MAX;
use crate::decide::{Query, Subject, SubjectKind, Target};
use crate::facts::{Facts, Origin, text_of};

/// The body that is sent: who, what, which object with what is known of it.
pub fn question(api: &str, query: &Query<'_>) -> Bytes {
    let subject = query.subject;
    let mut properties = Map::new();
    properties.insert("tenant".to_owned(), json!(*subject.tenant));
    if !subject.issuer.is_empty() {
        properties.insert("issuer".to_owned(), json!(*subject.issuer));
    }
    properties.insert("roles".to_owned(), json!(subject.roles));
    properties.insert("scopes".to_owned(), json!(subject.scopes));
    if !subject.acr.is_empty() {
        properties.insert("acr".to_owned(), json!(*subject.acr));
    }
    if let Some(age_s) = subject.auth_age_s {
        properties.insert("auth_age_s".to_owned(), json!(age_s));
    }
    for (name, value) in &subject.attributes {
        properties.entry(&**name).or_insert_with(|| json!(**value));
    }
    let resource = match query.target {
        Target::Api => json!({ "type": "Api", "id": query.operation }),
        Target::Object { kind, id, facts } => {
            let known: Map<String, Value> =
                facts.iter().map(|fact| (fact.name.to_string(), json!(*fact.value))).collect();
            json!({ "type": kind, "id": id, "properties": known })
        }
    };
    let kind = match subject.kind {
        SubjectKind::User => "user",
        SubjectKind::Client => "client",
        SubjectKind::Operator => "operator",
        SubjectKind::Anonymous => "anonymous",
    };
    let body = json!({
        "subject": { "type": kind, "id": id_of(subject), "properties": properties },
        "action": { "name": query.operation },
        "resource": resource,
        "context": {
            "api": api,
            "method": query.circumstances.method,
            "address": query.circumstances.address.to_string(),
            "written": query.circumstances.written,
        },
    });
    Bytes::from(body.to_string())
}

/// Whom an owner value can mean goes by that name, a client by its own, and whom another issuer verified by both names,
/// so that a decision point takes nobody for somebody else.
fn id_of(subject: &Subject) -> Cow<'_, str> {
    match (&*subject.subject, subject.kind) {
        ("", SubjectKind::User | SubjectKind::Operator) if !subject.issuer.is_empty() => {
            Cow::Owned(format!("{}|{}", subject.issuer, subject.name))
        }
        ("", SubjectKind::Client | SubjectKind::Operator) => Cow::Borrowed(&subject.name),
        (known, _) => Cow::Borrowed(known),
    }
}

/// What a decision point said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub allowed: bool,
    /// What it told of the object (`context.properties`); nothing where it says no.
    pub facts: Facts,
}

/// Why an answer is none, which refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    #[error("the decision point's answer is not 200")]
    Status,
    #[error("the decision point's answer is not JSON: {0}")]
    Json(tape::FaultKind),
    #[error("the decision point's answer has no boolean `decision`")]
    Decision,
    #[error("the decision point tells properties that are no texts, numbers or booleans")]
    Properties,
}

/// Reads an answer. Only `"decision": true` in a well-formed answer of status 200 allows.
pub fn answer(status: u16, body: Bytes) -> Result<Answer, AnswerFault> {
    if status != 200 {
        return Err(AnswerFault::Status);
    }
    let limits = Limits { bytes_max: MESSAGE_BYTES_MAX, ..Limits::default() };
    let tape = tape::json::parse(body, &limits).map_err(|fault| AnswerFault::Json(fault.kind))?;
    let allowed = tape.root().get("decision").and_then(tape::Node::as_bool).ok_or(AnswerFault::Decision)?;
    let mut facts = Facts::default();
    let told = tape.root().get("context").and_then(|context| context.get("properties"));
    if let Some(properties) = told.filter(|_| allowed) {
        if properties.kind() != Kind::Object {
            return Err(AnswerFault::Properties);
        }
        for member in properties.members() {
            facts.set(member.key, text_of(member.value).ok_or(AnswerFault::Properties)?, Origin::External);
        }
    }
    Ok(Answer { allowed, facts })
}
