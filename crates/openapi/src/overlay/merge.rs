//! Merges a value into another (Overlay 1.1 section 4.4.3.1): objects member by member, arrays by appending.

use crate::document::{Arena, Data, NodeId};

/// Values that one overlay may add.
pub(super) const VALUES_ADDED_MAX: usize = 1_000_000;
/// Depth of a description once overlays are applied: what reads it recurses.
const DEPTH_MAX: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("the update does not fit what its target matches")]
    Kind,
    #[error("the action would make the description too large or too deep")]
    Growth,
}

/// Updates one matched value, unless the arena would hold more than `values_max` values. What is merged keeps the place where the overlay wrote it.
pub(super) fn update(
    arena: &mut Arena,
    values_max: usize,
    target: NodeId,
    update: NodeId,
) -> Result<(), Fault> {
    let (size, height) = extent(arena, update);
    if arena.len() + size > values_max || depth(arena, target) + height > DEPTH_MAX {
        return Err(Fault::Growth);
    }
    match (arena.data(target), arena.data(update)) {
        (Data::Object(_), Data::Object(_)) => merge(arena, target, update),
        // Overlay 1.0 section 4.4.3: an array as target gets the update as a new entry; two arrays are concatenated.
        (Data::Array(_), Data::Array(_)) => concatenate(arena, target, update),
        (Data::Array(_), _) => {
            let copy = arena.copy(update);
            arena.append(target, copy);
        }
        // Overlay 1.1 lets a primitive be replaced by a primitive.
        (Data::Object(_), _) | (_, Data::Object(_) | Data::Array(_)) => return Err(Fault::Kind),
        _ => replace(arena, target, update),
    }
    Ok(())
}

/// A copy of its own of a value, for [`update`].
pub(super) fn snapshot(arena: &mut Arena, values_max: usize, source: NodeId) -> Result<NodeId, Fault> {
    let (size, _) = extent(arena, source);
    if arena.len() + size > values_max {
        return Err(Fault::Growth);
    }
    Ok(arena.copy(source))
}

/// Recursion is bounded by [`DEPTH_MAX`].
fn merge(arena: &mut Arena, target: NodeId, update: NodeId) {
    for member in arena.members(update).to_vec() {
        let key = arena.text(member.key).to_owned();
        let existing = arena.get(target, &key);
        match existing.map(|id| (id, arena.data(id), arena.data(member.value))) {
            Some((id, Data::Object(_), Data::Object(_))) => merge(arena, id, member.value),
            Some((id, Data::Array(_), Data::Array(_))) => concatenate(arena, id, member.value),
            _ => {
                let copy = arena.copy(member.value);
                arena.put(target, &key, member.key_span, copy);
            }
        }
    }
}

fn concatenate(arena: &mut Arena, target: NodeId, update: NodeId) {
    for item in arena.items(update).to_vec() {
        let copy = arena.copy(item);
        arena.append(target, copy);
    }
}

fn replace(arena: &mut Arena, target: NodeId, update: NodeId) {
    let (data, span) = (arena.data(update).clone(), arena.span(update));
    arena.set(target, data, span);
}

/// How many values stand at and below one, and how many levels.
fn extent(arena: &Arena, id: NodeId) -> (usize, usize) {
    let (mut size, mut height) = (0, 0);
    let mut open = vec![(id, 1)];
    while let Some((at, level)) = open.pop() {
        size += 1;
        height = height.max(level);
        open.extend(arena.items(at).iter().map(|item| (*item, level + 1)));
        open.extend(arena.members(at).iter().map(|member| (member.value, level + 1)));
    }
    (size, height)
}

fn depth(arena: &Arena, id: NodeId) -> usize {
    std::iter::successors(Some(id), |at| arena.parent(*at)).count()
}
