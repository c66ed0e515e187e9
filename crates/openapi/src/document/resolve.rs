//! Where a reference leads: RFC 3986 against the base of its holder, then RFC 6901 or an anchor.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use super::survey::{Mark, Seen, survey};
use super::{Arena, Documents, FileId, Node, NodeId};
use crate::ReferenceFault;

/// How many references may follow one another before we call it a cycle.
const HOPS_MAX: usize = 64;

/// What can be named other than by file and pointer (JSON Schema 2020-12 core section 8.2).
#[derive(Default)]
pub(crate) struct Names {
    /// `$id` and `$self`, made absolute against their base where they have one.
    ids: HashMap<String, NodeId>,
    /// The schemas that carry an `$id`.
    resources: Seen,
    anchors: HashMap<(NodeId, String), NodeId>,
}

impl Names {
    /// Reads `$id`, `$anchor` and `$self` of every file. Only 3.1 and later give them a meaning.
    pub(crate) fn read(arena: &Arena) -> Self {
        let (mut identities, mut anchors, mut seen) = (Vec::new(), Vec::new(), Seen::default());
        let mut names = Self::default();
        for file in 0..arena.files().len() {
            let Some(root) = u16::try_from(file).ok().and_then(|file| arena.root_of(FileId(file))) else {
                continue;
            };
            if let Some(own) = arena.get(root, "$self").and_then(|id| arena.str(id)) {
                names.ids.insert(own.to_owned(), root);
                names.resources.insert(root);
            }
            survey(arena, root, &mut seen, |mark| match mark {
                Mark::Identity { holder, value } => identities.push((holder, value)),
                Mark::Anchor { holder, value } => anchors.push((holder, value)),
                Mark::Reference { .. } => {}
            });
        }
        for (holder, _) in &identities {
            names.resources.insert(*holder);
        }
        for (holder, _) in identities {
            if let Some(base) = names.base(arena, holder) {
                names.ids.entry(base).or_insert(holder);
            }
        }
        for (holder, value) in anchors {
            let root = names.resource(arena, holder);
            let name = arena.str(value).unwrap_or_default().to_owned();
            names.anchors.entry((root, name)).or_insert(holder);
        }
        names
    }

    fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The schema resource a value belongs to: the nearest value above with an `$id`, else the document's root.
    fn resource(&self, arena: &Arena, id: NodeId) -> NodeId {
        let mut at = id;
        while !self.resources.contains(at) {
            match arena.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// The base URI at a value, from the `$id` values above it.
    fn base(&self, arena: &Arena, id: NodeId) -> Option<String> {
        let mut written = Vec::new();
        let mut at = Some(self.resource(arena, id));
        while let Some(resource) = at {
            let own = arena.get(resource, "$id").or_else(|| arena.get(resource, "$self"));
            written.extend(own.and_then(|id| arena.str(id)));
            at = arena.parent(resource).map(|above| self.resource(arena, above));
        }
        written.into_iter().rev().map(str::to_owned).reduce(|base, own| join(&base, &own))
    }
}

impl Documents {
    /// Follows one reference as its holder means it. Never fetches: what was not read is [`ReferenceFault::Unread`].
    pub fn resolve(&self, holder: NodeId, reference: &str) -> Result<Node<'_>, ReferenceFault> {
        resolve(&self.arena, &self.names, holder, reference).map(|id| self.node(id))
    }

    /// The value itself, or what its `$ref` leads to in the end.
    pub fn follow(&self, id: NodeId) -> Result<Node<'_>, ReferenceFault> {
        follow(&self.arena, &self.names, id).map(|id| self.node(id))
    }
}

/// See [`Documents::follow`].
pub(crate) fn follow(arena: &Arena, names: &Names, id: NodeId) -> Result<NodeId, ReferenceFault> {
    let mut at = id;
    for _ in 0..HOPS_MAX {
        let Some(reference) = arena.get(at, "$ref").and_then(|value| arena.str(value)) else { return Ok(at) };
        at = resolve(arena, names, at, reference)?;
    }
    Err(ReferenceFault::Cycle)
}

