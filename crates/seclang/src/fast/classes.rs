//! Which rules are searched for together.
//!
//! Rule sets leave out whole stretches by `skipAfter` (those of a higher paranoia level, say), and what is left out is
//! not to be searched for. So rules are put together by the jumps that lead over them: a class is searched for when the
//! first of its rules is run. Within that, rules that look at what most rules look at are kept apart from the others,
//! so that long lists of file names are not searched for in arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::prepare::{Filtered, SourceId};
use super::scan::{Bits, CLASS_RULES_MAX, Scan};
use super::trie::{Node, NodeId, Trie};
use crate::ByteSet;
use crate::rule_set::PhaseRules;

/// Classes beyond are joined with the last one: a rule set with very many different jumps gains less.
const CLASSES_MAX: usize = 64;

/// Rules that are searched for together.
#[derive(Debug)]
pub struct Class {
    pub scan: Scan,
    /// What they look at.
    pub looks: Vec<Look>,
}

/// How the rules of a class look at one source.
#[derive(Debug)]
pub struct Look {
    pub source: SourceId,
    /// Where in the trie, with what lies on the way there: parents first, the value itself first of all.
    pub stops: Vec<Stop>,
    /// A value without any of these bytes is the same at every stop that is not `always`.
    pub touched: ByteSet,
    /// The rules that look at stops that are not `always`.
    pub calm: Bits,
    /// Whether there are stops that are `always`.
    pub restless: bool,
}

/// One node of the trie that a look passes.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub node: NodeId,
    /// Its parent's place among the stops.
    pub parent: usize,
    /// What the transformation that leads here touches.
    pub touches: ByteSet,
    /// The rules that look here.
    pub looking: Bits,
    /// A transformation on the way has to be run on whatever there is.
    pub always: bool,
}

/// The classes, and each rule's class and place in it (in the order of `filtered`).
pub fn classes(rules: &PhaseRules<'_>, filtered: &[Filtered], trie: &Trie) -> (Vec<Class>, Vec<(u16, u16)>) {
    let over = jumps_over(rules);
    let wide = most_used(filtered);
    let mut groups: BTreeMap<(Vec<usize>, bool), Vec<usize>> = BTreeMap::new();
    for (number, rule) in filtered.iter().enumerate() {
        let looks_wide = wide.is_some_and(|wide| rule.sources.contains(&wide));
        let jumps = over.get(rule.position).cloned().unwrap_or_default();
        let mut key = (jumps, looks_wide);
        if !groups.contains_key(&key) && groups.len() >= CLASSES_MAX {
            key = groups.keys().next_back().cloned().unwrap_or_default();
        }
        groups.entry(key).or_default().push(number);
    }
    let mut classes = Vec::new();
    let mut places = vec![(0, 0); filtered.len()];
    for group in groups.into_values() {
        for members in group.chunks(CLASS_RULES_MAX) {
            let class = u16::try_from(classes.len()).unwrap_or(u16::MAX);
            for (bit, number) in members.iter().enumerate() {
                if let Some(place) = places.get_mut(*number) {
                    *place = (class, u16::try_from(bit).unwrap_or(u16::MAX));
                }
            }
            let members: Vec<&Filtered> = members.iter().filter_map(|number| filtered.get(*number)).collect();
            classes.push(class_of(&members, trie));
        }
    }
    (classes, places)
}

fn class_of(members: &[&Filtered], trie: &Trie) -> Class {
    let words: Vec<_> = members.iter().map(|rule| Some(rule.literals.clone())).collect();
    let mut sources: BTreeMap<SourceId, BTreeMap<NodeId, Bits>> = BTreeMap::new();
    for (bit, rule) in members.iter().enumerate() {
        for source in &rule.sources {
            let nodes = sources.entry(*source).or_default();
            for node in &rule.nodes {
                nodes.entry(trie.searched(*node)).or_default().insert(bit);
            }
        }
    }
    let looks = sources.into_iter().map(|(source, nodes)| look(source, &nodes, trie)).collect();
    Class { scan: Scan::new(&words), looks }
}

fn look(source: SourceId, nodes: &BTreeMap<NodeId, Bits>, trie: &Trie) -> Look {
    let stops = stops(nodes, trie);
    let mut calm = Bits::default();
    let mut touched = ByteSet::NONE;
    for stop in stops.iter().filter(|stop| !stop.always) {
        calm.or(&stop.looking);
        touched = touched.or(stop.touches);
    }
    Look { source, restless: stops.iter().any(|stop| stop.always), stops, touched, calm }
}

/// The nodes and all that lies on the way to them.
fn stops(looking: &BTreeMap<NodeId, Bits>, trie: &Trie) -> Vec<Stop> {
    let mut passed: BTreeSet<NodeId> = BTreeSet::from([0]);
    passed.extend(looking.keys().flat_map(|node| trie.path(*node)));
    // Parents have lower numbers than their children.
    let passed: Vec<NodeId> = passed.into_iter().collect();
    let stop = |node: &NodeId| {
        let Node { parent, step } = trie.node(*node);
        Stop {
            node: *node,
            touches: trie.transformation(step).map_or(ByteSet::NONE, |transformation| transformation.touches),
            parent: passed.binary_search(&parent).unwrap_or(0),
            looking: looking.get(node).copied().unwrap_or_default(),
            always: trie.touched(*node).is_all(),
        }
    };
    passed.iter().map(stop).collect()
}

/// For each position of the phase, which different jumps lead over it. Jumps on the same condition are the same.
fn jumps_over(rules: &PhaseRules<'_>) -> Vec<Vec<usize>> {
    let mut conditions: Vec<String> = Vec::new();
    let mut over: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); rules.len()];
    for (position, (_, rule)) in rules.each().enumerate() {
        let (Some(to), [head]) = (rule.skip_to, rule.links.as_slice()) else { continue };
        let Some(question) = &head.question else { continue };
        let condition = format!("{:?} {} {}", head.targets, question.negated, question.text);
        let number = conditions.iter().position(|known| *known == condition).unwrap_or_else(|| {
            conditions.push(condition);
            conditions.len() - 1
        });
        for jumps in over.iter_mut().take(to).skip(position + 1) {
            jumps.insert(number);
        }
    }
    over.into_iter().map(|jumps| jumps.into_iter().collect()).collect()
}

/// What most rules look at.
fn most_used(filtered: &[Filtered]) -> Option<SourceId> {
    let mut counts: BTreeMap<SourceId, usize> = BTreeMap::new();
    for source in filtered.iter().flat_map(|rule| &rule.sources) {
        *counts.entry(*source).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(source, _)| source)
}
