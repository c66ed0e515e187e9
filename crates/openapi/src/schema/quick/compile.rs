//! From a translated bundle to rules; ends with the first keyword that is not known.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::format::Format;
use super::number::NumberRule;
use super::object::{ObjectRule, Said};
use super::pattern::Pattern;
use super::{ANY, ArrayRule, Composed, Id, Quick, Rule, TextRule, kinds};
use crate::schema::keywords::{DISCRIMINATOR, NUMBER_FORMAT, READ_ONLY, WRITE_ONLY};

pub(super) fn compile(bundle: &Value) -> Option<Quick> {
    let mut compiler = Compiler { rules: vec![Rule::default()], definitions: HashMap::new() };
    let root = compiler.schema(bundle)?;
    // Definitions are compiled as they are met, after what refers to them.
    let mut done = 0;
    while done < compiler.definitions.len() {
        let waiting: Vec<(&str, Id)> = compiler
            .definitions
            .iter()
            .filter(|(_, (_, met))| !met)
            .map(|(name, (id, _))| (*name, *id))
            .collect();
        for (reference, id) in waiting {
            let rule = compiler.rule(bundle.pointer(reference.strip_prefix('#')?)?)?;
            *compiler.rules.get_mut(id.0 as usize)? = rule;
            compiler.definitions.insert(reference, (id, true));
            done += 1;
        }
    }
    Some(Quick { rules: compiler.rules, root })
}

struct Compiler<'b> {
    rules: Vec<Rule>,
    /// By reference, with whether the rule is there already.
    definitions: HashMap<&'b str, (Id, bool)>,
}

/// A rule in the making: parts that several keywords add to.
struct Making<'b> {
    rule: Rule,
    text: TextRule,
    number: NumberRule,
    array: ArrayRule,
    object: Said<'b>,
    composed: Composed,
    says: Says,
}

/// For which parts there was a keyword.
#[derive(Default)]
struct Says {
    text: bool,
    number: bool,
    array: bool,
    object: bool,
    composed: bool,
}

impl<'b> Compiler<'b> {
    /// The rule of a schema in place.
    fn schema(&mut self, schema: &'b Value) -> Option<Id> {
        if let Some(members) = schema.as_object() {
            let mut said = members.iter().filter(|(keyword, _)| *keyword != "$defs");
            match (said.next(), said.next()) {
                (None, _) => return Some(ANY),
                (Some((keyword, target)), None) if keyword == "$ref" => {
                    return self.definition(target.as_str()?);
                }
                (Some((keyword, Value::Array(parts))), None) if keyword == "allOf" => {
                    if let [part] = parts.as_slice() {
                        return self.schema(part);
                    }
                }
                _ => {}
            }
        }
        if schema == &Value::Bool(true) {
            return Some(ANY);
        }
        let rule = self.rule(schema)?;
        self.add(rule)
    }

    fn add(&mut self, rule: Rule) -> Option<Id> {
        let id = Id(u32::try_from(self.rules.len()).ok()?);
        self.rules.push(rule);
        Some(id)
    }

    fn definition(&mut self, reference: &'b str) -> Option<Id> {
        if let Some((id, _)) = self.definitions.get(reference) {
            return Some(*id);
        }
        let id = self.add(Rule::default())?;
        self.definitions.insert(reference, (id, false));
        Some(id)
    }

    fn schemas(&mut self, list: &'b Value) -> Option<Vec<Id>> {
        list.as_array()?.iter().map(|schema| self.schema(schema)).collect()
    }

    fn rule(&mut self, schema: &'b Value) -> Option<Rule> {
        let members = match schema {
            Value::Bool(true) => return Some(Rule::default()),
            Value::Bool(false) => return Some(Rule { kinds: 0, ..Rule::default() }),
            Value::Object(members) => members,
            _ => return None,
        };
        let mut making = Making::new();
        for (keyword, value) in members {
            self.keyword(&mut making, members, keyword, value)?;
        }
        Some(making.finish())
    }

    fn keyword(
        &mut self,
        making: &mut Making<'b>,
        members: &'b Map<String, Value>,
        keyword: &str,
        value: &'b Value,
    ) -> Option<()> {
        match keyword {
            "$defs" => {}
            "type" => making.kinds(value)?,
            READ_ONLY | WRITE_ONLY => making.rule.kinds = 0,
            "minLength" | "maxLength" | "pattern" | "format" => making.text(keyword, value)?,
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
            | NUMBER_FORMAT => {
                making.says.number = true;
                making.number.add(keyword, value)?;
            }
            "minItems" | "maxItems" | "uniqueItems" | "items" | "prefixItems" => {
                making.says.array = true;
                match keyword {
                    "minItems" => making.array.items_min = value.as_u64()?,
                    "maxItems" => making.array.items_max = value.as_u64()?,
                    "uniqueItems" => making.array.unique = value.as_bool()?,
                    "items" => making.array.items = self.schema(value)?,
                    _ => making.array.prefix = self.schemas(value)?,
                }
            }
            "minProperties" | "maxProperties" | "required" | "properties" | "additionalProperties" => {
                making.says.object = true;
                self.object(&mut making.object, keyword, value)?;
            }
            _ => {
                making.says.composed = true;
                self.composed(&mut making.composed, members, keyword, value)?;
            }
        }
        Some(())
    }

