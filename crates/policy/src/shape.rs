//! Finds its way through schemas of a description: which properties a value may have, and what they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use openapi::{Node, NodeId, Operation, SchemaRef};

use crate::Path;
use crate::path::Step;

/// Schemas that are looked through for one answer.
const LOOKS_MAX: usize = 2_000;

/// The schemas that may apply to one value.
#[derive(Clone)]
pub(crate) struct Shape<'d> {
    schemas: Vec<Node<'d>>,
    documents: &'d Arc<openapi::Documents>,
}

/// What a path leads to.
pub(crate) enum Found<'d> {
    Here(Shape<'d>),
    /// The schema takes anything there, or there is none.
    Unknowable,
    /// The schema lists what there is, and this is not among it.
    Absent {
        name: Arc<str>,
        known: Vec<&'d str>,
    },
}

impl<'d> Shape<'d> {
    pub(crate) fn of(schema: &'d SchemaRef) -> Self {
        let mut shape = Self { schemas: Vec::new(), documents: &schema.documents };
        shape.add(schema.node());
        shape
    }

    /// Of the JSON body, or of a form.
    pub(crate) fn request(operation: &'d Operation) -> Option<Self> {
        let schemas =
            operation.body.iter().flat_map(|body| &body.content).filter_map(|media| media.schema.as_ref());
        Self::of_all(schemas)
    }

    /// Of every answer that says that it went well.
    pub(crate) fn answer(operation: &'d Operation) -> Option<Self> {
        let good = operation.responses.by_status.iter().filter(|(key, _)| match key {
            openapi::StatusKey::Exact(status) => (200..300).contains(status),
            openapi::StatusKey::Class(class) => *class == 2,
        });
        Self::of_all(
            good.flat_map(|(_, response)| &response.content).filter_map(|media| media.schema.as_ref()),
        )
    }

    fn of_all(schemas: impl Iterator<Item = &'d SchemaRef>) -> Option<Self> {
        let mut shape: Option<Self> = None;
        for schema in schemas {
            match &mut shape {
                Some(shape) => shape.add(schema.node()),
                None => shape = Some(Self::of(schema)),
            }
        }
        shape
    }

    /// Takes a schema in with all that it is put together from.
    fn add(&mut self, schema: Node<'d>) {
        let mut open = vec![schema];
        while let Some(node) = open.pop() {
            if self.schemas.len() >= LOOKS_MAX || self.schemas.iter().any(|known| known.id() == node.id()) {
                continue;
            }
            self.schemas.push(node);
            if let Some(target) = node.get("$ref").and_then(Node::as_str) {
                open.extend(self.documents.resolve(node.id(), target).ok());
            }
            for keyword in ["allOf", "anyOf", "oneOf"] {
                open.extend(node.get(keyword).into_iter().flat_map(Node::items));
            }
        }
    }

    fn below(&self, nodes: Vec<Node<'d>>) -> Option<Self> {
        let mut shape = Self { schemas: Vec::new(), documents: self.documents };
        nodes.into_iter().for_each(|node| shape.add(node));
        (!shape.schemas.is_empty()).then_some(shape)
    }

    /// Where it is said what the value is.
    pub(crate) fn node(&self) -> Option<Node<'d>> {
        self.schemas.first().copied()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> {
        self.schemas.iter().map(|schema| schema.id())
    }

    /// Every property that one of the schemas names.
    pub(crate) fn properties(&self) -> BTreeMap<&'d str, Shape<'d>> {
        let mut found: BTreeMap<&'d str, Vec<Node<'d>>> = BTreeMap::new();
        for (name, node) in self
            .schemas
            .iter()
            .filter_map(|schema| schema.get("properties"))
            .flat_map(|properties| properties.members())
        {
            found.entry(name).or_default().push(node);
        }
        found.into_iter().filter_map(|(name, nodes)| Some((name, self.below(nodes)?))).collect()
    }

    /// Whether names are listed at all.
    pub(crate) fn is_listed(&self) -> bool {
        self.schemas
            .iter()
            .any(|schema| schema.get("properties").is_some_and(|properties| !properties.is_empty()))
    }

