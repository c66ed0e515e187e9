//! `readOnly` in requests, `writeOnly` in responses: which properties may not be sent, and so are not required.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::{Bundle, Hidden, Mode};
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

    /// What a schema and the parts that always hold with it hide, over what is hidden already.
    pub(super) fn hidden(&self, node: Node<'d>, mode: Mode, inherited: &Hidden) -> Hidden {
        if mode == Mode::Condition {
            return Hidden::default();
        }
        let mut names = BTreeSet::new();
        self.collect(node, &mut names, &mut BTreeSet::new());
        if names.iter().all(|name| inherited.contains(name)) {
            return Rc::clone(inherited);
        }
        names.extend(inherited.iter().cloned());
        Rc::new(names)
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
