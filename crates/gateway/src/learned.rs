//! What was learned from answers to creations: whose an object is, because we saw it being made.
//!
//! A hint with bounds: objects that are older than this process are not in it, ids that are deleted are forgotten, and
//! the oldest give way to new ones.

mod line;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::marks::Marks;
use crate::objects::ObjectKey;
use line::Line;

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
    /// With the number of the owner of each.
    objects: Line,
    owners: HashMap<Owner, u32>,
    /// By number: the owner, and how many objects are theirs.
    names: Vec<Option<(Owner, u32)>>,
    free: Vec<u32>,
    /// Whose names may be changing, and objects whose ids may be, by how many requests under way.
    doubted_owners: HashMap<Owner, u32>,
    doubted_objects: HashMap<ObjectKey, u32>,
    /// When names and ids were given up, or may have been: a request from before may mean whoever had them then.
    given_up_owners: Marks<Owner>,
    given_up_objects: Marks<ObjectKey>,
}

impl Learned {
    pub fn new(objects_max: usize) -> Self {
        Self { objects_max, state: Mutex::default() }
    }

    pub fn objects_max(&self) -> usize {
        self.objects_max
    }

    /// Whose it is, for a request that began then: one from before a name was given up may know its holder by it.
    pub fn owner(&self, object: ObjectKey, begun_ns: u64) -> Option<Owner> {
        let state = self.state();
        let is_doubted = |owner: &Owner| {
            state.doubted_objects.contains_key(&object)
                || state.doubted_owners.contains_key(owner)
                || state.given_up_owners.is_since(owner, begun_ns)
        };
        state.owner(object).filter(|owner| !is_doubted(owner)).cloned()
    }

    /// What a request has made that began then, unless name or id were given up in between: whose they are is not known.
    /// What was another's is nobody's from then on: one of the two was wrong.
    pub fn learn(&self, object: ObjectKey, owner: Owner, begun_ns: u64) {
        let mut state = self.state();
        let is_late = state.given_up_owners.is_since(&owner, begun_ns)
            || state.given_up_objects.is_since(&object, begun_ns);
        let other = state.owner(object).is_some_and(|known| *known != owner);
        state.forget(object);
        if other || is_late {
            return;
        }
        while state.objects.len() >= self.objects_max {
            let Some(oldest) = state.objects.oldest() else { return };
            state.forget(oldest);
        }
        let Some(number) = state.number(owner) else { return };
        if !state.objects.push(object, number) {
            state.one_less(number);
        }
    }

    /// The id may be another object's from now on.
    pub fn forget(&self, object: ObjectKey, now_ns: u64) {
        self.state().give_up(object, now_ns);
    }

    /// Everything of somebody who has another name from now on: whoever takes the old one is another.
    pub fn forget_owner(&self, owner: &Owner, now_ns: u64) {
        self.state().give_up_name(owner, now_ns);
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

    /// What was doubted is said again, or is forgotten where it was given up: `given_up_ns` says when.
    pub fn settle(&self, owners: &[Owner], objects: &[ObjectKey], given_up_ns: Option<u64>) {
        let mut state = self.state();
        for owner in owners {
            take_one(&mut state.doubted_owners, owner);
            if let Some(now_ns) = given_up_ns {
                state.give_up_name(owner, now_ns);
            }
        }
        for object in objects {
            take_one(&mut state.doubted_objects, object);
            if let Some(now_ns) = given_up_ns {
                state.give_up(*object, now_ns);
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
        let number = self.objects.owner(object)?;
        let (owner, _) = self.names.get(number as usize)?.as_ref()?;
        Some(owner).filter(|owner| **owner != Owner::default())
    }

    fn give_up(&mut self, object: ObjectKey, now_ns: u64) {
        self.given_up_objects.note(object, now_ns);
        self.forget(object);
    }

    fn give_up_name(&mut self, owner: &Owner, now_ns: u64) {
        self.given_up_owners.note(owner.clone(), now_ns);
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
        if let Some(number) = self.objects.remove(object) {
            self.one_less(number);
        }
    }

    fn one_less(&mut self, number: u32) {
        let Some(name) = self.names.get_mut(number as usize) else { return };
        let Some((owner, objects)) = name else { return };
        *objects = objects.saturating_sub(1);
        if *objects == 0 {
            self.owners.remove(owner);
            *name = None;
            self.free.push(number);
        }
    }
}
