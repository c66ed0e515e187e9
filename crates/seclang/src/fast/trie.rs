//! The transformations of all rules of a phase as one trie: what begins alike is done once.

use super::steps::Steps;
use crate::ByteSet;
use crate::transformation::{TRANSFORMATIONS, Transformation};

/// A node of the trie; 0 is the value as it is.
pub type NodeId = u16;

/// The most nodes. Rules beyond go without the fast path.
const NODES_MAX: usize = 4_096;
/// The most transformations of one rule, which goes without likewise beyond: a walk is one call deeper a step.
pub const DEPTH_MAX: usize = 100;

#[derive(Debug)]
pub struct Trie {
    nodes: Vec<Node>,
}

/// A transformation, as its place in the list of all: the same in every trie.
pub type Step = u16;

#[derive(Debug, Clone, Copy)]
pub struct Node {
    pub parent: NodeId,
    /// The transformation that leads here from the parent.
    pub step: Step,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node { parent: 0, step: Step::MAX }] }
    }
}

impl Trie {
    /// The node after these transformations; `None` when they are too many.
    pub fn insert(&mut self, transformations: &[&'static Transformation]) -> Option<NodeId> {
        if transformations.len() > DEPTH_MAX {
            return None;
        }
        let mut node = 0;
        for transformation in transformations {
            let step = step_of(transformation)?;
            node = match self.child(node, step) {
                Some(child) => child,
                None if self.nodes.len() >= NODES_MAX => return None,
                None => {
                    self.nodes.push(Node { parent: node, step });
                    NodeId::try_from(self.nodes.len() - 1).ok()?
                }
            };
        }
        Some(node)
    }

    fn child(&self, parent: NodeId, step: Step) -> Option<NodeId> {
        let found = self.nodes.iter().position(|node| node.parent == parent && node.step == step)?;
        NodeId::try_from(found).ok()
    }

    pub fn node(&self, node: NodeId) -> Node {
        self.nodes.get(usize::from(node)).copied().unwrap_or(Node { parent: 0, step: Step::MAX })
    }

    /// From the value to the node, the value left out.
    pub fn path(&self, node: NodeId) -> Vec<NodeId> {
        let mut path = Vec::new();
        let mut at = node;
        while at != 0 {
            path.push(at);
            at = self.node(at).parent;
        }
        path.reverse();
        path
    }

    /// The bytes that the step to `node` touches.
    pub fn touches(&self, node: NodeId) -> ByteSet {
        transformation(self.node(node).step).map_or(ByteSet::NONE, |known| known.touches)
    }

    /// The fewest bytes at the parent of `node` that can become so many there.
    pub fn least_for(&self, node: NodeId, bytes: usize) -> usize {
        transformation(self.node(node).step).map_or(bytes, |known| known.least_for(bytes))
    }

    /// The step to `node` as a set.
    pub fn step(&self, node: NodeId) -> Steps {
        Steps::one(self.node(node).step)
    }

    /// The same where only a search without regard to case follows.
    pub fn step_to_search(&self, node: NodeId) -> Steps {
        self.step(node).to_search()
    }

    /// The bytes that any transformation on the way to `node` touches; `ALL` if one always has to be run.
    pub fn touched(&self, node: NodeId) -> ByteSet {
        self.path(node).into_iter().fold(ByteSet::NONE, |set, node| set.or(self.touches(node)))
    }

    /// The node to search instead: without a `lowercase` (or `uppercase`) at its end, which a search without regard to
    /// case cannot see.
    pub fn searched(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while at != 0 {
            let Node { parent, step } = self.node(at);
            match transformation(step).map(|transformation| transformation.name) {
                Some("lowercase" | "uppercase" | "none") => at = parent,
                _ => break,
            }
        }
        at
    }
}

fn step_of(transformation: &Transformation) -> Option<Step> {
    let place = TRANSFORMATIONS.iter().position(|known| known.name == transformation.name)?;
    Step::try_from(place).ok()
}

pub fn transformation(step: Step) -> Option<&'static Transformation> {
    TRANSFORMATIONS.get(usize::from(step)).copied()
}
