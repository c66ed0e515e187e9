//! What a schema is checked against: a node of a tape, a plain value or a name, read under a counted budget.

mod equality;

use std::borrow::Cow;
use std::cell::Cell;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use serde_json::Value;

use super::decimal::Decimal;

/// Reads that one check may spend on one instance; an honest body of the largest size needs a tenth of it.
pub(crate) const READS_MAX: u64 = 5_000_000;

static NULL: Value = Value::Null;

/// Counted fuel of one pass over an instance. Once it is used up, containers look empty and the pass is void.
pub(crate) struct Fuel {
    reads: Cell<u64>,
    reports: Cell<u32>,
}

impl Fuel {
    /// For deciding: reports are not bounded, because none are made.
    pub(crate) fn new(reads: u64) -> Self {
        Self { reads: Cell::new(reads), reports: Cell::new(u32::MAX) }
    }

    /// For explaining: ends early, by emptiness of what is left, after so many reports.
    pub(crate) fn with_reports(reads: u64, reports: u32) -> Self {
        Self { reads: Cell::new(reads), reports: Cell::new(reports) }
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.reads.get() == 0
    }

    fn spend(&self, reads: u64) -> bool {
        let left = self.reads.get();
        self.reads.set(left.saturating_sub(reads));
        left > reads && self.reports.get() > 0
    }

    fn report(&self) {
        self.reports.set(self.reports.get().saturating_sub(1));
    }
}

/// The representation for `jsonschema`: no `serde_json::Value` of a body is ever built.
pub(crate) struct Instances;

/// One value that is being checked.
#[derive(Clone, Copy)]
pub(crate) struct Instance<'a> {
    data: Data<'a>,
    fuel: Option<&'a Fuel>,
}

#[derive(Clone, Copy)]
pub(crate) enum Data<'a> {
    Tape(tape::Node<'a>),
    Value(&'a Value),
    Text(&'a str),
}

impl<'a> Instance<'a> {
    pub(crate) fn new(data: Data<'a>, fuel: &'a Fuel) -> Self {
        Self { data, fuel: Some(fuel) }
    }

    /// Whoever asks counts what it costs.
    pub(crate) fn unmeasured(data: Data<'a>) -> Self {
        Self { data, fuel: None }
    }

    fn with(self, data: Data<'a>) -> Self {
        Self { data, fuel: self.fuel }
    }

    fn read(self) -> bool {
        self.spend(1)
    }

    /// Takes what a dear operation costs; `false` once nothing is left.
    pub(crate) fn spend(self, reads: u64) -> bool {
        self.fuel.is_none_or(|fuel| fuel.spend(reads))
    }
}

impl Json for Instances {
    type Node<'a> = Instance<'a>;
    type PreparedKey = String;
    type StringBuffer = ();
    // Lookups in small objects walk the members.
    const KEYS_PER_LOOKUP: usize = 4;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Instance<'_>) -> T) -> T {
        f(Instance::unmeasured(Data::Text(string)))
    }
}

impl<'a> Node<'a, Instances> for Instance<'a> {
    type Object = Self;
    type Array = Self;
    type Number = Number<'a>;

    fn as_object(&self) -> Option<Self> {
        (self.json_type() == JsonType::Object).then_some(*self)
    }

    fn as_array(&self) -> Option<Self> {
        (self.json_type() == JsonType::Array).then_some(*self)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.data.text().map(Cow::Borrowed)
    }

    /// In characters (JSON Schema Validation section 6.3). Most text has one byte for each.
    fn string_length(&self) -> Option<u64> {
        let text = self.data.text()?;
        let length = if text.is_ascii() { text.len() } else { text.chars().count() };
        Some(length as u64)
    }

    fn as_number(&self) -> Option<Number<'a>> {
        self.data.number().map(Number)
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.data {
            Data::Tape(node) => node.as_bool(),
            Data::Value(value) => value.as_bool(),
            Data::Text(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        self.json_type() == JsonType::Null
    }

    fn is_number(&self) -> bool {
        self.json_type() == JsonType::Number
    }

    fn json_type(&self) -> JsonType {
        match self.data {
            Data::Tape(node) => match node.kind() {
                tape::Kind::Null => JsonType::Null,
                tape::Kind::Bool => JsonType::Boolean,
                tape::Kind::Number => JsonType::Number,
                tape::Kind::String => JsonType::String,
                tape::Kind::Array => JsonType::Array,
                tape::Kind::Object => JsonType::Object,
            },
            Data::Value(value) => match value {
                Value::Null => JsonType::Null,
                Value::Bool(_) => JsonType::Boolean,
                Value::Number(_) => JsonType::Number,
                Value::String(_) => JsonType::String,
                Value::Array(_) => JsonType::Array,
                Value::Object(_) => JsonType::Object,
            },
            Data::Text(_) => JsonType::String,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        self.read() && self.data.equals(expected)
    }

    /// Never the value: whatever asks for it would only put it into a message. Each message is counted.
    fn to_value(&self) -> Cow<'a, Value> {
        if let Some(fuel) = self.fuel {
            fuel.report();
        }
        Cow::Borrowed(&NULL)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self.data {
            // A tape's address is even, so a value inside the same allocation cannot have the same pair.
            Data::Tape(node) => NodeIdentity::tagged(node.tape_address(), node.id().saturating_add(1)),
            Data::Value(value) => NodeIdentity::new(std::ptr::from_ref(value).addr()),
            Data::Text(text) => NodeIdentity::tagged(text.as_ptr().addr(), u32::MAX),
        })
    }
}

