//! From a method and a path to the operation that is declared for them.

mod lenient;
mod template;

use std::fmt;
use std::sync::Arc;

use crate::parameter::{Form, Style};
use crate::parameters::{decode_path, keeps_encoding};
use crate::{Location, NormalPath, Operation, Parameter};
use template::{Segment, Template};

/// Segments that a path has without much ado.
const SEGMENTS_FEW: usize = 8;

/// The templates of a description, as a tree of their segments.
///
/// In each segment a literal goes before a template, and a template with more literal characters before one with
/// fewer (`{id}.json` before `{id}`); where that leads nowhere, the next is tried. Slashes at the end count, and so
/// does case. The first template that fits the path is the path's: a method that it lacks is not looked for in
/// others, because an upstream would not look either. A value that some upstream takes for a literal that stands in its
/// place, as `EXPORT`, `export;x` or `export.json` for `export`, is no value: it would reach another operation there.
#[derive(Default)]
pub struct Router {
    nodes: Vec<Step>,
    leaves: Vec<Leaf>,
}

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Match<'r> {
    Operation {
        operation: &'r Arc<Operation>,
        /// The template's names in order, with their values decoded. A value that is declared as an array or object,
        /// or with the style `label` or `matrix`, keeps its escapes: its delimiters are not its data.
        values: Vec<(Arc<str>, String)>,
    },
    /// The path is declared, the method is not.
    Method {
        /// Sorted.
        allow: Vec<String>,
        template: Arc<str>,
    },
    None,
}

/// One place in the tree: what may follow.
#[derive(Default)]
struct Step {
    /// Sorted when all are in.
    literals: Vec<(Box<str>, usize)>,
    /// The most literal ones first.
    patterns: Vec<(Vec<template::Piece>, usize)>,
    leaf: Option<usize>,
}

/// Where templates end that differ at most in the names of their parameters.
#[derive(Default)]
struct Leaf {
    operations: Vec<(Arc<Operation>, Vec<Name>)>,
}

/// A template's parameter.
struct Name {
    name: Arc<str>,
    matrix: bool,
    /// See [`Match::Operation`].
    encoded: bool,
}

impl Name {
    fn new(name: Arc<str>, operation: &Operation) -> Self {
        let declared = operation.parameters.iter().find(|p| p.location == Location::Path && p.name == name);
        let matrix =
            |parameter: &Parameter| matches!(&parameter.form, Form::Styled { style: Style::Matrix, .. });
        Self { name, matrix: declared.is_some_and(matrix), encoded: declared.is_some_and(keeps_encoding) }
    }

    fn value(&self, raw: &str) -> (Arc<str>, String) {
        let value = if self.encoded { raw.to_owned() } else { decode_path(raw) };
        (Arc::clone(&self.name), value)
    }
}

impl Router {
    /// Of two operations with one method and one path, the first counts. A template that no path in normal form can
    /// match, such as one with an escaped slash, leads nowhere.
    pub fn new(operations: &[Arc<Operation>]) -> Self {
        let mut router = Self { nodes: vec![Step::default()], leaves: Vec::new() };
        for operation in operations {
            if let Some(template) = Template::parse(&operation.template) {
                router.insert(template, operation);
            }
        }
        for step in &mut router.nodes {
            step.literals.sort_unstable();
            step.patterns.sort_by_key(|(pieces, _)| std::cmp::Reverse(template::weight(pieces)));
        }
        router
    }

