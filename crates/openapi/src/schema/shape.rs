//! What kinds of values a compiled schema takes, for decoding text that carries no types: forms and parts.

use std::collections::BTreeSet;

use serde_json::Value;

/// Schemas that are looked through for one answer.
const LOOKS_MAX: usize = 2_000;

/// The kinds a value may have. All of them when nothing says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) null: bool,
    pub(crate) boolean: bool,
    pub(crate) number: bool,
    pub(crate) string: bool,
    pub(crate) array: bool,
    pub(crate) object: bool,
}

impl Shape {
    const ANY: Self =
        Self { null: true, boolean: true, number: true, string: true, array: true, object: true };
    const NONE: Self =
        Self { null: false, boolean: false, number: false, string: false, array: false, object: false };

    /// Nothing is said about the kind.
    pub(crate) fn is_any(self) -> bool {
        self == Self::ANY
    }

    /// Texts can be arrays or objects only.
    pub(crate) fn is_container(self) -> bool {
        !self.is_any() && (self.array || self.object) && !(self.string || self.number || self.boolean)
    }

    fn of(kinds: &Value) -> Self {
        let one = std::slice::from_ref(kinds);
        let kinds = kinds.as_array().map_or(one, Vec::as_slice);
        let has = |name: &str| kinds.iter().any(|kind| kind == name);
        Self {
            null: has("null"),
            boolean: has("boolean"),
            number: has("number") || has("integer"),
            string: has("string"),
            array: has("array"),
            object: has("object"),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            null: self.null && other.null,
            boolean: self.boolean && other.boolean,
            number: self.number && other.number,
            string: self.string && other.string,
            array: self.array && other.array,
            object: self.object && other.object,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            null: self.null || other.null,
            boolean: self.boolean || other.boolean,
            number: self.number || other.number,
            string: self.string || other.string,
            array: self.array || other.array,
            object: self.object || other.object,
        }
    }
}

/// A place in a bundle, with the schemas that apply there.
#[derive(Clone)]
pub(crate) struct Shapes<'b> {
    bundle: &'b Value,
    schemas: Vec<&'b Value>,
}

impl<'b> Shapes<'b> {
    pub(super) fn new(bundle: &'b Value) -> Self {
        Self { bundle, schemas: vec![bundle] }
    }

    /// The kinds of values that may stand here.
    pub(crate) fn shape(&self) -> Shape {
        let mut budget = LOOKS_MAX;
        self.schemas.iter().fold(Shape::ANY, |shape, schema| shape.and(self.shape_of(schema, &mut budget)))
    }

    fn shape_of(&self, schema: &'b Value, budget: &mut usize) -> Shape {
        if *budget == 0 {
            return Shape::ANY;
        }
        *budget -= 1;
        let mut shape = schema.get("type").map_or(Shape::ANY, Shape::of);
        if let Some(target) = self.target(schema) {
            shape = shape.and(self.shape_of(target, budget));
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            shape = shape.and(self.shape_of(part, budget));
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
                let any =
                    branches.iter().fold(Shape::NONE, |any, branch| any.or(self.shape_of(branch, budget)));
                shape = shape.and(any);
            }
        }
        shape
    }

    /// What applies to a property: by name, else what is said of additional ones.
    pub(crate) fn property(&self, name: &str) -> Shapes<'b> {
        let mut found = Vec::new();
        let mut additional = Vec::new();
        for schema in self.applying() {
            match schema.get("properties").and_then(|properties| properties.get(name)) {
                Some(property) => found.push(property),
                None => {
                    additional.extend(schema.get("additionalProperties").filter(|schema| schema.is_object()))
                }
            }
        }
        let schemas = if found.is_empty() { additional } else { found };
        Shapes { bundle: self.bundle, schemas }
    }

    /// What applies to the items of an array.
    pub(crate) fn items(&self) -> Shapes<'b> {
        let schemas = self.applying().into_iter().filter_map(|schema| schema.get("items")).collect();
        Shapes { bundle: self.bundle, schemas }
    }

    /// Whether nothing at all is said here.
    pub(crate) fn is_empty(&self) -> bool {
        self.schemas.is_empty()
    }

    /// The names of declared properties.
    pub(crate) fn names(&self) -> BTreeSet<&'b str> {
        let properties =
            self.applying().into_iter().filter_map(|schema| schema.get("properties")?.as_object());
        properties.flat_map(|properties| properties.keys().map(String::as_str)).collect()
    }

    /// Every schema that may apply here, through references and compositions.
    fn applying(&self) -> Vec<&'b Value> {
        let mut found: Vec<&'b Value> = Vec::new();
        let mut waiting: Vec<&'b Value> = self.schemas.clone();
        while let Some(schema) = waiting.pop() {
            if found.len() >= LOOKS_MAX {
                break;
            }
            if found.iter().any(|known| std::ptr::eq(*known, schema)) {
                continue;
            }
            found.push(schema);
            waiting.extend(self.target(schema));
            for keyword in ["allOf", "anyOf", "oneOf"] {
                waiting.extend(schema.get(keyword).and_then(Value::as_array).into_iter().flatten());
            }
            waiting.extend(["then", "else"].iter().filter_map(|keyword| schema.get(keyword)));
        }
        found
    }

    fn target(&self, schema: &Value) -> Option<&'b Value> {
        self.bundle.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
    }
}