impl<'a> Object<'a, Instances> for Instance<'a> {
    type Node = Self;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        match self.data {
            Data::Tape(node) => node.len(),
            Data::Value(value) => value.as_object().map_or(0, serde_json::Map::len),
            Data::Text(_) => 0,
        }
    }

    fn get(&self, key: &String) -> Option<Self> {
        if !self.read() {
            return None;
        }
        let data = match self.data {
            Data::Tape(node) => Data::Tape(node.get(key)?),
            Data::Value(value) => Data::Value(value.as_object()?.get(key)?),
            Data::Text(_) => return None,
        };
        Some(self.with(data))
    }

    fn members(&self) -> Members<'a> {
        let inner = match self.data {
            Data::Tape(node) => MembersInner::Tape(node.members()),
            Data::Value(Value::Object(members)) => MembersInner::Value(members.iter()),
            Data::Value(_) | Data::Text(_) => MembersInner::None,
        };
        Members { inner, of: *self }
    }
}

impl<'a> Array<'a, Instances> for Instance<'a> {
    type Node = Self;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        match self.data {
            Data::Tape(node) => node.len(),
            Data::Value(value) => value.as_array().map_or(0, Vec::len),
            Data::Text(_) => 0,
        }
    }

    fn elements(&self) -> Elements<'a> {
        let inner = match self.data {
            Data::Tape(node) => ElementsInner::Tape(node.items()),
            Data::Value(Value::Array(items)) => ElementsInner::Value(items.iter()),
            Data::Value(_) | Data::Text(_) => ElementsInner::None,
        };
        Elements { inner, of: *self }
    }

    fn is_unique(&self) -> bool {
        equality::is_unique(Array::elements(self).map(|element| element.data))
    }
}

/// The members of an object, one read each.
pub(crate) struct Members<'a> {
    inner: MembersInner<'a>,
    of: Instance<'a>,
}

enum MembersInner<'a> {
    Tape(tape::Members<'a>),
    Value(serde_json::map::Iter<'a>),
    None,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Instance<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.of.read() {
            return None;
        }
        match &mut self.inner {
            MembersInner::Tape(members) => {
                members.next().map(|member| (member.key, self.of.with(Data::Tape(member.value))))
            }
            MembersInner::Value(members) => {
                members.next().map(|(name, value)| (name.as_str(), self.of.with(Data::Value(value))))
            }
            MembersInner::None => None,
        }
    }
}

/// The items of an array, one read each.
pub(crate) struct Elements<'a> {
    inner: ElementsInner<'a>,
    of: Instance<'a>,
}

enum ElementsInner<'a> {
    Tape(tape::Items<'a>),
    Value(std::slice::Iter<'a, Value>),
    None,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Instance<'a>;

    fn next(&mut self) -> Option<Instance<'a>> {
        if !self.of.read() {
            return None;
        }
        match &mut self.inner {
            ElementsInner::Tape(items) => items.next().map(|node| self.of.with(Data::Tape(node))),
            ElementsInner::Value(items) => items.next().map(|value| self.of.with(Data::Value(value))),
            ElementsInner::None => None,
        }
    }
}

impl<'a> Data<'a> {
    fn text(self) -> Option<&'a str> {
        match self {
            Data::Tape(node) => node.as_str(),
            Data::Value(value) => value.as_str(),
            Data::Text(text) => Some(text),
        }
    }

    /// The number as it is written.
    fn number(self) -> Option<Cow<'a, str>> {
        match self {
            Data::Tape(node) => node.number().map(Cow::Borrowed),
            Data::Value(Value::Number(number)) => Some(Cow::Owned(number.to_string())),
            Data::Value(_) | Data::Text(_) => None,
        }
    }
}

/// A number by its text, exact at any size.
pub(crate) struct Number<'a>(Cow<'a, str>);

impl Number<'_> {
    pub(crate) fn decimal(&self) -> Decimal<'_> {
        Decimal::parse(&self.0)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl JsonNumber for Number<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// `None` beyond the range of a float, which comparisons take for an infinity of the number's sign.
    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|float: &f64| float.is_finite())
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    /// For messages only, so it need not be the value.
    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(serde_json::Number::from(0))
    }

    fn is_integer(&self) -> bool {
        self.as_i64().is_some() || self.decimal().is_integer()
    }
}
