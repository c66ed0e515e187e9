//! Walks a document knowing which names are keywords and which are names of the author's: finds references, identifiers
//! and anchors, and leaves examples and extensions alone.

use super::{Arena, Data, NodeId};

/// Something of interest to whoever resolves references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `$ref`; also `$dynamicRef`, which is resolved like one where no dynamic scope changes it.
    Reference { holder: NodeId, value: NodeId },
    /// `$id`: the holder is a schema resource of its own.
    Identity { holder: NodeId, value: NodeId },
    /// `$anchor` and `$dynamicAnchor`.
    Anchor { holder: NodeId, value: NodeId },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    /// Member names are keywords of OpenAPI or JSON Schema.
    Keywords,
    /// Member names are the author's, the values are described by keywords.
    Names,
}

/// Calls `visit` for everything of interest at and below `start` that `seen` does not hold yet.
pub(crate) fn survey(arena: &Arena, start: NodeId, seen: &mut Seen, mut visit: impl FnMut(Mark)) {
    let mut open = vec![(start, Context::Keywords)];
    while let Some((id, context)) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        match arena.data(id) {
            // Reversed, so that marks come in the order of the document.
            Data::Array(items) => open.extend(items.iter().rev().map(|item| (*item, Context::Keywords))),
            Data::Object(members) => {
                for member in members.iter().rev() {
                    let key = arena.text(member.key);
                    if context == Context::Names {
                        open.push((member.value, Context::Keywords));
                    } else if let Some(below) = below(key) {
                        open.push((member.value, below));
                    }
                }
                if context == Context::Keywords {
                    marks(arena, id, &mut visit);
                }
            }
            _ => {}
        }
    }
}

fn marks(arena: &Arena, holder: NodeId, visit: &mut impl FnMut(Mark)) {
    for member in arena.members(holder) {
        let value = member.value;
        if arena.str(value).is_none() {
            continue;
        }
        match arena.text(member.key) {
            "$ref" | "$dynamicRef" => visit(Mark::Reference { holder, value }),
            "$id" => visit(Mark::Identity { holder, value }),
            "$anchor" | "$dynamicAnchor" => visit(Mark::Anchor { holder, value }),
            _ => {}
        }
    }
}

/// What stands below a keyword; `None` for what nothing is resolved in.
fn below(keyword: &str) -> Option<Context> {
    match keyword {
        "example" | "examples" | "enum" | "const" | "default" | "value" | "links" | "callbacks"
        | "webhooks" | "externalDocs" | "mapping" | "xml" | "tags" | "info" => None,
        "properties"
        | "patternProperties"
        | "$defs"
        | "definitions"
        | "dependentSchemas"
        | "schemas"
        | "parameters"
        | "responses"
        | "requestBodies"
        | "headers"
        | "securitySchemes"
        | "pathItems"
        | "mediaTypes"
        | "content"
        | "encoding"
        | "paths"
        | "securityDefinitions"
        | "additionalOperations"
        | "variables" => Some(Context::Names),
        extension if extension.starts_with("x-") => None,
        _ => Some(Context::Keywords),
    }
}

/// Which values were visited.
#[derive(Default)]
pub(crate) struct Seen(Vec<u64>);

impl Seen {
    /// Whether the value is new.
    pub(crate) fn insert(&mut self, id: NodeId) -> bool {
        let (word, bit) = (id.0 as usize / 64, 1_u64 << (id.0 % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let Some(word) = self.0.get_mut(word) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    pub(crate) fn contains(&self, id: NodeId) -> bool {
        self.0.get(id.0 as usize / 64).is_some_and(|word| word & (1_u64 << (id.0 % 64)) != 0)
    }
}
