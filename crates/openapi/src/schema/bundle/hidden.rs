//! `readOnly` in requests, `writeOnly` in responses: which properties may not be sent, and so are not required.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::{Bundle, Context, Known, Mode};
use crate::document::{Node, NodeId};

/// References that are followed one after another.
const HOPS_MAX: usize = 32;

impl<'d> Bundle<'d> {
    /// Whether a property's schema says that it may not be sent in this direction.
    pub(super) fn is_hidden(&self, schema: Node<'d>) -> bool {
        let keyword = if self.sends() { "readOnly" } else { "writeOnly" };
        let mut at = schema;
        for _ in 0..HOPS_MAX {
            let reference = at.get("$ref").and_then(Node::as_str);
            // A sibling of `$ref` counts from 3.1 on only.
            let counts = reference.is_none() || self.dialect.has_json_schema();
            if counts && at.get(keyword).and_then(Node::as_bool) == Some(true) {
                return true;
            }
            match reference.and_then(|reference| self.documents.resolve(at.id(), reference).ok()) {
                Some(target) => at = target,
                None => return false,
            }
        }
        false
    }

    /// What the parts of a value have to know, given what is known of it already.
    pub(super) fn context(&self, node: Node<'d>, mode: Mode, inherited: &Context) -> Context {
        if mode == Mode::Condition {
            return Context::default();
        }
        let mut hidden = BTreeSet::new();
        self.collect(node, &mut hidden, &mut BTreeSet::new());
        let shared = match mode {
            Mode::Whole if self.rules.only_declared_properties => self.shared(node).into_keys().collect(),
            _ => BTreeSet::new(),
        };
        if hidden.is_subset(&inherited.hidden) && shared.is_subset(&inherited.shared) {
            return Rc::clone(inherited);
        }
        hidden.extend(inherited.hidden.iter().cloned());
        Rc::new(Known { hidden, shared: &shared | &inherited.shared })
    }

    fn collect(&self, node: Node<'d>, names: &mut BTreeSet<Arc<str>>, seen: &mut BTreeSet<NodeId>) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            if !seen.insert(node.id()) {
                continue;
            }
            let properties = node.get("properties").into_iter().flat_map(Node::members);
            let hidden = properties.filter(|(_, schema)| self.is_hidden(*schema));
            names.extend(hidden.map(|(name, _)| Arc::from(name)));
            waiting.extend(node.get("allOf").into_iter().flat_map(Node::items));
            let reference = node.get("$ref").and_then(Node::as_str);
            waiting.extend(reference.and_then(|reference| self.documents.resolve(node.id(), reference).ok()));
        }
    }
}
