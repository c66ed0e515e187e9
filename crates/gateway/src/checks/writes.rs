//! What the body of a request writes, in whatever form: read in one place for all who judge it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Code, Refusal};
use openapi::{ContentType, MediaKind};
use percent_encoding::percent_decode;
use policy::Path;
use policy::bindings::Representation;
use policy::written::patched;
use tape::Node;

use super::media_type;
use crate::exchange::{Body, Exchange};

/// What a body writes.
pub(super) enum Writes<'t> {
    Objects(Vec<Node<'t>>),
    /// By their names alone: of a form, or of a patch.
    Names(BTreeSet<Arc<str>>),
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
                return Ok(Writes::Names(names.into_iter().collect()));
            }
            policy::shown::objects(root, at).map(Writes::Objects).map_err(|_| {
                unreadable(Code::BodyInvalid, "an object is wanted where the properties are read")
            })
        }
        Some(MediaKind::Form) => {
            at_root(at)?;
            Ok(Writes::Names(form_names(&body.bytes)))
        }
        _ => {
            let detail = "what it writes can be read from JSON and forms only";
            Err(unreadable(Code::MediaTypeUnsupported, detail))
        }
    }
}

/// Names of the properties that a request writes. Where nothing says what its body represents, it is as a whole.
pub(super) fn written(
    takes: Option<&Representation>,
    exchange: &Exchange,
) -> Result<Vec<Arc<str>>, Box<Refusal>> {
    let Some(body) = exchange.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
        return Ok(Vec::new());
    };
    let root = Path::root();
    let names = match writes(takes.map_or(&root, |takes| &takes.at), exchange, body)? {
        Writes::Names(names) => names,
        Writes::Objects(objects) => {
            objects.into_iter().flat_map(Node::members).map(|member| Arc::from(member.key)).collect()
        }
    };
    Ok(names.into_iter().collect())
}

/// Names alone do not tell what lies below them.
fn at_root(at: &Path) -> Result<(), Box<Refusal>> {
    if at.steps().is_empty() {
        return Ok(());
    }
    let detail = "what it writes can be read from JSON objects only";
    Err(Box::new(Refusal::new(Code::MediaTypeUnsupported).detail(detail)))
}

/// Names of the fields of a form; `address` of `address[city]` and `address.city`, as frameworks bind fields to objects.
fn form_names(form: &[u8]) -> BTreeSet<Arc<str>> {
    // Some services split at semicolons too.
    let pairs = form.split(|byte| matches!(byte, b'&' | b';')).filter(|pair| !pair.is_empty());
    let name = |pair: &[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        let spaced: Vec<u8> = name.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        let decoded = percent_decode(&spaced).decode_utf8_lossy().into_owned();
        Arc::from(decoded.split(['[', '.']).next().unwrap_or(&decoded))
    };
    pairs.map(name).collect()
}
