//! Lays Overlay documents (Overlay 1.0 and 1.1) over a description, action by action.

mod jsonpath;
mod merge;

use model::{Finding, Severity};

use crate::codes;
use crate::document::{Arena, Node, NodeId};
use jsonpath::Query;

/// Applies one overlay to the document at `root`. An action that cannot be applied is a finding, and changes nothing.
pub(crate) fn apply(arena: &mut Arena, root: NodeId, overlay: NodeId, findings: &mut Vec<Finding>) {
    let values_max = arena.len() + merge::VALUES_ADDED_MAX;
    let mut laying = Laying { arena, root, values_max, findings };
    let version = laying.text(overlay, "overlay");
    if !version.as_deref().is_some_and(|version| version.starts_with("1.")) {
        laying.find(
            Severity::Error,
            codes::OVERLAY_INVALID,
            "the overlay does not say `overlay: 1.x.y`",
            overlay,
        );
        return;
    }
    let actions = laying.arena.get(overlay, "actions");
    let Some(actions) = actions.filter(|id| !laying.arena.items(*id).is_empty()) else {
        laying.find(Severity::Error, codes::OVERLAY_INVALID, "the overlay has no list of `actions`", overlay);
        return;
    };
    for action in laying.arena.items(actions).to_vec() {
        laying.action(action);
    }
}

struct Laying<'l> {
    arena: &'l mut Arena,
    root: NodeId,
    values_max: usize,
    findings: &'l mut Vec<Finding>,
}

impl Laying<'_> {
    fn action(&mut self, action: NodeId) {
        let Some(target) = self.arena.get(action, "target") else {
            self.find(Severity::Error, codes::OVERLAY_INVALID, "an action has no `target`", action);
            return;
        };
        let Some(matched) = self.query(target) else { return };
        if matched.is_empty() {
            let sentence = "the target matches nothing, so the action has no effect";
            self.find(Severity::Warning, codes::OVERLAY_NO_MATCH, sentence, target);
            return;
        }
        // `remove` has precedence over `update` and `copy` (Overlay 1.1 section 4.4.3).
        let remove = self.arena.get(action, "remove").map(|id| Node::new(self.arena, id).as_bool());
        let (update, copy) = (self.arena.get(action, "update"), self.arena.get(action, "copy"));
        match (remove, update, copy) {
            (Some(Some(true)), _, _) => self.remove(target, &matched),
            (Some(None), _, _) => {
                self.find(
                    Severity::Error,
                    codes::OVERLAY_INVALID,
                    "`remove` is neither true nor false",
                    action,
                );
            }
            (_, Some(update), None) => self.update(target, &matched, update),
            (_, None, Some(copy)) => self.copy(target, &matched, copy),
            (_, Some(_), Some(_)) => {
                let sentence = "an action has both `update` and `copy`";
                self.find(Severity::Error, codes::OVERLAY_INVALID, sentence, action);
            }
            (_, None, None) => {
                let sentence = "the action has neither `update`, `remove: true` nor `copy`";
                self.find(Severity::Warning, codes::OVERLAY_EMPTY, sentence, action);
            }
        }
    }

    /// The values an expression matches, in the order of the document; `None` where it is not a JSONPath.
    fn query(&mut self, expression: NodeId) -> Option<Vec<NodeId>> {
        let parsed = match self.arena.str(expression) {
            Some(text) => Query::parse(text),
            None => Err(jsonpath::Fault { at: 0, why: "it is not a text" }),
        };
        match parsed.and_then(|query| query.run(self.arena, self.root)) {
            Ok(matched) => Some(matched),
            Err(fault) => {
                let sentence = format!("not a JSONPath at character {}: {}", fault.at + 1, fault.why);
                self.find(Severity::Error, codes::OVERLAY_TARGET, &sentence, expression);
                None
            }
        }
    }

    fn remove(&mut self, target: NodeId, matched: &[NodeId]) {
        for id in matched {
            if *id == self.root {
                let sentence = "the description itself cannot be removed";
                self.find(Severity::Error, codes::OVERLAY_UPDATE, sentence, target);
            } else {
                self.arena.detach(*id);
            }
        }
    }

    fn update(&mut self, target: NodeId, matched: &[NodeId], update: NodeId) {
        for id in matched {
            if let Err(fault) = merge::update(self.arena, self.values_max, *id, update) {
                self.not_applied(fault, target);
            }
        }
    }

    /// Overlay 1.1 section 4.4.3: as an update with what stands at the source now.
    fn copy(&mut self, target: NodeId, matched: &[NodeId], copy: NodeId) {
        let Some(found) = self.query(copy) else { return };
        let [source] = found.as_slice() else {
            let sentence = format!("the source of the copy is {} values and not one", found.len());
            self.find(Severity::Error, codes::OVERLAY_COPY, &sentence, copy);
            return;
        };
        // A target may contain the source, or lie within it: merge from a copy that stands still.
        let Ok(source) = merge::snapshot(self.arena, self.values_max, *source) else {
            self.not_applied(merge::Fault::Growth, target);
            return;
        };
        self.update(target, matched, source);
    }

    fn not_applied(&mut self, fault: merge::Fault, target: NodeId) {
        let code = match fault {
            merge::Fault::Kind => codes::OVERLAY_UPDATE,
            merge::Fault::Growth => codes::OVERLAY_GROWTH,
        };
        self.find(Severity::Error, code, &fault.to_string(), target);
    }

    fn text(&self, object: NodeId, key: &str) -> Option<String> {
        let node = Node::new(self.arena, self.arena.get(object, key)?);
        node.as_str().or_else(|| node.number()).map(str::to_owned)
    }

    fn find(&mut self, severity: Severity, code: &str, sentence: &str, at: NodeId) {
        let place = Node::new(self.arena, at).place();
        self.findings.push(Finding::new(code, severity, sentence).at(place, "in this action"));
    }
}

#[cfg(test)]
mod tests;
