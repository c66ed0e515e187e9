//! Finds the references that lead nowhere, and everything that depends on them.

use std::collections::HashMap;

use model::Finding;

use super::Loading;
use crate::document::{Arena, Documents, FileId, Mark, NodeId, Seen, file_path, survey};
use crate::{ReferenceFault, codes};

/// Values that cannot be used because a reference at or below them is broken.
#[derive(Default)]
pub(super) struct Broken {
    values: Seen,
    any: bool,
}

impl Broken {
    pub(super) fn contains(&self, id: NodeId) -> bool {
        self.any && self.values.contains(id)
    }
}

/// A reference that leads somewhere.
struct Edge {
    holder: NodeId,
    target: NodeId,
}

/// Follows every reference once. `faults` says why files are not there.
pub(super) fn references(loading: &mut Loading, faults: &HashMap<String, String>) {
    let documents = std::sync::Arc::clone(&loading.documents);
    let mut edges = Vec::new();
    let mut broken = Vec::new();
    let mut seen = Seen::default();
    let mut open = vec![documents.arena.root(FileId(0))];
    while let Some(start) = open.pop() {
        survey(&documents.arena, start, &mut seen, |mark| {
            let Mark::Reference { holder, value } = mark else { return };
            let reference = documents.node(value).as_str().unwrap_or_default();
            match documents.resolve(holder, reference) {
                Ok(target) => {
                    edges.push(Edge { holder, target: target.id() });
                    open.push(target.id());
                }
                Err(fault) => {
                    broken.push(holder);
                    loading.findings.extend(finding(&documents, value, fault, faults));
                }
            }
        });
    }
    for holder in circles(&documents.arena, &edges) {
        broken.push(holder);
        let sentence = "the schema contains itself without going down into the value";
        let place =
            documents.node(holder).get("$ref").map_or_else(|| documents.node(holder).place(), |v| v.place());
        loading.findings.push(Finding::error(codes::CYCLE, sentence).at(place, "this closes the circle"));
    }
    loading.broken = spread(&documents.arena, broken, &edges);
}

/// `None` where reading the file has been reported already.
fn finding(
    documents: &Documents,
    value: NodeId,
    fault: ReferenceFault,
    faults: &HashMap<String, String>,
) -> Option<Finding> {
    let node = documents.node(value);
    let reference = node.as_str().unwrap_or_default();
    let code = match fault {
        ReferenceFault::Remote => codes::REMOTE,
        ReferenceFault::Cycle => codes::CYCLE,
        ReferenceFault::Unread if is_reported(documents, value, faults) => return None,
        _ => codes::UNRESOLVED,
    };
    let finding = Finding::error(code, format!("`{}` cannot be resolved: {fault}", shortened(reference)));
    Some(finding.at(node.value_place(), "what depends on it is left out"))
}

/// Whether the fault of the file it names has been found.
fn is_reported(documents: &Documents, value: NodeId, faults: &HashMap<String, String>) -> bool {
    let uri = documents.node(value).as_str().unwrap_or_default().split('#').next().unwrap_or_default();
    file_path(&documents.arena, value, uri).is_ok_and(|path| faults.contains_key(&path))
}

/// A reference for a sentence: at most 120 characters.
fn shortened(reference: &str) -> String {
    match reference.char_indices().nth(120) {
        Some((end, _)) => format!("{}...", reference.get(..end).unwrap_or_default()),
        None => reference.to_owned(),
    }
}

/// The holders of references that close a circle of schemas applied to one and the same value, where validation
/// would never end: `$ref`, and the applicators of JSON Schema 2020-12 core section 10.2.
fn circles(arena: &Arena, edges: &[Edge]) -> Vec<NodeId> {
    let mut targets: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for edge in edges {
        targets.entry(edge.holder).or_default().push(edge.target);
    }
    let mut closing = Vec::new();
    let (mut entered, mut left) = (Seen::default(), Seen::default());
    for edge in edges {
        if !entered.insert(edge.holder) {
            continue;
        }
        let below = |id: NodeId| in_place(arena, id, targets.get(&id)).into_iter();
        let mut path = vec![(edge.holder, below(edge.holder))];
        while let Some((at, children)) = path.last_mut() {
            let at = *at;
            let Some(child) = children.next() else {
                left.insert(at);
                path.pop();
                continue;
            };
            if entered.insert(child) {
                path.push((child, below(child)));
            } else if !left.contains(child) {
                closing.push(at);
            }
        }
    }
    closing
}

/// The schemas applied to the same value as this one.
fn in_place(arena: &Arena, id: NodeId, targets: Option<&Vec<NodeId>>) -> Vec<NodeId> {
    let mut below = targets.cloned().unwrap_or_default();
    for member in arena.members(id) {
        match arena.text(member.key) {
            "allOf" | "anyOf" | "oneOf" => below.extend(arena.items(member.value)),
            "not" | "if" | "then" | "else" => below.push(member.value),
            "dependentSchemas" => below.extend(arena.members(member.value).iter().map(|m| m.value)),
            _ => {}
        }
    }
    below
}

/// From broken references up to what contains them, and across to what refers to that.
fn spread(arena: &Arena, start: Vec<NodeId>, edges: &[Edge]) -> Broken {
    let mut broken = Broken { values: Seen::default(), any: !start.is_empty() };
    if start.is_empty() {
        return broken;
    }
    let mut referrers: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for edge in edges {
        referrers.entry(edge.target).or_default().push(edge.holder);
    }
    let mut open = start;
    while let Some(id) = open.pop() {
        if broken.values.insert(id) {
            open.extend(arena.parent(id));
            open.extend(referrers.get(&id).into_iter().flatten());
        }
    }
    broken
}
