//! A short way to "it holds", for the keywords that most schemas consist of.
//!
//! It answers for a value of a tape alone, and only yes: whatever it does not see to hold, the complete validator
//! decides, which also tells why. A schema with a keyword that is not known here has no short way.

mod compile;
mod format;
mod number;
mod object;
mod pattern;

use std::cell::Cell;

use jsonschema::json::{Array, Node as _};
use serde_json::Value;
use tape::{Items, Members, Node, View};

use super::instance::{Data, Instance};
use format::Format;
use number::NumberRule;
use object::ObjectRule;
use pattern::Pattern;

/// Schemas within schemas; a circle that does not go down the value ends here.
const DEPTH_MAX: u32 = 500;
/// Steps of one check beside one for each byte of the value: honest schemas take a fraction, branches may multiply.
const STEPS_MIN: u32 = 1_000;

/// The number of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Id(u32);

/// The rule that admits everything.
const ANY: Id = Id(0);

pub(crate) struct Quick {
    rules: Vec<Rule>,
    root: Id,
}

/// One schema.
struct Rule {
    /// A bit for each kind of value.
    kinds: u8,
    number: Option<Box<NumberRule>>,
    text: Option<Box<TextRule>>,
    array: Option<Box<ArrayRule>>,
    object: Option<Box<ObjectRule>>,
    composed: Option<Box<Composed>>,
}

struct TextRule {
    chars_min: u64,
    chars_max: u64,
    pattern: Option<Pattern>,
    format: Option<&'static Format>,
}

struct ArrayRule {
    items_min: u64,
    items_max: u64,
    prefix: Vec<Id>,
    items: Id,
    unique: bool,
}

/// What is said of a value of any kind, and by other schemas.
#[derive(Default)]
struct Composed {
    /// The values of `enum`, or the one of `const`; the strings among them stand apart, sorted.
    options: Option<(Vec<Box<str>>, Vec<Value>)>,
    all: Vec<Id>,
    /// Each of them has one that holds.
    any: Vec<Vec<Id>>,
    one: Option<Vec<Id>>,
    not: Option<Id>,
    /// `if`, `then`, `else`.
    condition: Option<[Id; 3]>,
}

/// What one check may still spend. Once it is spent, no answer counts.
struct Run {
    steps: Cell<u32>,
    depth: Cell<u32>,
}

impl Run {
    fn spend(&self, steps: u32) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(steps));
        left > steps
    }
}

impl Quick {
    /// Of a bundle that can be compiled; `None` when a keyword in it is not known here.
    pub(crate) fn new(bundle: &Value) -> Option<Self> {
        compile::compile(bundle)
    }

    /// Whether the value is seen to match. `false` says nothing.
    pub(crate) fn holds(&self, node: Node<'_>) -> bool {
        let bytes = u32::try_from(node.span().len()).unwrap_or(u32::MAX);
        let run = Run { steps: Cell::new(bytes.saturating_add(STEPS_MIN)), depth: Cell::new(DEPTH_MAX) };
        self.rule_holds(self.root, node, &run) && run.steps.get() > 0
    }

    /// Whether a text that stands for itself is seen to match. `false` says nothing.
    pub(crate) fn holds_text(&self, text: &str) -> bool {
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let run = Run { steps: Cell::new(bytes.saturating_add(STEPS_MIN)), depth: Cell::new(DEPTH_MAX) };
        let Some(rule) = self.rules.get(self.root.0 as usize) else { return false };
        let holds = rule.text.as_deref().is_none_or(|rule| text_holds(rule, text, &run));
        // What other schemas say is asked of a value of a tape.
        holds && rule.kinds & kinds::STRING != 0 && rule.composed.is_none() && run.steps.get() > 0
    }

