//! What is known of an object, and from where.

use std::sync::Arc;

use tape::{Kind, Node};

use crate::path::Path;

/// Where a fact comes from; the words in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    Request,
    Principal,
    Claim,
    Sealed,
    Learned,
    Producer,
    List,
    Resolver,
    Related,
    Response,
    External,
}

impl Origin {
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Principal => "principal",
            Self::Claim => "claim",
            Self::Sealed => "sealed",
            Self::Learned => "learned",
            Self::Producer => "producer",
            Self::List => "list",
            Self::Resolver => "resolver",
            Self::Related => "related",
            Self::Response => "response",
            Self::External => "external",
        }
    }
}

/// One fact: all values are texts, so that the integer 7 and the text `7` are one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: Arc<str>,
    pub value: Arc<str>,
    pub origin: Origin,
}

/// `tenant`, `owner`, `parent` and further attributes of one object. The first source that says something is believed;
/// another that contradicts it makes the object disputed, and a disputed object is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    facts: Vec<Fact>,
    /// By path: which other objects a representation names that know whose it is. Not for policies.
    links: Vec<(Path, Arc<str>)>,
    pub disputed: bool,
    /// Somebody who can be asked was not, because the answer is to say the same.
    pub unconfirmed: bool,
}

pub const TENANT: &str = "tenant";
pub const OWNER: &str = "owner";
pub const PARENT: &str = "parent";

impl Facts {
    pub fn get(&self, name: &str) -> Option<&Arc<str>> {
        self.facts.iter().find(|fact| &*fact.name == name).map(|fact| &fact.value)
    }

    pub fn owner(&self) -> Option<&Arc<str>> {
        self.get(OWNER)
    }

    pub fn tenant(&self) -> Option<&Arc<str>> {
        self.get(TENANT)
    }

    pub fn set(&mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>, origin: Origin) {
        let (name, value) = (name.into(), value.into());
        match self.facts.iter().find(|fact| fact.name == name) {
            Some(known) if known.value != value => self.disputed = true,
            Some(_) => {}
            None => self.facts.push(Fact { name, value, origin }),
        }
    }

    /// The id of another object on which it rests whose this one is.
    pub fn link(&self, path: &Path) -> Option<&Arc<str>> {
        self.links.iter().find(|(known, _)| known.steps() == path.steps()).map(|(_, id)| id)
    }

    pub fn set_link(&mut self, path: &Path, id: Arc<str>) {
        match self.link(path) {
            Some(known) if *known != id => self.disputed = true,
            Some(_) => {}
            None => self.links.push((path.clone(), id)),
        }
    }

    /// Forgets a fact.
    pub fn forget(&mut self, name: &str) {
        self.facts.retain(|fact| &*fact.name != name);
    }

    /// Takes over what another source says.
    pub fn merge(&mut self, others: &Self) {
        for (path, id) in &others.links {
            self.set_link(path, Arc::clone(id));
        }
        for fact in &others.facts {
            self.set(Arc::clone(&fact.name), Arc::clone(&fact.value), fact.origin);
        }
        self.disputed |= others.disputed;
        self.unconfirmed |= others.unconfirmed;
    }

    /// Takes over one fact of another object that knows it; whether that one is disputed holds for this one too.
    pub fn take_related(&mut self, name: &str, others: &Self) {
        if let Some(value) = others.get(name) {
            self.set(name, Arc::clone(value), Origin::Related);
        }
        self.disputed |= others.disputed;
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter()
    }
}

/// A scalar as a text: strings as they are, whole numbers in decimal without sign of zero, booleans as words. Objects,
/// arrays, null and numbers with a fraction or an exponent have none.
pub fn text_of(node: Node<'_>) -> Option<Arc<str>> {
    match node.kind() {
        Kind::String => node.as_str().map(Arc::from),
        Kind::Number => {
            let number = node.number()?;
            let digits = number.strip_prefix('-').unwrap_or(number);
            let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
            whole.then(|| if number == "-0" { Arc::from("0") } else { Arc::from(number) })
        }
        Kind::Bool => node.as_bool().map(|said| Arc::from(if said { "true" } else { "false" })),
        _ => None,
    }
}
