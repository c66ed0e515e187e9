//! Which rules are searched for together.
//!
//! Rule sets leave out whole stretches by `skipAfter` (those of a higher paranoia level, say), and what is left out is
//! not to be searched for. So rules are put together by the jumps that lead over them: a class is searched for when the
//! first of its rules is run. Within that, rules that look at what most rules look at are kept apart from the others,
//! so that long lists of file names are not searched for in arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::prepare::{Filtered, SourceId};
use super::scan::{Bits, CLASS_RULES_MAX, Scan};
use super::steps::Steps;
use super::takers::Takers;
use super::trie::{NodeId, Trie};
use crate::rule_set::PhaseRules;

/// Classes beyond are joined with the last one: a rule set with very many different jumps gains less.
const CLASSES_MAX: usize = 64;

/// Rules that are searched for together.
#[derive(Debug)]
pub struct Class {
    pub scan: Scan,
    /// Where each of them stands in the phase.
    pub positions: Vec<usize>,
    /// What they look at.
    pub looks: Vec<Look>,
}

/// How the rules of a class look at one source.
#[derive(Debug)]
pub struct Look {
    /// Unique among the looks of a rule set.
    pub number: usize,
    pub source: SourceId,
    /// Which of them take which member.
    pub takers: Takers,
    /// Where in the trie, with what lies on the way there: the value itself, and behind every stop those below it.
    pub stops: Vec<Stop>,
}

impl Look {
    /// What of these steps is on the way of the look.
    pub fn touching(&self, steps: Steps) -> Steps {
        self.stops.first().map_or(Steps::NONE, |value| steps.and(value.steps_below))
    }
}

/// One node of the trie that a look passes.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub node: NodeId,
    /// Steps from the value.
    pub depth: usize,
    /// The transformation that leads here.
    pub step: Steps,
    /// The rules that look here.
    pub looking: Bits,
    /// A text that none of these can change is the same at every stop below.
    pub steps_below: Steps,
    /// The rules that look here or below.
    pub looking_below: Bits,
    /// The place of the first stop that is not below.
    pub end: usize,
    /// The fewest bytes of a text in front of the step of which a rule here or below can match what it becomes.
    pub least: usize,
}

/// The rules that look at a node, and the bytes of the shortest word that any of them requires.
#[derive(Debug, Clone, Copy)]
struct Looking {
    rules: Bits,
    least: usize,
}

impl Default for Looking {
    fn default() -> Self {
        Self { rules: Bits::default(), least: usize::MAX }
    }
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
    let mut sources: BTreeMap<SourceId, (Takers, BTreeMap<NodeId, Looking>)> = BTreeMap::new();
    for (bit, rule) in members.iter().enumerate() {
        for (source, name) in rule.sources.iter().zip(&rule.names) {
            let (takers, nodes) = sources.entry(*source).or_default();
            takers.insert(name.as_deref(), bit);
            for node in &rule.nodes {
                let looking = nodes.entry(trie.searched(*node)).or_default();
                looking.rules.insert(bit);
                let shortest = rule.literals.words.iter().map(Vec::len).min();
                looking.least = looking.least.min(shortest.unwrap_or(0));
            }
        }
    }
    let look = |(source, (takers, nodes))| Look { number: 0, source, takers, stops: stops(&nodes, trie) };
    let looks = sources.into_iter().map(look).collect();
    let positions = members.iter().map(|rule| rule.position).collect();
    let needs = members.iter().map(|rule| rule.needs.clone()).collect();
    Class { scan: Scan::new(&words, needs), positions, looks }
}

/// The nodes and all that lies on the way to them.
fn stops(looking: &BTreeMap<NodeId, Looking>, trie: &Trie) -> Vec<Stop> {
    let mut passed: BTreeSet<NodeId> = looking.keys().flat_map(|node| trie.path(*node)).collect();
    passed.insert(0);
    let mut stops = Vec::new();
    stop((0, 0), &passed, looking, trie, &mut stops);
    stops
}

/// Adds a node and those below it; the trie is as deep as a rule has transformations. Gives the steps to the node and
/// below, the rules that look there, and the fewest bytes of a text that they can match.
fn stop(
    (node, depth): (NodeId, usize),
    passed: &BTreeSet<NodeId>,
    looking: &BTreeMap<NodeId, Looking>,
    trie: &Trie,
    stops: &mut Vec<Stop>,
) -> (Steps, Bits, usize) {
    let place = stops.len();
    let Looking { rules: own, mut least } = looking.get(&node).copied().unwrap_or_default();
    let mut here = Stop {
        node,
        depth,
        step: trie.step(node),
        looking: own,
        steps_below: Steps::NONE,
        looking_below: own,
        end: 0,
        least: 0,
    };
    stops.push(here);
    for below in passed.iter().filter(|below| **below != 0 && trie.node(**below).parent == node) {
        let (steps, rules, own_least) = stop((*below, depth + 1), passed, looking, trie, stops);
        here.steps_below = here.steps_below.or(steps);
        here.looking_below.or(&rules);
        least = least.min(own_least);
    }
    here.end = stops.len();
    here.least = trie.least_for(node, least);
    if here.end == place + 1 {
        here.step = trie.step_to_search(node);
    }
    if let Some(slot) = stops.get_mut(place) {
        *slot = here;
    }
    (here.step.or(here.steps_below), here.looking_below, here.least)
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