    fn rule_holds(&self, id: Id, node: Node<'_>, run: &Run) -> bool {
        if id == ANY {
            return true;
        }
        let Some(rule) = self.rules.get(id.0 as usize) else { return false };
        if !run.spend(1) {
            return false;
        }
        let admits = |kind: u8| rule.kinds & kind != 0;
        let holds = match node.view() {
            View::String(text) => {
                admits(kinds::STRING) && rule.text.as_deref().is_none_or(|rule| text_holds(rule, text, run))
            }
            View::Number(text) => {
                admits(kinds::NUMBER) && rule.number.as_deref().is_none_or(|rule| rule.holds(text))
            }
            View::Object(members) => {
                let holds = |rule: &ObjectRule| self.below(run, || self.object(rule, members, run));
                admits(kinds::OBJECT) && rule.object.as_deref().is_none_or(holds)
            }
            View::Array(items) => {
                let holds = |rule: &ArrayRule| self.below(run, || self.array(rule, node, items, run));
                admits(kinds::ARRAY) && rule.array.as_deref().is_none_or(holds)
            }
            View::Bool(_) => admits(kinds::BOOLEAN),
            View::Null => admits(kinds::NULL),
        };
        let composed = |rule: &Composed| self.below(run, || self.composed(rule, node, run));
        holds && rule.composed.as_deref().is_none_or(composed)
    }

    /// One schema deeper.
    fn below(&self, run: &Run, holds: impl FnOnce() -> bool) -> bool {
        let depth = run.depth.get();
        if depth == 0 {
            // Void, so that no `not` makes a yes of it.
            run.steps.set(0);
            return false;
        }
        run.depth.set(depth - 1);
        let holds = holds();
        run.depth.set(depth);
        holds
    }

    fn object(&self, rule: &ObjectRule, members: Members<'_>, run: &Run) -> bool {
        if !rule.admits(members.len()) {
            return false;
        }
        let (mut next, mut required) = (0, 0);
        for member in members {
            let (schema, counts) = rule.find(member.key, &mut next);
            required += u32::from(counts);
            if !self.rule_holds(schema, member.value, run) {
                return false;
            }
        }
        required == rule.required()
    }

    fn array(&self, rule: &ArrayRule, node: Node<'_>, mut items: Items<'_>, run: &Run) -> bool {
        let length = items.len() as u64;
        if length < rule.items_min || length > rule.items_max {
            return false;
        }
        let mut prefix = rule.prefix.iter();
        let holds = items.all(|item| self.rule_holds(*prefix.next().unwrap_or(&rule.items), item, run));
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        holds
            && (!rule.unique
                || run.spend(length) && Array::is_unique(&Instance::unmeasured(Data::Tape(node))))
    }

    fn composed(&self, rule: &Composed, node: Node<'_>, run: &Run) -> bool {
        let holds = |id: &Id| self.rule_holds(*id, node, run);
        if let Some((texts, others)) = &rule.options {
            let known = match node.as_str() {
                Some(text) => texts.binary_search_by(|option| (**option).cmp(text)).is_ok(),
                None => others.iter().any(|option| {
                    // A step for each comparison; a deep one ends with the option.
                    run.spend(1) && Instance::unmeasured(Data::Tape(node)).equals_value(option)
                }),
            };
            if !known {
                return false;
            }
        }
        rule.all.iter().all(holds)
            && rule.any.iter().all(|branches| branches.iter().any(holds))
            && rule.one.as_ref().is_none_or(|branches| branches.iter().filter(|id| holds(id)).count() == 1)
            && rule.not.as_ref().is_none_or(|id| !holds(id))
            && rule.condition.as_ref().is_none_or(|[condition, then, otherwise]| {
                if holds(condition) { holds(then) } else { holds(otherwise) }
            })
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self { kinds: u8::MAX, number: None, text: None, array: None, object: None, composed: None }
    }
}

/// The bits of [`Rule::kinds`].
mod kinds {
    pub(super) const NULL: u8 = 1;
    pub(super) const BOOLEAN: u8 = 2;
    pub(super) const NUMBER: u8 = 4;
    pub(super) const STRING: u8 = 8;
    pub(super) const ARRAY: u8 = 16;
    pub(super) const OBJECT: u8 = 32;
}

fn text_holds(rule: &TextRule, text: &str, run: &Run) -> bool {
    let bytes = text.len() as u64;
    // A character has one byte to four, so that most lengths need no counting.
    let sure = bytes <= rule.chars_max && bytes >= rule.chars_min.saturating_mul(4);
    if !sure && (rule.chars_min, rule.chars_max) != (0, u64::MAX) {
        let chars = if text.is_ascii() { bytes } else { text.chars().count() as u64 };
        if chars < rule.chars_min || chars > rule.chars_max {
            return false;
        }
    }
    rule.pattern.as_ref().is_none_or(|pattern| run.spend(pattern.steps(text)) && pattern.is_match(text))
        && rule.format.is_none_or(|format| format.holds(text))
}

#[cfg(test)]
mod tests;
