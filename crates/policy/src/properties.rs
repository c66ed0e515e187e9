//! Which properties of a type a principal may write and see: allow-lists by rule, and what is shown to nobody unless a
//! rule names it.

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alike;
use crate::bindings::Properties;
use crate::decide::Subject;
use crate::path::{Path, Step};

/// The rules of one type in one direction, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// `None`: nothing is said, and every property is free that is not guarded.
    by_rule: Option<Vec<(Rule, Tree)>>,
    guards: Guard,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Default,
    /// The principal owns the object.
    Own,
    Role(Arc<str>),
}

/// Properties by their dotted names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tree {
    /// The property as a whole.
    whole: bool,
    /// `*`: whatever is there, and not guarded.
    every: bool,
    members: BTreeMap<Arc<str>, Tree>,
}

/// What a property asks for besides a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// A rule has to name it; that its object is named, or `*`, is not enough.
    pub sensitive: bool,
    pub scope: Option<Arc<str>>,
    pub members: BTreeMap<Arc<str>, Guard>,
}

/// The rules that apply to one principal and one object.
#[derive(Debug, Clone)]
pub struct Allowance<'a> {
    grants: Vec<Grant<'a>>,
    guard: Option<&'a Guard>,
    subject: &'a Subject,
}

#[derive(Debug, Clone, Copy)]
enum Grant<'a> {
    All,
    Tree(&'a Tree),
}

/// What is allowed of one member.
#[derive(Debug)]
pub enum Member<'a> {
    No,
    /// With everything below.
    Whole,
    /// Some of what is below.
    Part(Allowance<'a>),
}

impl<'a> Grant<'a> {
    fn tree(&self) -> Option<&'a Tree> {
        match self {
            Self::All => None,
            Self::Tree(tree) => Some(tree),
        }
    }
}

impl Rules {
    /// For reading; `guards` come from the description.
    pub fn reading(properties: Option<&Properties>, guards: Guard) -> Self {
        Self::new(properties.and_then(|one| one.read.as_ref()), properties, guards)
    }

    /// For writing.
    pub fn writing(properties: Option<&Properties>) -> Self {
        Self::new(properties.and_then(|one| one.write.as_ref()), properties, Guard::default())
    }

    /// These and no others, for everybody.
    pub fn only(names: &[Arc<str>]) -> Self {
        Self { by_rule: Some(vec![(Rule::Default, tree(names))]), guards: Guard::default() }
    }

    fn new(
        lists: Option<&BTreeMap<Arc<str>, Vec<Arc<str>>>>,
        properties: Option<&Properties>,
        mut guards: Guard,
    ) -> Self {
        for (property, scope) in properties.iter().flat_map(|one| &one.scopes) {
            guards.at(property).scope = Some(Arc::clone(scope));
        }
        let by_rule =
            lists.map(|lists| lists.iter().map(|(name, list)| (Rule::of(name), tree(list))).collect());
        Self { by_rule, guards }
    }

    /// Whether there is nothing to keep from anybody.
    pub fn is_free(&self) -> bool {
        self.by_rule.is_none() && self.guards.is_empty()
    }

    pub fn allowance<'a>(&'a self, subject: &'a Subject, owns: bool) -> Allowance<'a> {
        let grants = match &self.by_rule {
            None => vec![Grant::Tree(&EVERY)],
            Some(rules) => {
                let applies = |rule: &Rule| match rule {
                    Rule::Default => true,
                    Rule::Own => owns,
                    Rule::Role(role) => subject.roles.contains(role),
                };
                rules.iter().filter(|(rule, _)| applies(rule)).map(|(_, tree)| Grant::Tree(tree)).collect()
            }
        };
        Allowance { grants, guard: Some(&self.guards), subject }
    }
}

static EVERY: Tree = Tree { whole: false, every: true, members: BTreeMap::new() };

impl<'a> Allowance<'a> {
    /// What is allowed of a member of the object that this stands for.
    pub fn member(&self, name: &str) -> Member<'a> {
        let guard = self.guard.and_then(|guard| guard.member(name));
        let mut grants = Vec::new();
        let mut is_named = false;
        for grant in &self.grants {
            match grant {
                Grant::All => grants.push(Grant::All),
                Grant::Tree(tree) => {
                    if tree.every {
                        grants.push(Grant::Tree(&EVERY));
                    }
                    if let Some(below) = tree.members.get(name) {
                        is_named |= below.whole;
                        if below.whole {
                            grants.push(Grant::All);
                        }
                        // It may name what the whole does not show.
                        grants.push(Grant::Tree(below));
                    }
                }
            }
        }
        if let Some(guard) = guard {
            let has_scope = guard.scope.as_ref().is_none_or(|scope| self.subject.scopes.contains(scope));
            if !has_scope || (guard.sensitive && !is_named) {
                return Member::No;
            }
        }
        if grants.is_empty() {
            return Member::No;
        }
        let is_whole = grants.iter().any(|grant| match grant {
            Grant::All => true,
            Grant::Tree(tree) => tree.every,
        });
        let below = guard.filter(|guard| !guard.members.is_empty());
        if is_whole && below.is_none() {
            return Member::Whole;
        }
        Member::Part(Allowance { grants, guard: below, subject: self.subject })
    }

    /// Whether a rule names what a path leads to, or what holds it; that everything is allowed names nothing.
    pub fn names(&self, path: &Path) -> bool {
        let mut steps = path.steps().iter().filter_map(|step| match step {
            Step::Member(name) => Some(name),
            Step::Each => None,
        });
        let mut trees: Vec<&Tree> = self.grants.iter().filter_map(Grant::tree).collect();
        steps.any(|name| {
            trees = trees.iter().filter_map(|tree| tree.members.get(name)).collect();
            trees.iter().any(|tree| tree.whole)
        })
    }

    /// Whether a value without members may pass here: one that is named only by what is below it may not.
    pub fn passes_scalar(&self) -> bool {
        self.grants.iter().any(|grant| match grant {
            Grant::All => true,
            Grant::Tree(tree) => tree.every,
        })
    }
}

impl Rule {
    fn of(name: &str) -> Self {
        match name {
            "default" => Self::Default,
            "self" => Self::Own,
            role => Self::Role(role.into()),
        }
    }
}

fn tree(list: &[Arc<str>]) -> Tree {
    let mut root = Tree::default();
    for name in list {
        let mut at = &mut root;
        for part in name.split('.') {
            if part == "*" {
                at.every = true;
                break;
            }
            at = at.members.entry(part.into()).or_default();
        }
        if !name.ends_with('*') {
            at.whole = true;
        }
    }
    root
}

impl Guard {
    /// The guard of a property by its dotted name; made when it is not there.
    pub fn at(&mut self, property: &str) -> &mut Self {
        let mut at = self;
        for part in property.split('.') {
            at = at.members.entry(part.into()).or_default();
        }
        at
    }

    /// Of a member under its own name, or one that some service takes for it.
    fn member(&self, name: &str) -> Option<&Self> {
        let of_alike = || self.members.iter().find(|(known, _)| alike(known, name)).map(|(_, guard)| guard);
        self.members.get(name).or_else(of_alike)
    }

    pub fn is_empty(&self) -> bool {
        !self.sensitive && self.scope.is_none() && self.members.values().all(Self::is_empty)
    }
}
