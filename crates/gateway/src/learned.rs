//! What was learned from answers to creations: whose an object is, because we saw it being made.
//!
//! A hint with bounds: objects that are older than this process are not in it, ids that are deleted are forgotten, and
//! the oldest give way to new ones.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::objects::ObjectKey;

/// Principals that they belong to at most.
pub const PRINCIPALS_MAX: usize = 1_000_000;

/// Whose an object is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Owner {
    /// Whose name the subject is: see `policy::bindings::Principals::space`.
    pub space: Arc<str>,
    pub subject: Arc<str>,
    pub tenant: Arc<str>,
}

pub struct Learned {
    objects_max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The owner's number, and when it was learned, by count.
    objects: HashMap<ObjectKey, (u32, u32)>,
    /// In the order of learning. Who was forgotten or learned anew in between is told by the count.
    order: VecDeque<(ObjectKey, u32)>,
    count: u32,
    owners: HashMap<Owner, u32>,
    /// By number: the owner, and how many objects are theirs.
    names: Vec<Option<(Owner, u32)>>,
    free: Vec<u32>,
    /// Whose names may be changing, and objects whose ids may be, by how many requests under way.
    doubted_owners: HashMap<Owner, u32>,
    doubted_objects: HashMap<ObjectKey, u32>,
}

impl Learned {
    pub fn new(objects_max: usize) -> Self {
        Self { objects_max, state: Mutex::default() }
    }

    pub fn objects_max(&self) -> usize {
        self.objects_max
    }

    pub fn owner(&self, object: ObjectKey) -> Option<Owner> {
        let state = self.state();
        let is_doubted = |owner: &Owner| {
            state.doubted_objects.contains_key(&object) || state.doubted_owners.contains_key(owner)
        };
        state.owner(object).filter(|owner| !is_doubted(owner)).cloned()
    }

    /// What was another's is nobody's from then on: one of the two was wrong.
    pub fn learn(&self, object: ObjectKey, owner: Owner) {
        let mut state = self.state();
        let other = state.owner(object).is_some_and(|known| *known != owner);
        state.forget(object);
        if other {
            return;
        }
        while state.objects.len() >= self.objects_max {
            if !state.forget_oldest() {
                return;
            }
        }
        let Some(number) = state.number(owner) else { return };
        state.count = state.count.wrapping_add(1);
        let count = state.count;
        state.objects.insert(object, (number, count));
        state.order.push_back((object, count));
        if state.order.len() > state.objects.len().saturating_mul(2) + 64 {
            state.tidy();
        }
    }

    pub fn forget(&self, object: ObjectKey) {
        self.state().forget(object);
    }

    /// Everything of somebody who has another name from then on: whoever takes the old one is another.
    pub fn forget_owner(&self, owner: &Owner) {
        self.state().forget_owner(owner);
    }

    /// Of what may be renamed right now, nothing is said until [`Learned::settle`].
    pub fn doubt(&self, owners: &[Owner], objects: &[ObjectKey]) {
        let mut state = self.state();
        for owner in owners {
            *state.doubted_owners.entry(owner.clone()).or_insert(0) += 1;
        }
        for object in objects {
            *state.doubted_objects.entry(*object).or_insert(0) += 1;
        }
    }

    /// What was doubted is said again, or is forgotten if it may have been renamed.
    pub fn settle(&self, owners: &[Owner], objects: &[ObjectKey], may_be_renamed: bool) {
        let mut state = self.state();
        for owner in owners {
            take_one(&mut state.doubted_owners, owner);
            if may_be_renamed {
                state.forget_owner(owner);
            }
        }
        for object in objects {
            take_one(&mut state.doubted_objects, object);
            if may_be_renamed {
                state.forget(*object);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.state().objects.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_one<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl State {
    fn owner(&self, object: ObjectKey) -> Option<&Owner> {
        let (number, _) = *self.objects.get(&object)?;
        let (owner, _) = self.names.get(number as usize)?.as_ref()?;
        Some(owner).filter(|owner| **owner != Owner::default())
    }

    fn forget_owner(&mut self, owner: &Owner) {
        let Some(number) = self.owners.remove(owner) else { return };
        // The objects keep the number until they give way, and it says nothing.
        if let Some(Some((name, _))) = self.names.get_mut(number as usize) {
            *name = Owner::default();
        }
    }

    fn number(&mut self, owner: Owner) -> Option<u32> {
        if let Some(number) = self.owners.get(&owner).copied() {
            if let Some(Some((_, objects))) = self.names.get_mut(number as usize) {
                *objects += 1;
            }
            return Some(number);
        }
        let number = match self.free.pop() {
            Some(number) => number,
            None if self.names.len() >= PRINCIPALS_MAX => return None,
            None => {
                self.names.push(None);
                u32::try_from(self.names.len() - 1).ok()?
            }
        };
        *self.names.get_mut(number as usize)? = Some((owner.clone(), 1));
        self.owners.insert(owner, number);
        Some(number)
    }

    fn forget(&mut self, object: ObjectKey) {
        let Some((number, _)) = self.objects.remove(&object) else { return };
        let Some(name) = self.names.get_mut(number as usize) else { return };
        let Some((owner, objects)) = name else { return };
        *objects = objects.saturating_sub(1);
        if *objects == 0 {
            self.owners.remove(owner);
            *name = None;
            self.free.push(number);
        }
    }

    /// `false` when there is nothing left to forget.
    fn forget_oldest(&mut self) -> bool {
        while let Some((object, count)) = self.order.pop_front() {
            if self.objects.get(&object).is_some_and(|(_, known)| *known == count) {
                self.forget(object);
                return true;
            }
        }
        false
    }

    /// Drops the places of what was forgotten in between.
    fn tidy(&mut self) {
        let objects = &self.objects;
        self.order.retain(|(object, count)| objects.get(object).is_some_and(|(_, known)| known == count));
    }
}