    fn object(&mut self, said: &mut Said<'b>, keyword: &str, value: &'b Value) -> Option<()> {
        match keyword {
            "minProperties" => said.members_min = value.as_u64()?,
            "maxProperties" => said.members_max = value.as_u64()?,
            "required" => {
                said.required = value.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?
            }
            "properties" => {
                let properties = value.as_object()?.iter();
                let properties = properties.map(|(name, schema)| Some((name.as_str(), self.schema(schema)?)));
                said.properties = properties.collect::<Option<_>>()?;
            }
            _ => said.additional = self.schema(value)?,
        }
        Some(())
    }

    fn composed(
        &mut self,
        composed: &mut Composed,
        members: &'b Map<String, Value>,
        keyword: &str,
        value: &'b Value,
    ) -> Option<()> {
        match keyword {
            // Beside each other, or beside a discriminator, they are left to the complete validator.
            "enum" | "const" | DISCRIMINATOR if composed.options.is_some() => return None,
            "enum" | DISCRIMINATOR => composed.options = Some(options(value.as_array()?)),
            "const" => composed.options = Some(options(std::slice::from_ref(value))),
            "$ref" => composed.all.push(self.definition(value.as_str()?)?),
            "allOf" => composed.all.extend(self.schemas(value)?),
            "anyOf" => composed.any.push(self.schemas(value)?),
            "oneOf" => composed.one = Some(self.schemas(value)?),
            "not" => composed.not = Some(self.schema(value)?),
            "if" => {
                let mut branch =
                    |keyword| members.get(keyword).map_or(Some(ANY), |schema| self.schema(schema));
                let (then, otherwise) = (branch("then")?, branch("else")?);
                composed.condition = Some([self.schema(value)?, then, otherwise]);
            }
            // Without `if` they say nothing.
            "then" | "else" => {}
            _ => return None,
        }
        Some(())
    }
}

impl<'b> Making<'b> {
    fn new() -> Self {
        Self {
            rule: Rule::default(),
            text: TextRule { chars_min: 0, chars_max: u64::MAX, pattern: None, format: None },
            number: NumberRule::default(),
            array: ArrayRule {
                items_min: 0,
                items_max: u64::MAX,
                prefix: Vec::new(),
                items: ANY,
                unique: false,
            },
            object: Said::default(),
            composed: Composed::default(),
            says: Says::default(),
        }
    }

    fn kinds(&mut self, value: &Value) -> Option<()> {
        let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let names: Vec<&str> = names.iter().map(Value::as_str).collect::<Option<_>>()?;
        let mut admitted = 0;
        for name in &names {
            admitted |= match *name {
                "null" => kinds::NULL,
                "boolean" => kinds::BOOLEAN,
                "integer" | "number" => kinds::NUMBER,
                "string" => kinds::STRING,
                "array" => kinds::ARRAY,
                "object" => kinds::OBJECT,
                _ => return None,
            };
        }
        // Others may have said that nothing is admitted.
        self.rule.kinds &= admitted;
        if names.contains(&"integer") && !names.contains(&"number") {
            self.says.number = true;
            self.number.only_integers();
        }
        Some(())
    }

    fn text(&mut self, keyword: &str, value: &Value) -> Option<()> {
        self.says.text = true;
        match keyword {
            "minLength" => self.text.chars_min = value.as_u64()?,
            "maxLength" => self.text.chars_max = value.as_u64()?,
            "pattern" => self.text.pattern = Some(Pattern::new(value.as_str()?)?),
            _ => self.text.format = Some(Format::named(value.as_str()?)?),
        }
        Some(())
    }

    fn finish(self) -> Rule {
        let Self { rule, text, number, array, object, composed, says } = self;
        Rule {
            text: says.text.then(|| Box::new(text)),
            number: says.number.then(|| Box::new(number)),
            array: says.array.then(|| Box::new(array)),
            object: says.object.then(|| Box::new(ObjectRule::new(object))),
            composed: says.composed.then(|| Box::new(composed)),
            ..rule
        }
    }
}

/// Strings, which are compared at once, and the other values.
fn options(values: &[Value]) -> (Vec<Box<str>>, Vec<Value>) {
    let mut texts: Vec<Box<str>> = values.iter().filter_map(Value::as_str).map(Box::from).collect();
    texts.sort_unstable();
    (texts, values.iter().filter(|value| !value.is_string()).cloned().collect())
}
