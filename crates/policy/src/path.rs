//! Where in a JSON document: the part of JSONPath (RFC 9535) that names members and whole arrays, nothing that computes.

use std::fmt;
use std::sync::Arc;

use tape::Node;

/// `$`, `$.a.b`, `$.a[*].b`, `$['a b']`; without `$.` in front it means the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Path {
    text: Arc<str>,
    steps: Arc<[Step]>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    Member(Arc<str>),
    /// `[*]`: each item of an array.
    Each,
}

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    #[error("it is empty")]
    Empty,
    #[error("a name is missing between the dots")]
    NoName,
    #[error("only `[*]` and `['name']` are understood in brackets")]
    Brackets,
}

impl Path {
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(PathFault::Empty);
        }
        let mut rest = match trimmed.strip_prefix('$') {
            Some(rest) => rest.to_owned(),
            None if trimmed.starts_with('[') => trimmed.to_owned(),
            None => format!(".{trimmed}"),
        };
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, tail) = step(&rest)?;
            steps.push(step);
            rest = tail.to_owned();
        }
        Ok(Self { text: trimmed.into(), steps: steps.into() })
    }

    /// `$`.
    pub fn root() -> Self {
        Self { text: "$".into(), steps: Arc::new([]) }
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether it may name several values.
    pub fn is_plural(&self) -> bool {
        self.steps.contains(&Step::Each)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As a JSON Pointer (RFC 6901), down to the first array.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in self.steps.iter() {
            let Step::Member(name) = step else { break };
            crate::written::push(&mut pointer, name);
        }
        pointer
    }

    /// Every value it names, in the order of the document. What is not there is left out.
    pub fn each<'t>(&self, root: Node<'t>) -> Vec<Node<'t>> {
        each(root, &self.steps)
    }

    /// The value, where it names exactly one.
    pub fn one<'t>(&self, root: Node<'t>) -> Option<Node<'t>> {
        let mut node = root;
        for step in self.steps.iter() {
            match step {
                Step::Member(name) => node = node.get(name)?,
                Step::Each => return None,
            }
        }
        Some(node)
    }
}

/// Every value that steps lead to, in the order of the document.
pub(crate) fn each<'t>(root: Node<'t>, steps: &[Step]) -> Vec<Node<'t>> {
    let mut nodes = vec![root];
    for step in steps {
        nodes = match step {
            Step::Member(name) => nodes.into_iter().filter_map(|node| node.get(name)).collect(),
            Step::Each => nodes.into_iter().flat_map(Node::items).collect(),
        };
    }
    nodes
}

fn step(rest: &str) -> Result<(Step, &str), PathFault> {
    if let Some(tail) = rest.strip_prefix("[*]") {
        return Ok((Step::Each, tail));
    }
    for quote in ['\'', '"'] {
        let Some(inner) = rest.strip_prefix('[').and_then(|inner| inner.strip_prefix(quote)) else {
            continue;
        };
        let end = inner.find(quote).ok_or(PathFault::Brackets)?;
        let name = inner.get(..end).unwrap_or_default();
        let tail = inner.get(end + 1..).and_then(|tail| tail.strip_prefix(']')).ok_or(PathFault::Brackets)?;
        return Ok((Step::Member(name.into()), tail));
    }
    let Some(named) = rest.strip_prefix('.') else { return Err(PathFault::Brackets) };
    let end = named.find(['.', '[']).unwrap_or(named.len());
    let (name, tail) = named.split_at_checked(end).unwrap_or((named, ""));
    if name.is_empty() { Err(PathFault::NoName) } else { Ok((Step::Member(name.into()), tail)) }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
