//! What the body of a request writes, in whatever form: read in one place for all who judge it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Code, Refusal};
use openapi::{ContentType, MediaKind};
use policy::Path;
use policy::bindings::Representation;
use policy::decide::Decider;
use policy::plan::Plan;
use policy::shown::{Misshapen, written_objects};
use policy::written::patched;
use tape::Node;

use super::media_type;
use crate::exchange::{Body, Exchange};
use crate::pairs::pairs;

/// What is told of a name that some service takes for another.
const DISGUISED: &str = "a name that is known stands there in another spelling";

/// What a body writes.
pub(super) enum Writes<'t> {
    Objects(Vec<Node<'t>>),
    /// By their names alone: of a form, or of a patch.
    Names(Names),
}

/// Names of what is written: `address` of `address[city]`, and the whole of it, which is `address_city` to some.
#[derive(Default)]
pub(super) struct Names {
    pub(super) first: BTreeSet<Arc<str>>,
    pub(super) whole: BTreeSet<Arc<str>>,
}

/// What a body writes to the objects at a path. What cannot be told is refused.
pub(super) fn writes<'t>(at: &Path, exchange: &Exchange, body: &'t Body) -> Result<Writes<'t>, Box<Refusal>> {
    let content_type = media_type::content_type(&exchange.head.headers).ok().flatten();
    let sent = content_type.and_then(ContentType::parse);
    let unreadable = |code, detail: &str| Box::new(Refusal::new(code).detail(detail));
    match sent.as_ref().map(ContentType::kind) {
        Some(MediaKind::Json) => {
            let malformed = |_| unreadable(Code::BodyMalformed, "");
            let root = body.json().map_err(malformed)?.root();
            if sent.is_some_and(|sent| sent.essence == "application/json-patch+json") {
                at_root(at)?;
                let names = patched(root).ok_or_else(|| {
                    unreadable(Code::PropertyDenied, "a patch names properties, not the whole")
                })?;
                let first = names.into_iter().collect();
                return Ok(Writes::Names(Names { first, ..Names::default() }));
            }
            match written_objects(root, at) {
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
            form_names(&body.bytes).map(Writes::Names).ok_or_else(|| unreadable(Code::BodyMalformed, ""))
        }
        _ => {
            let detail = "what it writes can be read from JSON and forms only";
            Err(unreadable(Code::MediaTypeUnsupported, detail))
        }
    }
}

/// Reads which properties a request writes, for those who decide by it.
pub(super) struct Reader {
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
        Self { takes: plan.takes.clone(), known }
    }

    /// Names of the properties that a request writes. Where nothing says what its body represents, it is as a whole.
    pub(super) fn written(&self, exchange: &Exchange) -> Result<Vec<Arc<str>>, Box<Refusal>> {
        let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Ok(Vec::new());
        };
        let root = Path::root();
        let names = match writes(self.takes.as_ref().map_or(&root, |takes| &takes.at), exchange, body)? {
            Writes::Names(Names { mut first, whole }) => {
                first.extend(whole);
                first
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

/// Names of the fields of a form, as frameworks bind fields to objects; `None` when it is no UTF-8.
fn form_names(form: &[u8]) -> Option<Names> {
    let mut names = Names::default();
    for pair in pairs(std::str::from_utf8(form).ok()?) {
        let name = pair.name()?;
        let first = name.split(['[', '.']).next().unwrap_or(&name);
        names.first.insert(Arc::from(first));
        if first.len() < name.len() {
            names.whole.insert(Arc::from(name));
        }
    }
    Some(names)
}