/// See [`Documents::resolve`].
pub(crate) fn resolve(
    arena: &Arena,
    names: &Names,
    holder: NodeId,
    reference: &str,
) -> Result<NodeId, ReferenceFault> {
    let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let document = document_root(arena, holder);
    let root = if uri.is_empty() {
        if names.is_empty() { document } else { names.resource(arena, holder) }
    } else {
        target(arena, names, holder, uri)?
    };
    let fragment = decode(fragment)?;
    if fragment.is_empty() {
        return Ok(root);
    }
    if !fragment.starts_with('/') {
        let anchor = names.anchors.get(&(root, fragment.into_owned()));
        return anchor.copied().ok_or(ReferenceFault::Anchor);
    }
    let within = |root| Node::new(arena, root).pointer(&fragment).map(Node::id);
    // A pointer is relative to its schema resource; many authors with an `$id` still mean the whole document.
    let found = within(root).or_else(|| if uri.is_empty() { within(document) } else { None });
    found.ok_or(ReferenceFault::Missing)
}

fn target(arena: &Arena, names: &Names, holder: NodeId, uri: &str) -> Result<NodeId, ReferenceFault> {
    if !names.is_empty() {
        let absolute = names.base(arena, holder).map_or_else(|| uri.to_owned(), |base| join(&base, uri));
        if let Some(known) = names.ids.get(&absolute).or_else(|| names.ids.get(uri)) {
            return Ok(*known);
        }
    }
    let path = file_path(arena, holder, uri)?;
    arena.file_named(&path).and_then(|file| arena.root_of(file)).ok_or(ReferenceFault::Unread)
}

/// The path of the file a relative reference names, seen from the file its holder belongs to.
pub(crate) fn file_path(arena: &Arena, holder: NodeId, uri: &str) -> Result<String, ReferenceFault> {
    if has_scheme(uri) || uri.starts_with("//") {
        return Err(ReferenceFault::Remote);
    }
    let path = decode(uri.split('?').next().unwrap_or_default())?;
    if path.starts_with('/') || path.contains(['\0', '\\']) {
        return Err(ReferenceFault::Malformed);
    }
    let base =
        arena.file(Node::new(arena, holder).document_file()).map(|file| &*file.name).unwrap_or_default();
    Ok(relative(base, &path))
}

fn document_root(arena: &Arena, id: NodeId) -> NodeId {
    let mut at = id;
    while let Some(parent) = arena.parent(at) {
        at = parent;
    }
    at
}

fn decode(text: &str) -> Result<Cow<'_, str>, ReferenceFault> {
    percent_decode_str(text).decode_utf8().map_err(|_| ReferenceFault::Malformed)
}

/// RFC 3986 section 3.1.
fn has_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// RFC 3986 section 5.2 for a base that is absolute or itself a relative path; without queries.
fn join(base: &str, uri: &str) -> String {
    if has_scheme(uri) {
        return uri.to_owned();
    }
    if !has_scheme(base) {
        return if uri.starts_with('/') { uri.to_owned() } else { relative(base, uri) };
    }
    let (scheme, rest) = base.split_once(':').unwrap_or(("", base));
    if uri.starts_with("//") {
        return format!("{scheme}:{uri}");
    }
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            (format!("//{authority}"), path.trim_start_matches('/'))
        }
        None => (String::new(), rest),
    };
    let slash = if authority.is_empty() { "" } else { "/" };
    format!("{scheme}:{authority}{slash}{}", relative(path, uri.trim_start_matches('/')))
}

/// A relative path seen from the folder of `base`, its dots removed. What leads above the start keeps its `..`.
pub(crate) fn relative(base: &str, path: &str) -> String {
    let base = if path.starts_with('/') { "/" } else { base };
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let rooted = base.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    format!("{}{}", if rooted { "/" } else { "" }, parts.join("/"))
}
