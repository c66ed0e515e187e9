//! Runs a query over a document, with counted fuel.

use super::compare::{holds, matches};
use super::{Fault, Logical, Nested, Query, Segment, Selector};
use crate::document::{Arena, NodeId, Seen};

/// Steps of one query. `$..*` over a description of a million values takes two million steps.
const FUEL: u64 = 10_000_000;

pub(super) fn run(query: &Query, arena: &Arena, root: NodeId) -> Result<Vec<NodeId>, Fault> {
    let mut run = Run { arena, root, fuel: FUEL };
    let mut selected = run.segments(&query.segments, vec![root])?;
    let mut seen = Seen::default();
    selected.retain(|id| seen.insert(*id));
    Ok(selected)
}

pub(super) struct Run<'a> {
    pub(super) arena: &'a Arena,
    root: NodeId,
    fuel: u64,
}

impl Run<'_> {
    fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        self.fuel =
            self.fuel.checked_sub(steps as u64 + 1).ok_or(Fault { at: 0, why: "it takes too many steps" })?;
        Ok(())
    }

    fn segments(&mut self, segments: &[Segment], start: Vec<NodeId>) -> Result<Vec<NodeId>, Fault> {
        let mut selected = start;
        for segment in segments {
            let mut next = Vec::new();
            for id in selected {
                if segment.descendant {
                    self.descend(segment, id, &mut next)?;
                } else {
                    self.select(segment, id, &mut next)?;
                }
            }
            selected = next;
        }
        Ok(selected)
    }

    /// Every value at and below, parents before children (RFC 9535 section 2.5.2.2).
    fn descend(&mut self, segment: &Segment, id: NodeId, next: &mut Vec<NodeId>) -> Result<(), Fault> {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            self.select(segment, id, next)?;
            let mut children = self.children(id);
            children.reverse();
            open.append(&mut children);
        }
        Ok(())
    }

    fn children(&self, id: NodeId) -> Vec<NodeId> {
        let members = self.arena.members(id).iter().map(|member| member.value);
        self.arena.items(id).iter().copied().chain(members).collect()
    }

    fn select(&mut self, segment: &Segment, id: NodeId, next: &mut Vec<NodeId>) -> Result<(), Fault> {
        for selector in &segment.selectors {
            self.spend(1)?;
            match selector {
                Selector::Name(name) => {
                    self.spend(self.arena.members(id).len() / 8)?;
                    next.extend(self.arena.get(id, name));
                }
                Selector::Wildcard => {
                    let children = self.children(id);
                    self.spend(children.len())?;
                    next.extend(children);
                }
                Selector::Index(at) => next.extend(index(self.arena.items(id), *at)),
                Selector::Slice { start, end, step } => {
                    let items = self.arena.items(id);
                    next.extend(slice(items, *start, *end, *step));
                    self.spend(self.arena.items(id).len())?;
                }
                Selector::Filter(logical) => {
                    for child in self.children(id) {
                        if self.test(logical, child)? {
                            next.push(child);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn test(&mut self, logical: &Logical, at: NodeId) -> Result<bool, Fault> {
        self.spend(1)?;
        match logical {
            Logical::Any(any) => {
                for one in any {
                    if self.test(one, at)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Logical::All(all) => {
                for one in all {
                    if !self.test(one, at)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Logical::Not(inner) => Ok(!self.test(inner, at)?),
            Logical::Exists(query) => Ok(!self.nested(query, at)?.is_empty()),
            Logical::Compare(left, comparison, right) => {
                let (left, right) = (self.operand(left, at)?, self.operand(right, at)?);
                Ok(holds(self.arena, &left, *comparison, &right))
            }
            Logical::Matches { whole, text, pattern } => {
                let (text, pattern) = (self.operand(text, at)?, self.operand(pattern, at)?);
                Ok(matches(&text, &pattern, *whole))
            }
        }
    }

    pub(super) fn nested(&mut self, query: &Nested, at: NodeId) -> Result<Vec<NodeId>, Fault> {
        let start = if query.from_root { self.root } else { at };
        self.segments(&query.segments, vec![start])
    }
}

fn index(items: &[NodeId], at: i64) -> Option<NodeId> {
    let len = i64::try_from(items.len()).ok()?;
    let at = if at < 0 { len.checked_add(at)? } else { at };
    items.get(usize::try_from(at).ok()?).copied()
}

/// RFC 9535 section 2.3.4.2.2.
fn slice(items: &[NodeId], start: Option<i64>, end: Option<i64>, step: i64) -> Vec<NodeId> {
    let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let normal = |at: i64| if at < 0 { len + at } else { at };
    let mut selected = Vec::new();
    if step > 0 {
        let mut at = normal(start.unwrap_or(0)).clamp(0, len);
        let upper = normal(end.unwrap_or(len)).clamp(0, len);
        while at < upper {
            selected.extend(index(items, at));
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let mut at = start.map_or(len - 1, normal).clamp(-1, len - 1);
        let lower = end.map_or(-1, |end| normal(end).clamp(-1, len - 1));
        while at > lower {
            selected.extend(index(items, at));
            at = at.saturating_add(step);
        }
    }
    selected
}