    pub fn find(&self, method: &str, path: &NormalPath) -> Match<'_> {
        // Most paths have few segments, and need no memory of their own for them.
        let (mut few, mut count) = ([""; SEGMENTS_FEW], 0);
        for segment in path.segments() {
            if let Some(place) = few.get_mut(count) {
                *place = segment;
            }
            count += 1;
        }
        let many: Vec<&str>;
        let segments = match few.get(..count) {
            Some(few) => few,
            None => {
                many = path.segments().collect();
                &many
            }
        };
        let mut values = Vec::new();
        let Some(leaf) = self.descend(0, segments, &mut values).and_then(|leaf| self.leaves.get(leaf)) else {
            return Match::None;
        };
        let has_matrix = path.has_matrix();
        let fits =
            |(_, names): &&(Arc<Operation>, Vec<Name>)| !has_matrix || matrix_is_declared(names, &values);
        let mut fitting = leaf.operations.iter().filter(fits);
        if let Some((operation, names)) = fitting.clone().find(|(operation, _)| operation.method == method) {
            let values = names.iter().zip(&values).map(|(name, raw)| name.value(raw)).collect();
            return Match::Operation { operation, values };
        }
        let mut allow: Vec<_> = fitting.clone().map(|(operation, _)| operation.method.clone()).collect();
        allow.sort_unstable();
        match fitting.next() {
            Some((first, _)) => Match::Method { allow, template: Arc::clone(&first.template) },
            None => Match::None,
        }
    }

    fn insert(&mut self, template: Template, operation: &Arc<Operation>) {
        let mut at = 0;
        let mut names = Vec::new();
        for segment in template.segments {
            at = match segment {
                Segment::Literal(text) => self.literal(at, text),
                Segment::Pattern(pieces, found) => {
                    names.extend(found);
                    self.pattern(at, pieces)
                }
            };
        }
        let count = self.leaves.len();
        let Some(step) = self.nodes.get_mut(at) else { return };
        let leaf = *step.leaf.get_or_insert(count);
        if leaf == count {
            self.leaves.push(Leaf::default());
        }
        if let Some(leaf) = self.leaves.get_mut(leaf)
            && !leaf.operations.iter().any(|(known, _)| known.method == operation.method)
        {
            let names = names.into_iter().map(|name| Name::new(name, operation)).collect();
            leaf.operations.push((Arc::clone(operation), names));
        }
    }

    fn literal(&mut self, at: usize, text: String) -> usize {
        let count = self.nodes.len();
        let next = self.nodes.get_mut(at).map(|step| {
            if let Some((_, next)) = step.literals.iter().find(|(known, _)| **known == *text) {
                return *next;
            }
            step.literals.push((text.into(), count));
            count
        });
        self.grow(next, count)
    }

    fn pattern(&mut self, at: usize, pieces: Vec<template::Piece>) -> usize {
        let count = self.nodes.len();
        let next = self.nodes.get_mut(at).map(|step| {
            if let Some((_, next)) = step.patterns.iter().find(|(known, _)| *known == pieces) {
                return *next;
            }
            step.patterns.push((pieces, count));
            count
        });
        self.grow(next, count)
    }

    fn grow(&mut self, next: Option<usize>, count: usize) -> usize {
        let next = next.unwrap_or(count);
        if next == count {
            self.nodes.push(Step::default());
        }
        next
    }

    /// Finds the leaf for the rest of a path. The tree is entered at each place once at most, and is as deep as the
    /// longest template, so neither time nor stack depend on the path.
    fn descend<'p>(&self, at: usize, segments: &[&'p str], values: &mut Vec<&'p str>) -> Option<usize> {
        let step = self.nodes.get(at)?;
        let Some((segment, rest)) = segments.split_first() else { return step.leaf };
        let literal = step.literals.binary_search_by(|(known, _)| (**known).cmp(*segment));
        if let Some((_, next)) = literal.ok().and_then(|at| step.literals.get(at))
            && let Some(leaf) = self.descend(*next, rest, values)
        {
            return Some(leaf);
        }
        let by_literal =
            |(text, next): &(Box<str>, usize)| lenient::reads(segment, text) && self.reaches(*next, rest);
        let before = values.len();
        for (pieces, next) in &step.patterns {
            // A pattern with text of its own says itself what it stands for; a bare value stands for anything.
            if **pieces == [template::Piece::Value] && step.literals.iter().any(by_literal) {
                return None;
            }
            if template::matches(pieces, segment, values)
                && let Some(leaf) = self.descend(*next, rest, values)
            {
                return Some(leaf);
            }
            values.truncate(before);
        }
        None
    }

    /// Whether a service that reads literals leniently finds something for the rest of a path.
    fn reaches(&self, at: usize, segments: &[&str]) -> bool {
        let Some(step) = self.nodes.get(at) else { return false };
        let Some((segment, rest)) = segments.split_first() else { return step.leaf.is_some() };
        let by_literal =
            |(text, next): &(Box<str>, usize)| lenient::reads(segment, text) && self.reaches(*next, rest);
        let by_pattern = |(pieces, next): &(Vec<template::Piece>, usize)| {
            template::matches(pieces, segment, &mut Vec::new()) && self.reaches(*next, rest)
        };
        step.literals.iter().any(by_literal) || step.patterns.iter().any(by_pattern)
    }
}

/// Whether each value with a `;` is a parameter's whose style writes one.
fn matrix_is_declared(names: &[Name], values: &[&str]) -> bool {
    names.iter().zip(values).all(|(name, value)| name.matrix || !value.contains(';'))
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Router({} templates)", self.leaves.len())
    }
}

#[cfg(test)]
mod tests;
