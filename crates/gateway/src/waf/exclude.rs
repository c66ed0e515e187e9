//! What rules are not to be asked, or not of which values: as the gateway file and `x-bartizan` say it.

use seclang::{Exclusions, RuleChoice, RuleSet};
use serde_json::Value;

/// One exclusion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclude {
    pub chosen: Chosen,
    /// `ARGS:comment`; `None`: the rules are not asked at all.
    pub target: Option<String>,
    pub because: Option<String>,
}

/// Which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    Rule(u64),
    Tag(String),
}

impl Exclude {
    /// Adds it to `exclusions`. Returns how many rules of the set it concerns.
    ///
    /// # Errors
    /// A sentence: why the target cannot be read.
    pub fn add_to(&self, exclusions: &mut Exclusions, rules: &RuleSet) -> Result<usize, String> {
        let choice = match &self.chosen {
            Chosen::Rule(id) => RuleChoice::Ids(vec![(*id, *id)]),
            Chosen::Tag(tag) => RuleChoice::Tag(tag.clone()),
        };
        rules.exclude(exclusions, &choice, self.target.as_deref())
    }

    /// As people write it: `942100 of ARGS:comment`, `tag attack-sqli`.
    pub fn text(&self) -> String {
        let chosen = match &self.chosen {
            Chosen::Rule(id) => id.to_string(),
            Chosen::Tag(tag) => format!("tag {tag}"),
        };
        match &self.target {
            Some(target) => format!("{chosen} of {target}"),
            None => chosen,
        }
    }

    /// The member `waf` of an operation's `x-bartizan`: `{ exclude: [{ rule: 942100, target: "ARGS:comment" }] }`.
    ///
    /// # Errors
    /// A sentence: what of it is not understood.
    pub fn read_all(value: &Value) -> Result<Vec<Self>, String> {
        let members = value.as_object().ok_or("`waf` is not an object")?;
        if let Some(name) = members.keys().find(|name| *name != "exclude") {
            return Err(format!("`waf` has no member `{name}`; it may say `exclude`"));
        }
        let list = members.get("exclude").and_then(Value::as_array).ok_or("`waf.exclude` is not a list")?;
        list.iter().map(Self::read).collect()
    }

    fn read(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("an exclusion is not an object")?;
        let known = ["rule", "tag", "target", "because"];
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("an exclusion has no member `{name}`; it may say `{}`", known.join("`, `")));
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(format!("`{name}` of an exclusion is not a text")),
        };
        let rule = match members.get("rule") {
            None => None,
            Some(id) => Some(id.as_u64().ok_or("`rule` of an exclusion is not the number of a rule")?),
        };
        let chosen = Chosen::of(rule, text("tag")?)?;
        Ok(Self { chosen, target: text("target")?, because: text("because")? })
    }
}

impl Chosen {
    /// # Errors
    /// Where neither is said, or both are.
    pub fn of(rule: Option<u64>, tag: Option<String>) -> Result<Self, String> {
        match (rule, tag) {
            (Some(id), None) => Ok(Self::Rule(id)),
            (None, Some(tag)) => Ok(Self::Tag(tag)),
            (None, None) => Err("an exclusion names neither a `rule` nor a `tag`".to_owned()),
            (Some(_), Some(_)) => Err("an exclusion names a `rule` or a `tag`, not both".to_owned()),
        }
    }
}
