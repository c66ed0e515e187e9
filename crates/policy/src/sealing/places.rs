//! Where ids of sealed types stand in the requests and answers of one operation, and what is put in their place.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use tape::{Kind, Node};

use super::SealFault;
use crate::alike;
use crate::bindings::IdPlace;
use crate::declared::Declared;
use crate::facts::text_of;
use crate::patch::{self, is_index};
use crate::path::{Path, Step};
use crate::shown::{Misshapen, objects, written_objects};
use crate::written::is_whole_number;

/// Of one operation.
#[derive(Debug, Default)]
pub struct Places {
    pub opens: Vec<Opening>,
    pub shows: Vec<Showing>,
    /// Header fields of answers, lower case, each with the type whose id it holds.
    pub headers: Vec<(Arc<str>, Arc<str>)>,
}

/// A place of a request.
#[derive(Debug, Clone)]
pub struct Opening {
    pub kind: Arc<str>,
    pub stands: Stands,
    /// The service wants a number there.
    pub is_number: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    At(IdPlace),
    /// Within the representation that the body is, or holds.
    Within {
        at: Path,
        inner: Path,
    },
}

/// A place of an answer: within each representation at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Showing {
    pub kind: Arc<str>,
    pub at: Path,
    pub inner: Path,
}

/// Why ids cannot be put in the place of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("an id was not sealed for this caller")]
    Unsealed,
    #[error("an id is no text and no whole number")]
    NotScalar,
    #[error("a name stands there in another spelling")]
    Disguised,
    #[error("the document has another shape than declared")]
    Misshapen,
    #[error(transparent)]
    Seal(#[from] SealFault),
}

impl From<Misshapen> for Unreadable {
    fn from(fault: Misshapen) -> Self {
        if fault == Misshapen::Disguised { Self::Disguised } else { Self::Misshapen }
    }
}

impl Places {
    pub fn is_empty(&self) -> bool {
        self.opens.is_empty() && self.shows.is_empty() && self.headers.is_empty()
    }
}

impl Opening {
    pub fn is_in_body(&self) -> bool {
        matches!(self.stands, Stands::Within { .. } | Stands::At(IdPlace::Body(_)))
    }

    /// The id as it stands in a document.
    pub fn written(&self, id: &str) -> Bytes {
        if self.is_number && is_whole_number(id) {
            Bytes::copy_from_slice(id.as_bytes())
        } else {
            Bytes::from(serde_json::Value::from(id).to_string())
        }
    }

    fn parts(&self) -> Option<(&[Step], &[Step])> {
        match &self.stands {
            Stands::At(IdPlace::Body(path)) => Some((&[], path.steps())),
            Stands::At(_) => None,
            Stands::Within { at, inner } => Some((at.steps(), inner.steps())),
        }
    }
}

/// Bytes of a document and what stands there instead.
type Replacements = Vec<(Range<usize>, Bytes)>;

#[derive(Default)]
struct Spans {
    all: Replacements,
    starts: HashSet<usize>,
}

impl Spans {
    /// Whether nothing stands there yet: a value may be named in two ways.
    fn is_new(&mut self, node: Node<'_>) -> bool {
        self.starts.insert(node.span().start)
    }
}

/// What a JSON body is forwarded with: `open` gives the id that a text was sealed from.
///
/// # Errors
/// [`Unreadable`] for the first id that does not open, or that some service might find elsewhere.
pub fn opened(
    root: Node<'_>,
    openings: &[Opening],
    open: &mut dyn FnMut(&Opening, &str) -> Option<String>,
) -> Result<Replacements, Unreadable> {
    let mut spans = Spans::default();
    for opening in openings {
        let representations = match &opening.stands {
            Stands::Within { at, .. } => written_objects(root, at, &Declared::new(None, &[]))?,
            Stands::At(_) => vec![root],
        };
        let Some((_, inner)) = opening.parts() else { continue };
        let mut found = Vec::new();
        for node in representations {
            walk(node, inner, &mut found)?;
        }
        each(opening, found, open, &mut spans)?;
    }
    Ok(spans.all)
}

/// The same for a JSON Patch (RFC 6902), whose paths name places of the document that is patched.
///
/// # Errors
/// As [`opened`].
pub fn opened_in_patch(
    patch: Node<'_>,
    openings: &[Opening],
    open: &mut dyn FnMut(&Opening, &str) -> Option<String>,
) -> Result<Replacements, Unreadable> {
    let mut spans = Spans::default();
    for change in patch::changes(patch).ok_or(Unreadable::Misshapen)? {
        let path = patch::tokens(change.path).ok_or(Unreadable::Misshapen)?;
        let from = change.from.map(|from| patch::tokens(from).ok_or(Unreadable::Misshapen)).transpose()?;
        for opening in openings {
            let Some((at, inner)) = opening.parts() else { continue };
            if change.carries {
                // What stands in the document was never sealed, or is an id that the caller may not put elsewhere.
                for pointer in from.iter().chain([&path]) {
                    if led(pointer, at, inner)?.is_some() {
                        return Err(Unreadable::Misshapen);
                    }
                }
            } else if let Some(value) = change.value
                && let Some(taken) = led(&path, at, inner)?
            {
                let mut found = Vec::new();
                within(value, at, inner, taken, &mut found)?;
                each(opening, found, open, &mut spans)?;
            }
        }
    }
    Ok(spans.all)
}