    pub(crate) fn items(&self) -> Option<Shape<'d>> {
        self.below(self.schemas.iter().filter_map(|schema| schema.get("items")).collect())
    }

    pub(crate) fn property(&self, name: &str) -> Option<Shape<'d>> {
        let named = |schema: &Node<'d>| schema.get("properties").and_then(|properties| properties.get(name));
        self.below(self.schemas.iter().filter_map(named).collect())
    }

    /// A keyword of any of the schemas.
    pub(crate) fn word(&self, keyword: &str) -> Option<&'d str> {
        self.schemas.iter().find_map(|schema| schema.get(keyword)).and_then(Node::as_str)
    }

    pub(crate) fn has(&self, keyword: &str) -> bool {
        self.schemas.iter().any(|schema| schema.get(keyword).is_some())
    }

    pub(crate) fn value(&self, keyword: &str) -> Option<Node<'d>> {
        self.schemas.iter().find_map(|schema| schema.get(keyword))
    }

    /// Whether a value of this type may stand here.
    pub(crate) fn is(&self, kind: &str) -> bool {
        let said = |node: Node<'d>| {
            node.as_str() == Some(kind) || node.items().any(|item| item.as_str() == Some(kind))
        };
        self.schemas.iter().filter_map(|schema| schema.get("type")).any(said)
    }

    pub(crate) fn is_array(&self) -> bool {
        self.is("array") || self.has("items")
    }

    pub(crate) fn find(&self, path: &Path) -> Found<'d> {
        self.find_steps(path.steps())
    }

    pub(crate) fn find_steps(&self, steps: &[Step]) -> Found<'d> {
        let mut shape = self.clone();
        for step in steps {
            let next = match step {
                Step::Member(name) => match shape.property(name) {
                    Some(next) => Some(next),
                    None if shape.is_listed() && !shape.allows_others() => {
                        return Found::Absent { name: name.clone(), known: shape.names() };
                    }
                    None => None,
                },
                Step::Each => shape.items(),
            };
            match next {
                Some(next) => shape = next,
                None => return Found::Unknowable,
            }
        }
        Found::Here(shape)
    }

    /// Whether it says in so many words that there may be further properties.
    fn allows_others(&self) -> bool {
        self.schemas
            .iter()
            .filter_map(|schema| schema.get("additionalProperties"))
            .any(|said| said.as_bool() != Some(false))
    }

    fn names(&self) -> Vec<&'d str> {
        let listed = self.schemas.iter().filter_map(|schema| schema.get("properties"));
        listed.flat_map(|properties| properties.members()).map(|(name, _)| name).collect()
    }
}

/// Objects within objects that are looked through.
const DEPTH_MAX: usize = 6;
/// Properties of one schema that are looked at.
const PROPERTIES_MAX: usize = 2_000;

/// Every property below a value with the path of its own, its name and its shape, schemas that hold themselves once.
pub(crate) fn properties<'d>(shape: &Shape<'d>, at: &str, of: &mut dyn FnMut(&str, &str, &Shape<'d>)) {
    let mut left = PROPERTIES_MAX;
    below(shape, at, (0, &mut left), &mut std::collections::HashSet::new(), of);
}

fn below<'d>(
    shape: &Shape<'d>,
    at: &str,
    (depth, left): (usize, &mut usize),
    open: &mut std::collections::HashSet<NodeId>,
    of: &mut dyn FnMut(&str, &str, &Shape<'d>),
) {
    if depth > DEPTH_MAX || shape.ids().any(|id| open.contains(&id)) {
        return;
    }
    let ids: Vec<_> = shape.ids().collect();
    open.extend(&ids);
    if let Some(items) = shape.items() {
        below(&items, &format!("{at}[*]"), (depth + 1, left), open, of);
    }
    for (name, property) in shape.properties() {
        if *left == 0 {
            break;
        }
        *left -= 1;
        let inner = format!("{at}{}", crate::ids::member(name));
        of(&inner, name, &property);
        below(&property, &inner, (depth + 1, left), open, of);
    }
    for id in ids {
        open.remove(&id);
    }
}
