//! The kinds of values a parameter's schema takes, looked up once so that requests need not.

use std::collections::BTreeMap;

use crate::SchemaRef;
use crate::schema::{Direction, Rules, Schema, Shape, Shapes};

/// The kinds of a value and of what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Kinds {
    pub(crate) own: Shape,
    pub(crate) items: Option<Box<Kinds>>,
    /// Declared by name; of the value itself, not of what is in it: no style writes deeper.
    pub(crate) properties: BTreeMap<Box<str>, Kinds>,
    /// Of properties that are not declared by name, where the schema says something of them.
    pub(crate) additional: Option<Box<Kinds>>,
}

impl Kinds {
    pub(crate) fn of(compiled: &Schema) -> Self {
        let shapes = compiled.shapes();
        let list = |shapes: Shapes<'_>| Self { items: items(&shapes), ..Self::plain(shapes.shape()) };
        let property = |name: &str| (Box::from(name), list(shapes.property(name)));
        // No declared name can be this one: it is not a character.
        let additional = shapes.property("\u{FFFF}");
        Self {
            own: shapes.shape(),
            items: items(&shapes),
            properties: shapes.names().into_iter().map(property).collect(),
            additional: (!additional.is_empty()).then(|| Box::new(list(additional))),
        }
    }

    /// Of a parameter without a schema.
    pub(crate) fn any() -> Self {
        let any = true;
        Self::plain(Shape { null: any, boolean: any, number: any, string: any, array: any, object: any })
    }

    fn plain(own: Shape) -> Self {
        Self { own, items: None, properties: BTreeMap::new(), additional: None }
    }

    pub(crate) fn item(&self) -> Option<&Kinds> {
        self.items.as_deref()
    }

    pub(crate) fn property(&self, name: &str) -> Option<&Kinds> {
        self.properties.get(name).or(self.additional.as_deref())
    }

    /// Whether the value is a list by its schema, and not a text.
    pub(crate) fn may_be_array(&self) -> bool {
        self.own.array && !self.own.is_any()
    }

    pub(crate) fn may_be_object(&self) -> bool {
        self.own.object && !self.own.is_any()
    }

    pub(crate) fn may_be_scalar(&self) -> bool {
        self.own.string || self.own.number || self.own.boolean || self.own.null
    }
}

fn items(shapes: &Shapes<'_>) -> Option<Box<Kinds>> {
    let items = shapes.items();
    (!items.is_empty()).then(|| Box::new(Kinds::plain(items.shape())))
}

/// Whether a schema takes arrays or objects, by what it says.
pub(super) fn is_structured(schema: &SchemaRef) -> bool {
    // Nearly all are one plain type, and compiling each of a large description would be felt.
    let node = schema.documents.follow(schema.id).ok();
    let plain = node.and_then(|node| node.get("type")).and_then(|kind| kind.as_str());
    match plain {
        Some("string" | "integer" | "number" | "boolean") => false,
        Some("array" | "object") => true,
        _ => {
            let shape = Schema::compile(schema, RULES).shapes().shape();
            !shape.is_any() && (shape.array || shape.object)
        }
    }
}

/// Parameters belong to requests.
pub(crate) const RULES: Rules = Rules { direction: Direction::Request, only_declared_properties: false };
