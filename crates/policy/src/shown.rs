//! What of an answer may be shown: cuts that take hidden properties and foreign items out of a document, by its spans.

mod guards;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bytes::Bytes;
use tape::{Kind, Node};

pub use guards::{answered_names, answers_text, guards_of};

use crate::bindings::List;
use crate::declared::Declared;
use crate::path::{Path, Step, each};
use crate::properties::{Allowance, Member};

/// Bytes to be replaced, most often by nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    ranges: Vec<(Range<usize>, Bytes)>,
    /// Properties and items that were taken out.
    pub taken: usize,
}

/// An answer that has not the shape it should have, so that nothing can be said of what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misshapen {
    #[error("there is no array where the list is declared")]
    NoArray,
    #[error("there is no object where one is declared")]
    NoObject,
    #[error("there is no number where the count is declared")]
    NoCount,
    #[error("a name stands there in another spelling")]
    Disguised,
}

impl Cuts {
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The replacements, disjoint: what lies within a part that is taken out as a whole is left out.
    pub fn into_ranges(mut self) -> Vec<(Range<usize>, Bytes)> {
        self.ranges.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        self.ranges.retain(|(range, _)| {
            let is_within = range.end <= end;
            end = end.max(range.end);
            !is_within
        });
        self.ranges
    }

    /// Puts other text in the place of a value.
    pub fn replace(&mut self, node: Node<'_>, with: impl Into<Bytes>) {
        self.ranges.push((node.span(), with.into()));
    }

    /// Takes out of an object, or of each object of an array, what the allowance does not cover.
    pub fn properties(&mut self, node: Node<'_>, allowance: &Allowance<'_>) {
        match node.kind() {
            Kind::Array => node.items().for_each(|item| self.properties(item, allowance)),
            Kind::Object => {
                let mut parts = Parts::default();
                for member in node.members() {
                    let whole = member.key_span().start..member.value.span().end;
                    let keeps = match allowance.member(member.key) {
                        Member::No => false,
                        Member::Whole => true,
                        Member::Part(below) => self.part(member.value, &below),
                    };
                    parts.add(whole, keeps);
                }
                self.take(parts);
            }
            _ => {}
        }
    }

    /// Whether anything of the value may stay.
    fn part(&mut self, value: Node<'_>, below: &Allowance<'_>) -> bool {
        match value.kind() {
            Kind::Object => {
                self.properties(value, below);
                true
            }
            Kind::Array if value.items().all(|item| matches!(item.kind(), Kind::Object | Kind::Array)) => {
                self.properties(value, below);
                true
            }
            Kind::Null => true,
            // A value, or an array that holds some, where only what is below is named.
            _ => below.passes_scalar(),
        }
    }

    /// Takes out the items of an array that are not kept.
    pub fn items(&mut self, array: Node<'_>, keeps: impl Fn(usize, Node<'_>) -> bool) {
        let mut parts = Parts::default();
        for (index, item) in array.items().enumerate() {
            parts.add(item.span(), keeps(index, item));
        }
        self.take(parts);
    }

    /// Takes out the member that a path names, wherever it is there.
    pub fn member(&mut self, root: Node<'_>, path: &Path) {
        let Some((Step::Member(last), above)) = path.steps().split_last() else { return };
        for object in each(root, above) {
            self.members(object, |name, _| name != &**last);
        }
    }

    /// Takes out the members of an object that are not kept.
    pub fn members(&mut self, object: Node<'_>, keeps: impl Fn(&str, Node<'_>) -> bool) {
        let mut parts = Parts::default();
        for member in object.members() {
            parts.add(member.key_span().start..member.value.span().end, keeps(member.key, member.value));
        }
        self.take(parts);
    }

    fn take(&mut self, parts: Parts) {
        self.taken += parts.all.iter().filter(|(_, keeps)| !keeps).count();
        self.ranges.extend(parts.cuts().map(|range| (range, Bytes::new())));
    }
}

/// The parts of an object or an array in their order, each with whether it stays.
#[derive(Debug, Default)]
struct Parts {
    all: Vec<(Range<usize>, bool)>,
}

impl Parts {
    fn add(&mut self, span: Range<usize>, keeps: bool) {
        self.all.push((span, keeps));
    }

    /// What is cut, commas included: with the comma before it after something that stays, else with the one behind it.
    fn cuts(self) -> impl Iterator<Item = Range<usize>> {
        let mut cuts = Vec::new();
        let mut kept_before = false;
        let mut end_before = None;
        for (index, (span, keeps)) in self.all.iter().enumerate() {
            if !keeps {
                let next = self.all.get(index + 1).map(|(next, _)| next.start);
                let cut = match (kept_before, end_before, next) {
                    (true, Some(end), _) => end..span.end,
                    (_, _, Some(next)) => span.start..next,
                    _ => span.clone(),
                };
                cuts.push(cut);
            }
            kept_before |= keeps;
            end_before = Some(span.end);
        }
        cuts.into_iter()
    }
}

