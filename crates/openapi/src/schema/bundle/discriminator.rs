//! `discriminator`: the value of one property chooses the one schema that has to hold.
//!
//! Instead of trying every branch of `oneOf`, an unknown or missing name is a violation at the property, and a known
//! one is checked against its branch alone (OpenAPI 3.1 section 4.8.25). On a base schema that others extend by
//! `allOf`, the name chooses among those that extend it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{Bundle, Context, Mode, push_all_of};
use crate::document::{Node, NodeId};
use crate::schema::keywords::DISCRIMINATOR;

/// A schema with the names that choose it.
struct Branch<'d> {
    schema: Node<'d>,
    names: Vec<String>,
}

impl<'d> Bundle<'d> {
    pub(super) fn narrow(
        &mut self,
        node: Node<'d>,
        mode: Mode,
        context: &Context,
        out: &mut Map<String, Value>,
    ) {
        let Some(discriminator) = node.get("discriminator") else { return };
        if mode == Mode::Condition {
            return;
        }
        let property = discriminator.get("propertyName").unwrap_or(discriminator);
        let Some(property) = property.as_str() else {
            return self.fault(discriminator, "B1201", "`discriminator` must have a `propertyName`");
        };
        let list =
            ["oneOf", "anyOf"].into_iter().find(|keyword| node.get(keyword).is_some_and(Node::is_array));
        let Some(keyword) = list else {
            // As a part of one that extends it, the base has been chosen already.
            if mode == Mode::Whole {
                let branches = self.extending(node, discriminator);
                if !branches.is_empty() {
                    self.emit(property, discriminator, &branches, context, out);
                }
            }
            return;
        };
        let items = node.get(keyword).into_iter().flat_map(Node::items);
        let (nulls, items): (Vec<_>, Vec<_>) =
            items.partition(|item| item.get("type").and_then(Node::as_str) == Some("null"));
        let Some(mut branches) = self.named(items) else {
            return self.warn(
                discriminator,
                "B1214",
                "the discriminator is not used, because a branch beside it is not a `$ref` and so has no name",
                "make every branch a `$ref`",
            );
        };
        self.map(discriminator, &mut branches);
        out.remove(keyword);
        if nulls.is_empty() {
            self.emit(property, discriminator, &branches, context, out);
        } else {
            let mut narrowed = Map::new();
            self.emit(property, discriminator, &branches, context, &mut narrowed);
            push_all_of(out, json!({ "if": { "type": "null" }, "else": narrowed }));
        }
    }

    /// Branches by the implicit names of their schemas; `None` when one has none.
    fn named(&self, items: Vec<Node<'d>>) -> Option<Vec<Branch<'d>>> {
        let branch = |item: Node<'d>| {
            let schema = self.documents.resolve(item.id(), item.get("$ref")?.as_str()?).ok()?;
            Some(Branch { schema, names: vec![schema.key()?.to_owned()] })
        };
        items.into_iter().map(branch).collect()
    }

    /// Adds the names that `mapping` gives.
    fn map(&mut self, discriminator: Node<'d>, branches: &mut Vec<Branch<'d>>) {
        for (name, target) in discriminator.get("mapping").into_iter().flat_map(Node::members) {
            let Some(schema) = target.as_str().and_then(|text| self.mapped(target, text)) else {
                self.fault(target, "B1004", "`mapping` names a schema that does not exist");
                continue;
            };
            // An explicit name takes precedence over another branch's implicit one.
            for branch in branches.iter_mut().filter(|branch| branch.schema.id() != schema.id()) {
                branch.names.retain(|implicit| implicit != name);
            }
            match branches.iter_mut().find(|branch| branch.schema.id() == schema.id()) {
                Some(branch) if branch.names.iter().any(|known| known == name) => {}
                Some(branch) => branch.names.push(name.to_owned()),
                None => branches.push(Branch { schema, names: vec![name.to_owned()] }),
            }
        }
    }

    /// A schema's name, or a reference.
    fn mapped(&self, holder: Node<'d>, text: &str) -> Option<Node<'d>> {
        let by_name = || {
            let pointer = text.replace('~', "~0").replace('/', "~1");
            self.documents.resolve(holder.id(), &format!("#/components/schemas/{pointer}")).ok()
        };
        let by_reference = || self.documents.resolve(holder.id(), text).ok();
        if text.contains(['#', '/']) { by_reference() } else { by_name().or_else(by_reference) }
    }

    /// The schemas beside the base that extend it, and the base itself.
    fn extending(&mut self, base: Node<'d>, discriminator: Node<'d>) -> Vec<Branch<'d>> {
        let (Some(schemas), Some(own)) = (base.parent(), base.key()) else { return Vec::new() };
        let mut known: HashSet<NodeId> = HashSet::from([base.id()]);
        let mut branches = Vec::new();
        // Extensions of extensions too, so until nothing is added.
        loop {
            let before = branches.len();
            for (name, schema) in schemas.members() {
                if !known.contains(&schema.id()) && self.extends(schema, &known) {
                    known.insert(schema.id());
                    branches.push(Branch { schema, names: vec![name.to_owned()] });
                }
            }
            if branches.len() == before {
                break;
            }
        }
        self.map(discriminator, &mut branches);
        if !branches.is_empty() && !branches.iter().any(|branch| branch.schema.id() == base.id()) {
            branches.push(Branch { schema: base, names: vec![own.to_owned()] });
        }
        branches
    }

    fn extends(&self, schema: Node<'d>, bases: &HashSet<NodeId>) -> bool {
        let parts = schema.get("allOf").into_iter().flat_map(Node::items);
        parts.filter_map(|part| Some((part.id(), part.get("$ref")?.as_str()?))).any(|(holder, reference)| {
            self.documents.resolve(holder, reference).is_ok_and(|target| bases.contains(&target.id()))
        })
    }

    fn emit(
        &mut self,
        property: &str,
        discriminator: Node<'d>,
        branches: &[Branch<'d>],
        context: &Context,
        out: &mut Map<String, Value>,
    ) {
        let names: Vec<&String> = branches.iter().flat_map(|branch| &branch.names).collect();
        // OpenAPI 3.2 section 4.25: what holds when the name is missing or unknown.
        let fallback = discriminator.get("defaultMapping");
        if let Some(target) = fallback.and_then(|value| self.mapped(value, value.as_str()?)) {
            let chosen = self.definition(target, Mode::Part, context);
            push_all_of(out, json!({ "if": is_named(property, &names), "else": chosen }));
            push_all_of(out, json!({ "type": "object" }));
        } else {
            let known = json!({
                "type": "object", "required": [property], "properties": { property: { DISCRIMINATOR: names } }
            });
            push_all_of(out, known);
        }
        for branch in branches {
            let names: Vec<&String> = branch.names.iter().collect();
            let chosen = self.definition(branch.schema, Mode::Part, context);
            push_all_of(out, json!({ "if": is_named(property, &names), "then": chosen }));
        }
    }
}

fn is_named(property: &str, names: &[&String]) -> Value {
    json!({ "required": [property], "properties": { property: { "enum": names } } })
}
