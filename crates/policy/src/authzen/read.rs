//! Questions as others write them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use tape::{Kind, Limits, Node};

use super::{Asked, Batch, EVALUATIONS_MAX, Evaluations, MESSAGE_BYTES_MAX, Question, Semantic};
use crate::decide::{Subject, SubjectKind};
use crate::facts::{Facts, Origin, text_of};

/// Why a question is none. The words hold nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuestionFault {
    #[error("the body is not one JSON object: {0}")]
    Json(tape::FaultKind),
    #[error("the body is not a JSON object")]
    NotAnObject,
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` has the wrong type")]
    Shape(&'static str),
    #[error("`subject.type` is none of user, client, operator, anonymous")]
    SubjectType,
    #[error("`resource.type` and `context.api` name different APIs")]
    TwoApis,
    #[error("`options.evaluations_semantic` is not known")]
    Semantic,
    #[error("a batch holds at most {EVALUATIONS_MAX} evaluations")]
    TooMany,
}

/// The body of `/access/v1/evaluation`.
pub fn evaluation(body: &Bytes) -> Result<Question, QuestionFault> {
    let tape = parse(body)?;
    Parts::of(tape.root())?.question()
}

/// The body of `/access/v1/evaluations`: members at the root are defaults of those in `evaluations`.
pub fn evaluations(body: &Bytes) -> Result<Evaluations, QuestionFault> {
    let tape = parse(body)?;
    let root = tape.root();
    let defaults = Parts::of(root)?;
    let Some(list) = root.get("evaluations") else {
        return Ok(Evaluations::One(Box::new(defaults.question()?)));
    };
    if list.kind() != Kind::Array {
        return Err(QuestionFault::Shape("evaluations"));
    }
    if list.is_empty() {
        return Ok(Evaluations::One(Box::new(defaults.question()?)));
    }
    if list.len() > EVALUATIONS_MAX {
        return Err(QuestionFault::TooMany);
    }
    let questions = list.items().map(|item| Parts::of(item)?.or(defaults).question()).collect();
    Ok(Evaluations::Many(Batch { semantic: semantic(root)?, questions }))
}

fn parse(body: &Bytes) -> Result<tape::Tape, QuestionFault> {
    let limits = Limits { bytes_max: MESSAGE_BYTES_MAX, ..Limits::default() };
    tape::json::parse(body.clone(), &limits).map_err(|fault| QuestionFault::Json(fault.kind))
}

fn semantic(root: Node<'_>) -> Result<Semantic, QuestionFault> {
    let Some(options) = root.get("options") else { return Ok(Semantic::default()) };
    match options.get("evaluations_semantic").map(Node::as_str) {
        None => Ok(Semantic::default()),
        Some(Some("execute_all")) => Ok(Semantic::ExecuteAll),
        Some(Some("deny_on_first_deny")) => Ok(Semantic::DenyOnFirstDeny),
        Some(Some("permit_on_first_permit")) => Ok(Semantic::PermitOnFirstPermit),
        Some(_) => Err(QuestionFault::Semantic),
    }
}

#[derive(Clone, Copy)]
struct Parts<'t> {
    subject: Option<Node<'t>>,
    action: Option<Node<'t>>,
    resource: Option<Node<'t>>,
    context: Option<Node<'t>>,
}

impl<'t> Parts<'t> {
    fn of(node: Node<'t>) -> Result<Self, QuestionFault> {
        if node.kind() != Kind::Object {
            return Err(QuestionFault::NotAnObject);
        }
        let part = |name: &'static str| match node.get(name) {
            Some(part) if part.kind() != Kind::Object => Err(QuestionFault::Shape(name)),
            found => Ok(found),
        };
        Ok(Self {
            subject: part("subject")?,
            action: part("action")?,
            resource: part("resource")?,
            context: part("context")?,
        })
    }

    /// A member replaces the default as a whole.
    fn or(self, defaults: Self) -> Self {
        Self {
            subject: self.subject.or(defaults.subject),
            action: self.action.or(defaults.action),
            resource: self.resource.or(defaults.resource),
            context: self.context.or(defaults.context),
        }
    }

    fn question(self) -> Result<Question, QuestionFault> {
        let subject = subject(self.subject.ok_or(QuestionFault::Missing("subject"))?)?;
        let action = self.action.ok_or(QuestionFault::Missing("action"))?;
        let operation = text(action, "name", "action.name")?.ok_or(QuestionFault::Missing("action.name"))?;
        let resource = self.resource.ok_or(QuestionFault::Missing("resource"))?;
        let kind = text(resource, "type", "resource.type")?.ok_or(QuestionFault::Missing("resource.type"))?;
        let id = text(resource, "id", "resource.id")?.ok_or(QuestionFault::Missing("resource.id"))?;
        let named = self.context.map(|context| text(context, "api", "context.api")).transpose()?.flatten();
        let (api, kind) = match kind.split_once('/') {
            Some((api, _)) if named.as_deref().is_some_and(|named| named != api) => {
                return Err(QuestionFault::TwoApis);
            }
            Some((api, kind)) => (Some(Arc::from(api)), Arc::from(kind)),
            None => (named, kind),
        };
        let facts = facts(resource)?;
        let object = (!kind.eq_ignore_ascii_case("api")).then_some(Asked { kind, id, facts });
        let context = |name: &str, shown| self.context.map(|node| text(node, name, shown)).transpose();
        let address = context("address", "context.address")?.flatten();
        let address = address.map(|said| said.parse().map_err(|_| QuestionFault::Shape("context.address")));
        let written = self.context.map(|node| words(node, "written", "context.written")).transpose()?;
        Ok(Question {
            api,
            subject,
            operation,
            object,
            method: context("method", "context.method")?.flatten(),
            address: address.transpose()?,
            written: written.unwrap_or_default().into_iter().collect(),
        })
    }
}

fn subject(node: Node<'_>) -> Result<Subject, QuestionFault> {
    let kind = text(node, "type", "subject.type")?.ok_or(QuestionFault::Missing("subject.type"))?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "user" => SubjectKind::User,
        "client" => SubjectKind::Client,
        "operator" => SubjectKind::Operator,
        "anonymous" => SubjectKind::Anonymous,
        _ => return Err(QuestionFault::SubjectType),
    };
    let id = text(node, "id", "subject.id")?.ok_or(QuestionFault::Missing("subject.id"))?;
    let mut subject = Subject::new(kind, id, "");
    let Some(properties) = object(node, "properties", "subject.properties")? else { return Ok(subject) };
    subject.tenant = text(properties, "tenant", "subject.properties.tenant")?.unwrap_or(subject.tenant);
    subject.issuer = text(properties, "issuer", "subject.properties.issuer")?.unwrap_or(subject.issuer);
    subject.acr = text(properties, "acr", "subject.properties.acr")?.unwrap_or(subject.acr);
    subject.roles = words(properties, "roles", "subject.properties.roles")?;
    subject.scopes = words(properties, "scopes", "subject.properties.scopes")?;
    if let Some(age) = properties.get("auth_age_s") {
        subject.auth_age_s = Some(age.as_u64().ok_or(QuestionFault::Shape("subject.properties.auth_age_s"))?);
    }
    for member in properties.members() {
        if !["tenant", "issuer", "acr", "roles", "scopes", "auth_age_s"].contains(&member.key)
            && let Some(said) = text_of(member.value)
        {
            subject.attributes.insert(member.key.into(), said);
        }
    }
    Ok(subject)
}

/// Whoever asks says it, so it is as good as an external source.
fn facts(resource: Node<'_>) -> Result<Facts, QuestionFault> {
    let mut facts = Facts::default();
    let Some(properties) = object(resource, "properties", "resource.properties")? else { return Ok(facts) };
    for member in properties.members() {
        if let Some(said) = text_of(member.value) {
            facts.set(member.key, said, Origin::External);
        }
    }
    Ok(facts)
}

fn object<'t>(node: Node<'t>, name: &str, shown: &'static str) -> Result<Option<Node<'t>>, QuestionFault> {
    match node.get(name) {
        Some(found) if found.kind() != Kind::Object => Err(QuestionFault::Shape(shown)),
        found => Ok(found),
    }
}

fn text(node: Node<'_>, name: &str, shown: &'static str) -> Result<Option<Arc<str>>, QuestionFault> {
    let Some(found) = node.get(name) else { return Ok(None) };
    found.as_str().map(|said| Some(said.into())).ok_or(QuestionFault::Shape(shown))
}

/// An array of texts, or one text with spaces.
fn words(node: Node<'_>, name: &str, shown: &'static str) -> Result<BTreeSet<Arc<str>>, QuestionFault> {
    let Some(found) = node.get(name) else { return Ok(BTreeSet::new()) };
    match found.kind() {
        Kind::String => Ok(found.as_str().unwrap_or_default().split_whitespace().map(Arc::from).collect()),
        Kind::Array => {
            let words: Option<_> = found.items().map(|item| item.as_str().map(Arc::from)).collect();
            words.ok_or(QuestionFault::Shape(shown))
        }
        _ => Err(QuestionFault::Shape(shown)),
    }
}