/// The arrays whose items a list path names.
///
/// # Errors
/// [`Misshapen::NoArray`] when one of them is something else, or none is there.
pub fn arrays<'t>(root: Node<'t>, items: &Path) -> Result<Vec<Node<'t>>, Misshapen> {
    let Some((Step::Each, above)) = items.steps().split_last() else { return Err(Misshapen::NoArray) };
    let arrays = each(root, above);
    let all_are = arrays.iter().all(|array| array.kind() == Kind::Array);
    // An outer array may well be empty.
    let may_be_none = above.contains(&Step::Each);
    if all_are && (may_be_none || !arrays.is_empty()) { Ok(arrays) } else { Err(Misshapen::NoArray) }
}

/// The objects that a representation's path names; an array there stands for its items.
///
/// # Errors
/// [`Misshapen::NoObject`] when something else stands there. `null` and nothing at all show nothing.
pub fn objects<'t>(root: Node<'t>, at: &Path) -> Result<Vec<Node<'t>>, Misshapen> {
    represented(root, at, None)
}

/// The same of a request, whose author chooses the names: a container in another spelling, which some service would take
/// for this one, is none, and a body that has none at all writes something else than is declared.
///
/// # Errors
/// [`Misshapen::NoObject`] also where nothing stands there; [`Misshapen::Disguised`].
pub fn written_objects<'t>(
    root: Node<'t>,
    at: &Path,
    declared: &Declared<'_>,
) -> Result<Vec<Node<'t>>, Misshapen> {
    represented(root, at, Some(declared))
}

/// With the names that a request may have, where it is one.
fn represented<'t>(
    root: Node<'t>,
    at: &Path,
    written: Option<&Declared<'_>>,
) -> Result<Vec<Node<'t>>, Misshapen> {
    let (mut left, mut may_be_none) = (vec![root], written.is_none() || at.steps().is_empty());
    for (index, step) in at.steps().iter().enumerate() {
        let above = at.steps().get(..index).unwrap_or_default();
        let mut below = Vec::new();
        for node in left {
            match (step, node.kind()) {
                (_, Kind::Null) if written.is_none() => {}
                (Step::Member(name), Kind::Object) => {
                    if written.is_some_and(|declared| declared.disguise(node, above, name).is_some()) {
                        return Err(Misshapen::Disguised);
                    }
                    below.extend(node.get(name).filter(|there| !there.is_null()));
                }
                (Step::Each, Kind::Array) => {
                    may_be_none |= node.is_empty();
                    below.extend(node.items());
                }
                _ => return Err(Misshapen::NoObject),
            }
        }
        left = below;
    }
    if left.is_empty() && !may_be_none { Err(Misshapen::NoObject) } else { within(left) }
}

/// The objects that nodes are, or that stand in their arrays.
fn within(mut left: Vec<Node<'_>>) -> Result<Vec<Node<'_>>, Misshapen> {
    let mut objects = Vec::new();
    left.reverse();
    while let Some(node) = left.pop() {
        match node.kind() {
            Kind::Object => objects.push(node),
            Kind::Null => {}
            Kind::Array => left.extend(node.items().collect::<Vec<_>>().into_iter().rev()),
            _ => return Err(Misshapen::NoObject),
        }
    }
    Ok(objects)
}

/// Takes out the items that `keeps` refuses, makes the count right, and takes out the members that tell of them. The
/// items come in the order of the document.
///
/// # Errors
/// [`Misshapen`] when the answer is not as the list declares it.
pub fn list(root: Node<'_>, list: &List, keeps: &mut dyn FnMut(Node<'_>) -> bool) -> Result<Cuts, Misshapen> {
    let mut cuts = Cuts::default();
    let mut shown = 0usize;
    for array in arrays(root, &list.items)? {
        let verdicts: Vec<bool> = array.items().map(&mut *keeps).collect();
        shown += verdicts.iter().filter(|keeps| **keeps).count();
        cuts.items(array, |index, _| verdicts.get(index).copied().unwrap_or(false));
    }
    if let Some(path) = &list.total
        && let Some(count) = path.one(root)
    {
        if count.kind() != Kind::Number {
            return Err(Misshapen::NoCount);
        }
        if list.filter {
            cuts.replace(count, shown.to_string());
        }
    }
    for path in &list.drop {
        cuts.member(root, path);
    }
    Ok(cuts)
}
