//! AuthZEN Authorization API 1.0, both ways: questions that others ask us, and questions that we ask a decision point.
//!
//! A question of others names `subject`, `action`, `resource` and `context`. Ours are mapped so: `subject.type` is `user`,
//! `client`, `operator` or `anonymous`, `subject.properties` may hold `tenant`, `issuer`, `roles`, `scopes`, `acr`,
//! `auth_age_s` and attributes; `action.name` is an operation's id; `resource.type` is a type of the bindings, or `Api`, either with
//! `API/` in front, or `context.api` names the API; `resource.properties` hold `tenant`, `owner` and attributes. Whoever
//! asks answers for these facts.

mod ask;
mod read;

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::compile::Authorization;
use crate::decide::{Circumstances, Query, Subject, Target};
use crate::facts::Facts;
use crate::function;

pub use ask::{Answer, AnswerFault, answer, question};
pub use read::{QuestionFault, evaluation, evaluations};

/// Questions in one batch.
pub const EVALUATIONS_MAX: usize = 1_000;
/// Bytes of a question or an answer.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
pub const EVALUATION_PATH: &str = "/access/v1/evaluation";
pub const EVALUATIONS_PATH: &str = "/access/v1/evaluations";
pub const CONFIGURATION_PATH: &str = "/.well-known/authzen-configuration";

/// One evaluation that is asked for, in our words.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// `None`: the only API that has authorization.
    pub api: Option<Arc<str>>,
    pub subject: Subject,
    pub operation: Arc<str>,
    pub object: Option<Asked>,
    /// `None`: the operation's.
    pub method: Option<Arc<str>>,
    pub address: Option<IpAddr>,
    pub written: Vec<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub kind: Arc<str>,
    pub id: Arc<str>,
    pub facts: Facts,
}

/// When a batch may end early (`options.evaluations_semantic`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Semantic {
    #[default]
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

/// A batch. A question in it that cannot be understood is answered on its own, with a denial.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub semantic: Semantic,
    pub questions: Vec<Result<Question, QuestionFault>>,
}

/// What `evaluations` asks: without the member of that name it is one question.
#[derive(Debug, Clone, PartialEq)]
pub enum Evaluations {
    One(Box<Question>),
    Many(Batch),
}

/// Finds the authorization of an API by its name, or the only one.
pub type Find<'a> = &'a dyn Fn(Option<&str>) -> Option<Arc<Authorization>>;

/// The answer to one question, as the specification writes it. What goes wrong is a denial that says so.
pub fn evaluate(question: &Question, now_unix_s: u64, find: Find<'_>) -> Value {
    match allowed(question, now_unix_s, find) {
        Ok(allowed) => json!({ "decision": allowed }),
        Err((status, message)) => refused(status, message),
    }
}

/// The answer to a batch: as many as were decided, in order.
pub fn evaluate_all(batch: &Batch, now_unix_s: u64, find: Find<'_>) -> Value {
    let mut answers = Vec::with_capacity(batch.questions.len());
    for question in &batch.questions {
        let answer = match question {
            Ok(question) => evaluate(question, now_unix_s, find),
            Err(fault) => refused(400, &fault.to_string()),
        };
        let allowed = answer.get("decision") == Some(&Value::Bool(true));
        answers.push(answer);
        match batch.semantic {
            Semantic::DenyOnFirstDeny if !allowed => break,
            Semantic::PermitOnFirstPermit if allowed => break,
            _ => {}
        }
    }
    json!({ "evaluations": answers })
}

/// The metadata document of a decision point that is reached under `base` (`https://host`, without a slash at the end).
pub fn configuration(base: &str) -> Value {
    json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}{EVALUATION_PATH}"),
        "access_evaluations_endpoint": format!("{base}{EVALUATIONS_PATH}"),
    })
}

fn refused(status: u16, message: &str) -> Value {
    json!({ "decision": false, "context": { "error": { "status": status, "message": message } } })
}

fn allowed(question: &Question, now_unix_s: u64, find: Find<'_>) -> Result<bool, (u16, &'static str)> {
    let authorization = find(question.api.as_deref()).ok_or((404, "no such API has authorization"))?;
    let plan = authorization.plan(&question.operation).ok_or((404, "no such operation is bound"))?;
    let mut subject = question.subject.clone();
    authorization.bindings.principals.confine(&mut subject);
    if function::denied(plan, &subject).is_some() {
        return Ok(false);
    }
    let target = match &question.object {
        None if !plan.objects.is_empty() => return Err((400, "the operation needs an object")),
        None => Target::Api,
        Some(object) => Target::Object { kind: &object.kind, id: &object.id, facts: &object.facts },
    };
    let decision = authorization.decider.decide(&Query {
        subject: &subject,
        operation: &question.operation,
        target,
        circumstances: Circumstances {
            method: question.method.as_deref().unwrap_or(&plan.operation.method),
            now_unix_s,
            address: question.address.unwrap_or(IpAddr::from([0, 0, 0, 0])),
            written: &question.written,
        },
    });
    match decision.faults.is_empty() {
        true => Ok(decision.allowed),
        // A tenant that nobody said, an attribute that policies need: facts are missing, and the answer is no.
        false => Err((400, "the question cannot be decided with the properties it has")),
    }
}

#[cfg(test)]
mod tests;