/// How many steps of a place a pointer takes; `None` where it leads elsewhere. An array may stand for its items where
/// representations are, and where ids are.
fn led(tokens: &[String], at: &[Step], inner: &[Step]) -> Result<Option<usize>, Unreadable> {
    let mut taken = 0;
    for token in tokens {
        match at.iter().chain(inner).nth(taken) {
            Some(Step::Member(name)) if **name == **token => taken += 1,
            Some(Step::Member(name)) if alike(name, token) => {
                return Err(Unreadable::Disguised);
            }
            Some(Step::Each) if is_index(token) => taken += 1,
            Some(Step::Member(_)) if taken == at.len() && is_index(token) => {}
            None if is_index(token) => {}
            Some(Step::Member(_)) => return Ok(None),
            Some(Step::Each) | None => return Err(Unreadable::Misshapen),
        }
    }
    Ok(Some(taken))
}

/// The values at what is left of a place after the steps that were taken.
fn within<'t>(
    value: Node<'t>,
    at: &[Step],
    inner: &[Step],
    taken: usize,
    found: &mut Vec<Node<'t>>,
) -> Result<(), Unreadable> {
    // Where items are named, an array stands for itself.
    let Some(at) = at.get(taken..).filter(|at| !at.is_empty() || inner.first() != Some(&Step::Each)) else {
        return walk(value, inner.get(taken.saturating_sub(at.len())..).unwrap_or_default(), found);
    };
    let mut representations = Vec::new();
    walk(value, at, &mut representations)?;
    representations.into_iter().try_for_each(|one| walk(one, inner, found))
}

fn each(
    opening: &Opening,
    found: Vec<Node<'_>>,
    open: &mut dyn FnMut(&Opening, &str) -> Option<String>,
    spans: &mut Spans,
) -> Result<(), Unreadable> {
    for node in found {
        if !spans.is_new(node) {
            continue;
        }
        let text = text_of(node).filter(|_| node.kind() != Kind::Bool).ok_or(Unreadable::NotScalar)?;
        let id = open(opening, &text).ok_or(Unreadable::Unsealed)?;
        spans.all.push((node.span(), opening.written(&id)));
    }
    Ok(())
}

/// The values that a path leads to. What is not there, or null, names nothing; an array there holds several.
fn walk<'t>(node: Node<'t>, steps: &[Step], found: &mut Vec<Node<'t>>) -> Result<(), Unreadable> {
    let declared = Declared::new(None, &[]);
    walk_by(node, steps, &|object, name| declared.disguise(object, &[], name).is_some(), found)
}

/// In answers, where nobody reads names otherwise than they are written, `_id` may well stand beside `id`.
fn walk_answer<'t>(node: Node<'t>, steps: &[Step], found: &mut Vec<Node<'t>>) -> Result<(), Unreadable> {
    let differs = |key: &str, name: &str| key != name && key.eq_ignore_ascii_case(name);
    let is_twice = |object: Node<'_>, name: &str| object.members().any(|member| differs(member.key, name));
    walk_by(node, steps, &is_twice, found)
}

fn walk_by<'t>(
    node: Node<'t>,
    steps: &[Step],
    is_disguised: &dyn Fn(Node<'_>, &str) -> bool,
    found: &mut Vec<Node<'t>>,
) -> Result<(), Unreadable> {
    let Some((first, rest)) = steps.split_first() else {
        match node.kind() {
            Kind::Null => {}
            Kind::Array => found.extend(node.items().filter(|item| !item.is_null())),
            _ => found.push(node),
        }
        return Ok(());
    };
    match (first, node.kind()) {
        (_, Kind::Null) => Ok(()),
        (Step::Member(name), Kind::Object) => {
            // Some service would find another one.
            if is_disguised(node, name) {
                return Err(Unreadable::Disguised);
            }
            node.get(name).map_or(Ok(()), |value| walk_by(value, rest, is_disguised, found))
        }
        (Step::Each, Kind::Array) => {
            node.items().try_for_each(|item| walk_by(item, rest, is_disguised, found))
        }
        _ => Err(Unreadable::Misshapen),
    }
}

/// Gives the text in place of an id of a type.
pub type Seal<'s> = dyn FnMut(&Arc<str>, &str) -> Result<String, SealFault> + 's;

/// What an answer is shown with: `seal` gives the text in place of an id.
///
/// # Errors
/// [`Unreadable`] where the answer has another shape than declared, so that ids might stand elsewhere.
pub fn sealed(root: Node<'_>, showings: &[Showing], seal: &mut Seal<'_>) -> Result<Replacements, Unreadable> {
    let mut spans = Spans::default();
    for showing in showings {
        for object in objects(root, &showing.at).map_err(|_| Unreadable::Misshapen)? {
            let mut found = Vec::new();
            walk_answer(object, showing.inner.steps(), &mut found)?;
            for node in found {
                if !spans.is_new(node) {
                    continue;
                }
                let id = text_of(node).filter(|_| node.kind() != Kind::Bool).ok_or(Unreadable::NotScalar)?;
                let text = seal(&showing.kind, &id)?;
                spans.all.push((node.span(), Bytes::from(serde_json::Value::from(text).to_string())));
            }
        }
    }
    Ok(spans.all)
}
