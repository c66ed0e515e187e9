//! What the compiler finds out about the rules of a phase.

use super::classes::classes;
use super::members::asking;
use super::names::NameBits;
use super::trie::{NodeId, Trie};
use super::{Check, Fast};
use crate::ByteSet;
use crate::operator::{Literals, rarest_of_each};
use crate::rule::{Link, Target};
use crate::rule_set::PhaseRules;
use crate::variable::{Selector, Variable};

/// Index of a source of the phase.
pub type SourceId = u16;

/// Values that many rules look at. Members are told apart later; paths into XML are sources of their own.
#[derive(Debug)]
pub struct Source {
    pub variable: Variable,
    pub selector: Selector,
}

/// How the head of a rule is looked at.
#[derive(Debug)]
pub struct Prepared {
    /// Of each target of the rule, with the names that it takes.
    pub sources: Vec<(SourceId, NameBits)>,
    /// Where the rule's text stands in the trie; with multiMatch, every node on the way, the value first.
    pub nodes: Vec<NodeId>,
    /// A value without any of these bytes is the same at every node.
    pub touched: ByteSet,
    /// Class and place in it, for a rule that is searched for.
    pub class: Option<(u16, u16)>,
    /// A text without any of these bytes is not asked about.
    pub needs: ByteSet,
    /// Nor is one that lacks all bytes of one of these sets.
    pub needs_each: Vec<ByteSet>,
    /// A value without any of these bytes is not asked about at any node.
    pub needs_anywhere: ByteSet,
}

/// A rule that is searched for.
pub struct Filtered {
    /// In the phase.
    pub position: usize,
    pub rule: usize,
    pub sources: Vec<SourceId>,
    /// For each source, the one member that is looked at, in lower case; `None` when it may be any.
    pub names: Vec<Option<Vec<u8>>>,
    pub nodes: Vec<NodeId>,
    pub literals: Literals,
    /// A text that lacks all bytes of one of these sets cannot match.
    pub needs: Vec<ByteSet>,
}

pub fn prepare(rules: &PhaseRules<'_>) -> Fast {
    let mut fast = Fast::default();
    let mut filtered = Vec::new();
    for (position, (index, rule)) in rules.each().enumerate() {
        let Some(head) = rule.links.first() else { continue };
        fast.checks.push(number_of(head).unwrap_or(Check::Ask));
        let Some(prepared) = prepare_link(head, &mut fast.sources, &mut fast.trie) else { continue };
        if let Some(literals) = literals_of(head) {
            filtered.push(Filtered {
                position,
                rule: index,
                sources: prepared.sources.iter().map(|(source, _)| *source).collect(),
                names: head.targets.iter().map(name_of).collect(),
                nodes: prepared.nodes.clone(),
                needs: [&[rarest_of_each(&literals.words)], prepared.needs_each.as_slice()].concat(),
                literals,
            });
        }
        if fast.rules.len() <= index {
            fast.rules.resize_with(index + 1, || None);
        }
        if let Some(slot) = fast.rules.get_mut(index) {
            *slot = Some(prepared);
        }
    }
    fast.asking = asking(rules, &mut fast);
    let (classes, places) = classes(rules, &filtered, &fast.trie);
    fast.classes = classes;
    for (rule, (class, place)) in filtered.iter().zip(places) {
        if let Some(Some(prepared)) = fast.rules.get_mut(rule.rule) {
            prepared.class = Some((class, place));
        }
        if let Some(check) = fast.checks.get_mut(rule.position) {
            *check = Check::Words { class, place };
        }
    }
    fast
}

/// For a rule that asks about the number in one TX variable, as it stands, or whether there is one.
fn number_of(link: &Link) -> Option<Check> {
    let (question, [target]) = (link.question.as_ref()?, link.targets.as_slice()) else { return None };
    let (Some(slot), comparison) = (target.slot, question.operator.comparison()?) else { return None };
    // What is captured, left out or transformed is more than the number.
    let is_bare = !link.capture && link.exclusions.is_empty() && link.transformations.is_empty();
    is_bare.then_some(Check::Number { slot, counted: target.counted, comparison, negated: question.negated })
}

/// `None` for a rule that looks at something else than the input, or counts.
fn prepare_link(link: &Link, sources: &mut Vec<Source>, trie: &mut Trie) -> Option<Prepared> {
    let question = link.question.as_ref()?;
    let is_input = |target: &Target| !target.counted && !target.variable.is_kept();
    if link.targets.is_empty() || !link.targets.iter().all(is_input) {
        return None;
    }
    let named = |target: &Target| name_of(target).map_or(NameBits::ALL, |name| NameBits::of(&name));
    let ids = link.targets.iter().map(|target| Some((source(target, sources)?, named(target))));
    let ids = ids.collect::<Option<Vec<_>>>()?;
    let node = trie.insert(&link.transformations)?;
    let nodes =
        if link.multi_match { std::iter::once(0).chain(trie.path(node)).collect() } else { vec![node] };
    let needs = if question.negated { ByteSet::ALL } else { question.operator.needs() };
    let needs_each = if question.negated { Vec::new() } else { question.operator.needs_each().to_vec() };
    let touched = trie.touched(node);
    let needs_anywhere = if touched.is_all() { ByteSet::ALL } else { needs.or(touched) };
    Some(Prepared { sources: ids, nodes, touched, class: None, needs, needs_each, needs_anywhere })
}

/// The one name that a target takes, in lower case.
pub fn name_of(target: &Target) -> Option<Vec<u8>> {
    match &target.selector {
        Selector::Key(name) => Some(name.clone()),
        Selector::All | Selector::Pattern(_) | Selector::Path(_) => None,
    }
}

/// The source of a target, added where it is new.
pub fn source(target: &Target, sources: &mut Vec<Source>) -> Option<SourceId> {
    let path = |selector: &Selector| match selector {
        Selector::Path(path) => Some(path.as_str().to_owned()),
        _ => None,
    };
    let wanted = path(&target.selector);
    let same = |source: &Source| source.variable == target.variable && path(&source.selector) == wanted;
    let index = sources.iter().position(same).unwrap_or_else(|| {
        let selector = if wanted.is_some() { target.selector.clone() } else { Selector::All };
        sources.push(Source { variable: target.variable, selector });
        sources.len() - 1
    });
    SourceId::try_from(index).ok()
}

/// What a value must hold for the rule to match; `None` when that cannot be said.
fn literals_of(link: &Link) -> Option<Literals> {
    let question = link.question.as_ref()?;
    if question.negated || question.argument.is_some() {
        return None;
    }
    let literals = question.operator.literals()?;
    // A word that is empty occurs in everything.
    literals.words.iter().all(|word| !word.is_empty()).then_some(literals)
}
