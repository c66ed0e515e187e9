//! XML bodies: the text of elements and the values of attributes. Entities are never expanded and nothing is loaded.

use std::ops::Range;

use roxmltree::ParsingOptions;

use super::Body;
use crate::input::Input;
use crate::variable::{Axis, Test, XPath};

/// Elements, texts and comments of one document; attributes count with their element.
const NODES_MAX: u32 = 100_000;

/// Attributes of one element.
const ATTRIBUTES_MAX: usize = 500;
/// Pairs of attributes that stand in one element, over all elements: readers compare each with all others.
const ATTRIBUTE_PAIRS_MAX: usize = 2_000_000;

/// A document as flat lists, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// All character data, one after another.
    text: Vec<u8>,
    /// Each after its parent.
    elements: Vec<Element>,
    texts: Vec<(usize, Range<usize>)>,
    attributes: Vec<Attribute>,
}

#[derive(Debug)]
struct Element {
    name: String,
    /// `None` for the root.
    parent: Option<usize>,
    depth: u32,
    /// What of the document's text stands inside.
    text: Range<usize>,
}

#[derive(Debug)]
struct Attribute {
    element: usize,
    name: String,
    value: Vec<u8>,
}

pub(super) fn read_body(body: &mut Body, input: &Input) -> Result<(), &'static str> {
    let raw = body.raw.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&body.raw);
    let text = std::str::from_utf8(raw).map_err(|_| "XML: the text is not UTF-8")?;
    let (most, pairs) = attributes_of_one(raw);
    if most > ATTRIBUTES_MAX || pairs > ATTRIBUTE_PAIRS_MAX {
        return Err(crate::body::beyond::XML_ATTRIBUTES);
    }
    // `allow_dtd` is off: a document type with declarations is an error, so no entity of its own can be used.
    let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let tree = roxmltree::Document::parse_with_options(text, options).map_err(|error| words(&error))?;
    let document = body.xml.insert(Document::default());
    document.fill(&tree, input.settings.depth_max)
}

/// The most `=` that stand in one tag outside quotes, and over all tags the pairs of those in one.
fn attributes_of_one(text: &[u8]) -> (usize, usize) {
    let (mut most, mut count, mut pairs) = (0, 0, 0);
    let (mut inside, mut quote) = (false, None);
    for byte in text {
        match (*byte, quote) {
            (byte, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (b'<', None) => (inside, count) = (true, 0),
            (b'>', None) => inside = false,
            (b'"' | b'\'', None) if inside => quote = Some(*byte),
            (b'=', None) if inside => {
                pairs += count;
                count += 1;
            }
            _ => {}
        }
        most = most.max(count);
    }
    (most, pairs)
}

/// What the reader says, in words without content.
fn words(error: &roxmltree::Error) -> &'static str {
    match error {
        roxmltree::Error::DtdDetected => "XML: a document type is not accepted",
        roxmltree::Error::NodesLimitReached => crate::body::beyond::XML_NODES,
        roxmltree::Error::UnknownEntityReference(..) => "XML: an entity is not known",
        roxmltree::Error::DuplicatedAttribute(..) => "XML: an attribute is repeated",
        _ => "XML: the document is not well-formed",
    }
}

impl Document {
    fn fill(&mut self, tree: &roxmltree::Document<'_>, depth_max: u32) -> Result<(), &'static str> {
        // The element of each node that is one, by the node's number.
        let mut known: Vec<Option<usize>> = Vec::new();
        for node in tree.descendants() {
            let parent = node.parent().and_then(|parent| known.get(parent.id().get_usize()).copied()?);
            if node.is_element() {
                let depth = self.element(parent).map_or(1, |parent| parent.depth + 1);
                if depth > depth_max {
                    return Err(crate::body::beyond::XML_DEEP);
                }
                let element = self.elements.len();
                known.resize(node.id().get_usize(), None);
                known.push(Some(element));
                let text = self.text.len()..self.text.len();
                self.elements.push(Element { name: node.tag_name().name().to_owned(), parent, depth, text });
                self.attributes.extend(node.attributes().map(|attribute| Attribute {
                    element,
                    name: attribute.name().to_owned(),
                    value: attribute.value().as_bytes().to_vec(),
                }));
            } else if node.is_text()
                && let (Some(parent), Some(text)) = (parent, node.text())
            {
                let start = self.text.len();
                self.text.extend_from_slice(text.as_bytes());
                self.texts.push((parent, start..self.text.len()));
                self.reach(parent, self.text.len());
            }
        }
        for index in (0..self.elements.len()).rev() {
            if let Some((parent, end)) = self.element(Some(index)).and_then(|e| Some((e.parent?, e.text.end)))
            {
                self.reach(parent, end);
            }
        }
        Ok(())
    }

    fn element(&self, index: Option<usize>) -> Option<&Element> {
        self.elements.get(index?)
    }

    /// The element's text goes up to `end`, or further.
    fn reach(&mut self, element: usize, end: usize) {
        if let Some(element) = self.elements.get_mut(element) {
            element.text.end = element.text.end.max(end);
        }
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Gives every value that the path takes, with the name it goes by: the path for the two that rules are full of,
    /// else that of the element or attribute.
    pub(crate) fn each<'a>(&'a self, path: &XPath, f: &mut dyn FnMut(&'a [u8], &'a [u8])) {
        match path.as_str() {
            "/*" => self.elements.first().into_iter().for_each(|root| f(b"/*", self.slice(&root.text))),
            "//@*" => self.attributes.iter().for_each(|attribute| f(b"//@*", &attribute.value)),
            _ => self.walk(path, f),
        }
    }

    /// Follows all steps at once: a bit set of the steps that may come next, for each element.
    fn walk<'a>(&'a self, path: &XPath, f: &mut dyn FnMut(&'a [u8], &'a [u8])) {
        let last = path.steps.len() - 1;
        let mut next: Vec<u32> = Vec::with_capacity(self.elements.len());
        for element in &self.elements {
            let waiting = element.parent.and_then(|parent| next.get(parent).copied()).unwrap_or(1);
            let mut now = 0;
            for (at, (axis, test)) in path.steps.iter().enumerate().filter(|(at, _)| waiting >> at & 1 == 1) {
                if *axis == Axis::Descendant {
                    now |= 1 << at;
                }
                if matches!(test, Test::Element(name) if is(name.as_deref(), &element.name)) {
                    if at == last {
                        f(element.name.as_bytes(), self.slice(&element.text));
                    } else {
                        now |= 1 << (at + 1);
                    }
                }
            }
            next.push(now);
        }
        let waits = |element: usize| next.get(element).is_some_and(|now| now >> last & 1 == 1);
        match path.steps.last() {
            Some((_, Test::Attribute(name))) => {
                for attribute in &self.attributes {
                    if waits(attribute.element) && is(name.as_deref(), &attribute.name) {
                        f(attribute.name.as_bytes(), &attribute.value);
                    }
                }
            }
            Some((_, Test::Text)) => {
                for (element, text) in self.texts.iter().filter(|(element, _)| waits(*element)) {
                    let name = self.elements.get(*element).map_or("", |element| &element.name);
                    f(name.as_bytes(), self.slice(text));
                }
            }
            _ => {}
        }
    }
}

fn is(wanted: Option<&str>, name: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == name)
}

#[cfg(test)]
mod tests;
