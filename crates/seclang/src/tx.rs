//! The TX collection: names that rules mention have slots, others (with macros in their names) stand beside them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Where a TX variable that some rule mentions by name is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(u32);

/// The names of TX variables in all rules, in lower case. The captures `0` to `9` have the first slots.
#[derive(Debug, Clone)]
pub struct TxNames {
    slots: HashMap<Vec<u8>, Slot>,
    names: Vec<Vec<u8>>,
}

impl Default for TxNames {
    fn default() -> Self {
        let mut names = Self { slots: HashMap::new(), names: Vec::new() };
        for digit in b'0'..=b'9' {
            names.slot(&[digit]);
        }
        names
    }
}

impl TxNames {
    /// The slot of a name, made when there is none.
    pub fn slot(&mut self, name: &[u8]) -> Slot {
        let name = name.to_ascii_lowercase();
        if let Some(slot) = self.slots.get(&name) {
            return *slot;
        }
        let slot = Slot(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.slots.insert(name.clone(), slot);
        self.names.push(name);
        slot
    }

    pub fn find(&self, lower_name: &[u8]) -> Option<Slot> {
        self.slots.get(lower_name).copied()
    }

    /// The slot of a capture group.
    pub fn capture(group: usize) -> Slot {
        Slot(u32::try_from(group).unwrap_or(u32::MAX))
    }

    pub fn name(&self, slot: Slot) -> &[u8] {
        self.names.get(slot.0 as usize).map_or(b"", Vec::as_slice)
    }

    /// The slots of the names that `takes` wants.
    pub fn all(&self, takes: impl Fn(&[u8]) -> bool) -> Vec<Slot> {
        let slots = (0..).map(Slot).zip(&self.names);
        slots.filter(|(_, name)| takes(name)).map(|(slot, _)| slot).collect()
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }
}

/// A short text without an allocation.
#[derive(Debug, Clone)]
pub enum Value {
    Short(u8, [u8; 22]),
    Long(Box<[u8]>),
}

impl Value {
    pub fn new(bytes: &[u8]) -> Self {
        let mut short = [0; 22];
        match (short.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(bytes);
                Self::Short(length, short)
            }
            _ => Self::Long(bytes.into()),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }
}

/// What variables with slots hold, by slot.
pub type Values = Arc<[Option<Value>]>;

/// The values of one transaction.
#[derive(Debug, Clone)]
pub struct Tx {
    /// What it begins with, the same for many transactions.
    start: Option<Values>,
    /// For each slot, one more than the place in `own` of what it holds; 0: what it began with.
    places: Vec<u32>,
    own: Vec<Option<Value>>,
    others: BTreeMap<Vec<u8>, Value>,
}

impl Tx {
    pub fn new(names: &TxNames) -> Self {
        Self { start: None, places: vec![0; names.len()], own: Vec::new(), others: BTreeMap::new() }
    }

    /// Makes an empty one begin with these values.
    pub fn begin_with(&mut self, start: &Values) {
        self.start = Some(Arc::clone(start));
    }

    /// What it holds now, for others to begin with.
    pub fn values(&self) -> Values {
        let slots = (0..).map(Slot).take(self.places.len());
        slots.map(|slot| self.get(slot).map(Value::new)).collect()
    }

    pub fn get(&self, slot: Slot) -> Option<&[u8]> {
        let slot = slot.0 as usize;
        let value = match self.places.get(slot)? {
            0 => self.start.as_ref()?.get(slot)?,
            place => self.own.get(*place as usize - 1)?,
        };
        value.as_ref().map(Value::bytes)
    }

    /// The value of a name in lower case.
    pub fn get_named(&self, names: &TxNames, name: &[u8]) -> Option<&[u8]> {
        match names.find(name) {
            Some(slot) => self.get(slot),
            None => self.others.get(name).map(Value::bytes),
        }
    }

    pub fn set(&mut self, slot: Slot, value: Option<&[u8]>) {
        if value.is_none() && self.get(slot).is_none() {
            return;
        }
        let Some(place) = self.places.get_mut(slot.0 as usize) else { return };
        let value = value.map(Value::new);
        if let Some(kept) = (*place as usize).checked_sub(1).and_then(|place| self.own.get_mut(place)) {
            *kept = value;
        } else if let Ok(next) = u32::try_from(self.own.len() + 1) {
            self.own.push(value);
            *place = next;
        }
    }

    /// Sets or removes a value by its name in lower case. `false`: there are `others_max` names that no rule mentions
    /// already.
    pub fn set_named(
        &mut self,
        names: &TxNames,
        name: &[u8],
        value: Option<&[u8]>,
        others_max: usize,
    ) -> bool {
        match (names.find(name), value) {
            (Some(slot), value) => self.set(slot, value),
            (None, None) => {
                self.others.remove(name);
            }
            (None, Some(value)) => {
                if self.others.len() >= others_max && !self.others.contains_key(name) {
                    return false;
                }
                self.others.insert(name.to_vec(), Value::new(value));
            }
        }
        true
    }

    /// Every name with its value: those with slots first.
    pub fn each<'a>(&'a self, names: &'a TxNames) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let slots = (0..).map(Slot).zip(&names.names);
        let slots = slots.filter_map(|(slot, name)| Some((name.as_slice(), self.get(slot)?)));
        slots.chain(self.others())
    }

    /// The same of names that no rule mentions.
    pub fn others(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.others.iter().map(|(name, value)| (name.as_slice(), value.bytes()))
    }
}
