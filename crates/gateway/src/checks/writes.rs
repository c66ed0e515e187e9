//! What the body of a request writes, in whatever form: read in one place for all who judge it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Code, Refusal};
use openapi::{ContentType, MediaKind, Operation};
use policy::bindings::Representation;
use policy::decide::Decider;
use policy::plan::Plan;
use policy::shown::{Misshapen, written_objects};
use policy::written::{Patched, patched};
use policy::{Declared, Path};
use serde_json::Value;
use tape::{Node, Tape};

use super::media_type;
use crate::exchange::{Body, Exchange};
use crate::pairs::{decoded, pairs};

/// What is told of a name that some service takes for another.
const DISGUISED: &str = "a name that is known stands there in another spelling";

/// What a body writes.
pub(super) enum Writes<'t> {
    Objects(Vec<Node<'t>>),
    /// Of a form, or of a patch.
    Named(Vec<Named>),
}

/// A property that is written by its name.
pub(super) struct Named {
    /// `address` of `address[city]`.
    pub(super) first: Arc<str>,
    /// `address[city]`, which is `address_city` to some.
    pub(super) whole: Option<Arc<str>>,
    /// An object of this property alone, where its value is known.
    pub(super) object: Option<Tape>,
    /// It is compared, not written.
    pub(super) tests: bool,
}

/// What a body writes to the objects at a path. What cannot be told is refused.
pub(super) fn writes<'t>(
    at: &Path,
    operation: &Operation,
    exchange: &Exchange,
    body: &'t Body,
) -> Result<Writes<'t>, Box<Refusal>> {
    let content_type = media_type::content_type(&exchange.head.headers).ok().flatten();
    let sent = content_type.and_then(ContentType::parse);
    let unreadable = |code, detail: &str| Box::new(Refusal::new(code).detail(detail));
    match sent.as_ref().map(ContentType::kind) {
        Some(MediaKind::Json) => {
            let malformed = |_| unreadable(Code::BodyMalformed, "");
            let root = body.json().map_err(malformed)?.root();
            if sent.is_some_and(|sent| sent.essence == "application/json-patch+json") {
                at_root(at)?;
                let detail = "a patch names properties, not the whole";
                let changes = patched(root).ok_or_else(|| unreadable(Code::PropertyDenied, detail))?;
                return Ok(Writes::Named(changes.into_iter().map(|change| changed(change, body)).collect()));
            }
            match written_objects(root, at, &Declared::new(Some(operation), &[])) {
                Ok(objects) => Ok(Writes::Objects(objects)),
                Err(Misshapen::Disguised) => Err(unreadable(Code::PropertyDenied, DISGUISED)),
                Err(_) => {
                    let detail = "an object is wanted where the properties are read";
                    Err(unreadable(Code::BodyInvalid, detail))
                }
            }
        }
        Some(MediaKind::Form) => {
            at_root(at)?;
            form_names(&body.bytes).map(Writes::Named).ok_or_else(|| unreadable(Code::BodyMalformed, ""))
        }
        _ => {
            let detail = "what it writes can be read from JSON and forms only";
            Err(unreadable(Code::MediaTypeUnsupported, detail))
        }
    }
}

/// Reads which properties a request writes, for those who decide by it.
pub(super) struct Reader {
    operation: Arc<Operation>,
    takes: Option<Representation>,
    /// Names that the description and the policies have: some service takes another one for them.
    known: BTreeSet<Arc<str>>,
}

impl Reader {
    pub(super) fn new(plan: &Plan, decider: &dyn Decider) -> Self {
        let root = Path::root();
        let at = plan.takes.as_ref().map_or(&root, |takes| &takes.at);
        let mut known = policy::written::declared_names(&plan.operation, at);
        known.extend(decider.words_of(&plan.operation.id));
        Self { operation: Arc::clone(&plan.operation), takes: plan.takes.clone(), known }
    }

    /// Names of the properties that a request writes. Where nothing says what its body represents, it is as a whole.
    pub(super) fn written(&self, exchange: &Exchange) -> Result<Vec<Arc<str>>, Box<Refusal>> {
        let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Ok(Vec::new());
        };
        let root = Path::root();
        let at = self.takes.as_ref().map_or(&root, |takes| &takes.at);
        let names: BTreeSet<Arc<str>> = match writes(at, &self.operation, exchange, body)? {
            Writes::Named(named) => {
                let written = named.into_iter().filter(|named| !named.tests);
                written.flat_map(|named| [Some(named.first), named.whole]).flatten().collect()
            }
            Writes::Objects(objects) => {
                objects.into_iter().flat_map(Node::members).map(|member| Arc::from(member.key)).collect()
            }
        };
        let is_disguised = |name: &Arc<str>| {
            !self.known.contains(name) && self.known.iter().any(|known| policy::alike(known, name))
        };
        if names.iter().any(is_disguised) {
            return Err(Box::new(Refusal::new(Code::PropertyDenied).detail(DISGUISED)));
        }
        Ok(names.into_iter().collect())
    }
}

/// Names alone do not tell what lies below them.
fn at_root(at: &Path) -> Result<(), Box<Refusal>> {
    if at.steps().is_empty() {
        return Ok(());
    }
    let detail = "what it writes can be read from JSON objects only";
    Err(Box::new(Refusal::new(Code::MediaTypeUnsupported).detail(detail)))
}

/// Fields of a form, as frameworks bind them to objects; `None` when it is no UTF-8.
fn form_names(form: &[u8]) -> Option<Vec<Named>> {
    let mut all = Vec::new();
    for pair in pairs(std::str::from_utf8(form).ok()?) {
        let name = pair.name()?;
        let first = name.split(['[', '.']).next().unwrap_or(&name);
        let is_whole = first.len() == name.len();
        let value = decoded(pair.value).filter(|_| is_whole).map(Value::from);
        all.push(Named {
            object: value.and_then(|value| alone(first, &value.to_string())),
            first: Arc::from(first),
            whole: (!is_whole).then(|| Arc::from(name)),
            tests: false,
        });
    }
    Some(all)
}

fn changed(change: Patched<'_>, body: &Body) -> Named {
    let value = change.value.and_then(|value| std::str::from_utf8(body.bytes.get(value.span())?).ok());
    let object = value.and_then(|value| alone(&change.name, value));
    Named { first: change.name, whole: None, object, tests: change.tests }
}

/// An object of one property; `value` is JSON.
fn alone(name: &str, value: &str) -> Option<Tape> {
    let text = format!("{{{}:{value}}}", Value::from(name));
    tape::json::parse(text.into(), &tape::Limits::default()).ok()
}
