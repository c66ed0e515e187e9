//! The emergency block list: who and what is refused at once, whatever the configuration says, and until when.
//!
//! Every request asks the set without taking a lock; a change writes the journal, then swaps the set, then is answered.
//! Nothing here rebuilds a snapshot.

mod block;
mod fault;
mod guard;
mod impact;
mod index;
pub mod journal;
mod listed;
mod network;
mod target;
#[cfg(test)]
pub(crate) mod tests;
mod watching;

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use model::Clock;
use tokio::sync::watch;

pub use block::{BLOCK_FOR_MAX_MS, Block, By, End, REASON_BYTES_MAX, Wanted};
pub use fault::BlockFault;
pub use guard::{Judged, judge, judge_alone, wide_together};
pub use impact::{IMPACT_RECORDS_MAX, Impact};
pub use journal::{Journal, JournalFault, Lift};
pub use listed::{Added, Lifted, Listed, Totals};
pub use network::{Cidr, covered};
pub use target::{Facts, Kind, NAME_BYTES_MAX, Target, TokenName};
pub use watching::Watching;

use index::{Entry, Index, Now};

/// Blocks in force at a time; one more is refused, none is dropped for it.
pub const BLOCKS_MAX: usize = 100_000;
/// How long a block that has ended stays known. A clock that is set back within this time puts it in force again.
const ENDED_KEPT_NS: u64 = 600_000_000_000;
const ID_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The set, and the journal that it is kept in.
pub struct Blocks {
    clock: Arc<dyn Clock>,
    index: ArcSwap<Index>,
    /// Held by whoever changes the set.
    keeping: Mutex<Keeping>,
    /// Counts changes that add; what lasts longer than a request listens to it.
    generation: watch::Sender<u64>,
    /// Requests and streams that were refused, by kind of target.
    hits: [AtomicU64; Kind::ALL.len()],
}

/// Where the blocks are kept.
enum Keeping {
    /// Nowhere: this set is no gateway's.
    InMemory,
    Journal(Journal),
    /// Another process keeps the journal now.
    HandedOver,
}

/// A block that hits.
#[derive(Debug, Clone)]
pub struct Hit {
    pub id: Arc<str>,
    pub kind: Kind,
}

impl Blocks {
    /// Empty, and kept nowhere until [`Blocks::open`].
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            index: ArcSwap::default(),
            keeping: Mutex::new(Keeping::InMemory),
            generation: watch::Sender::new(0),
            hits: Default::default(),
        }
    }

    /// Puts in force what the journal of the state directory holds, and keeps it from now on. Waits up to `patience`
    /// for another process to let go of it. Gives the number of bytes of a half-written line that was dropped.
    pub fn open(&self, state_dir: &Path, patience: Duration) -> Result<u64, JournalFault> {
        let (journal, held) = Journal::open(state_dir, patience, self.clock.unix_ms())?;
        let mut keeping = self.keeping();
        self.put_in_force(held.blocks);
        *keeping = Keeping::Journal(journal);
        Ok(held.torn_bytes)
    }

    /// Lets go of the journal, for the process that takes over. What is in force stays so here; changes are refused.
    pub fn hand_over(&self) {
        *self.keeping() = Keeping::HandedOver;
    }

    /// Replaces the set by these blocks, which somebody else keeps; hits that were counted stay.
    pub fn put_in_force(&self, blocks: Vec<Block>) {
        let now = self.now();
        let old = self.index.load();
        let mut index = Index::default();
        for block in blocks {
            let known = old.by_id.get(&block.id).map(Arc::clone);
            let entry = known.or_else(|| {
                let kind = block.target.kind()?;
                Some(Arc::new(Entry::new(block, kind, true, now)))
            });
            if let Some(entry) = entry {
                index.insert(&entry);
            }
        }
        self.swap(index, true);
    }

    /// Blocks all of these or none. `or_in_memory`: when the journal cannot be written they come into force anyway, and
    /// are written as soon as it can be.
    pub fn add(&self, wanted: Vec<Wanted>, or_in_memory: bool) -> Result<Added, BlockFault> {
        let mut keeping = self.keeping();
        let now = self.now();
        let mut index = Index::clone(&self.index.load());
        if index.len() + wanted.len() > BLOCKS_MAX {
            self.drop_ended(&mut index, now, 0);
        }
        if index.len() + wanted.len() > BLOCKS_MAX {
            return Err(BlockFault::Full { blocks_max: BLOCKS_MAX, held: index.len() });
        }
        let mut blocks = Vec::with_capacity(wanted.len());
        let mut taken = HashSet::with_capacity(wanted.len());
        for one in wanted {
            let id = new_id(&index, &taken).ok_or(BlockFault::Random)?;
            taken.insert(Arc::clone(&id));
            blocks.push(one.into_block(id, now.unix_ms).map_err(BlockFault::Unusable)?);
        }
        let begun_ns = self.clock.monotonic_ns();
        let (durable, undurable_because) = match self.journal(&mut keeping, &blocks, &[], now) {
            Ok(durable) => (durable, None),
            Err(JournalFault::HandedOver) => return Err(JournalFault::HandedOver.into()),
            Err(fault) if or_in_memory => (false, Some(fault.to_string())),
            Err(fault) => return Err(fault.into()),
        };
        let journaled_ns = self.clock.monotonic_ns();
        for block in &blocks {
            let Some(kind) = block.target.kind() else { continue };
            index.insert(&Arc::new(Entry::new(block.clone(), kind, durable, now)));
        }
        self.swap(index, true);
        let in_force_ns = self.clock.monotonic_ns();
        drop(keeping);
        Ok(Added {
            blocks,
            durable,
            undurable_because,
            journal_us: journaled_ns.saturating_sub(begun_ns) / 1_000,
            in_force_us: in_force_ns.saturating_sub(begun_ns) / 1_000,
        })
    }

    /// Ends blocks before their time: all of these or none. Without room for the line in the journal the block is lifted
    /// here, and would come back with a restart.
    pub fn lift(&self, ids: &[Arc<str>], reason: &str, by: &By) -> Result<Lifted, BlockFault> {
        block::check_reason(reason).map_err(BlockFault::Unusable)?;
        let mut keeping = self.keeping();
        let now = self.now();
        let mut index = Index::clone(&self.index.load());
        let mut entries = Vec::with_capacity(ids.len());
        for id in ids {
            let found = index.by_id.get(id).filter(|entry| entry.in_force(now));
            entries.push(found.map(Arc::clone).ok_or_else(|| BlockFault::Unknown(Arc::clone(id)))?);
        }
        let lift = |entry: &Arc<Entry>| Lift {
            id: Arc::clone(&entry.block.id),
            reason: reason.trim().to_owned(),
            by: by.clone(),
            drill: entry.block.drill,
        };
        let begun_ns = self.clock.monotonic_ns();
        let written: Vec<Lift> =
            entries.iter().filter(|entry| entry.durable.load(Ordering::Relaxed)).map(lift).collect();
        let journaled = self.journal(&mut keeping, &[], &written, now);
        let undurable_because = match journaled {
            Ok(_) => None,
            Err(JournalFault::HandedOver) => return Err(JournalFault::HandedOver.into()),
            Err(fault) => {
                if let Keeping::Journal(journal) = &mut *keeping {
                    journal.doubt();
                }
                Some(fault.to_string())
            }
        };
        for entry in &entries {
            index.remove(entry);
        }
        self.swap(index, false);
        let lifted_us = self.clock.monotonic_ns().saturating_sub(begun_ns) / 1_000;
        drop(keeping);
        let listed = entries.iter().map(|entry| Listed::of(entry, now)).collect();
        Ok(Lifted { blocks: listed, lifted_us, undurable_because })
    }

    /// What hits a request before anybody is identified. Costs a load when nothing of the kind is blocked.
    pub fn find_request(&self, facts: &Facts<'_>) -> Option<Hit> {
        let index = self.index.load();
        index.find_request(facts, || self.now()).map(|entry| self.hit(entry))
    }

    /// What hits the identified caller.
    pub fn find_caller(&self, facts: &Facts<'_>) -> Option<Hit> {
        let index = self.index.load();
        index.find_caller(facts, || self.now()).map(|entry| self.hit(entry))
    }

    /// What hits something that is already under way.
    pub fn find(&self, facts: &Facts<'_>) -> Option<Hit> {
        self.find_request(facts).or_else(|| self.find_caller(facts))
    }

    /// Rises whenever blocks come into force.
    pub fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// For what lasts longer than a request: resolves when blocks come into force.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// In force now, the one that ends first before the others.
    pub fn list(&self) -> Vec<Listed> {
        let now = self.now();
        let index = self.index.load();
        let mut all: Vec<Listed> = index
            .by_id
            .values()
            .filter(|entry| entry.in_force(now))
            .map(|entry| Listed::of(entry, now))
            .collect();
        all.sort_by(|one, other| (one.left_ms, &one.block.id).cmp(&(other.left_ms, &other.block.id)));
        all
    }

    pub fn totals(&self) -> Totals {
        let now = self.now();
        let index = self.index.load();
        let in_force = || index.by_id.values().filter(|entry| entry.in_force(now));
        Totals {
            in_force: in_force().count(),
            not_durable: in_force().filter(|entry| !entry.durable.load(Ordering::Relaxed)).count(),
            next_end_unix_ms: in_force().map(|entry| entry.block.end_unix_ms).min(),
            hits: self.hits.iter().map(|hits| hits.load(Ordering::Relaxed)).sum(),
            journal_bytes: match &*self.keeping() {
                Keeping::Journal(journal) => Some(journal.bytes()),
                Keeping::InMemory | Keeping::HandedOver => None,
            },
        }
    }

    /// Blocks that are held and requests that were refused, by kind of target.
    pub fn by_kind(&self) -> impl Iterator<Item = (Kind, usize, u64)> {
        let index = self.index.load_full();
        let hits = self.hits.each_ref().map(|hits| hits.load(Ordering::Relaxed));
        Kind::ALL.into_iter().zip(hits).map(move |(kind, hits)| (kind, index.count(kind), hits))
    }

    /// What the journal on disk holds; `None` when this set keeps none.
    pub fn read_back(&self) -> Option<Result<Vec<Block>, JournalFault>> {
        match &*self.keeping() {
            Keeping::Journal(journal) => Some(journal.read_back()),
            Keeping::InMemory | Keeping::HandedOver => None,
        }
    }

    /// Lets go of what has ended, and writes down what could not be written before. Blocks on the disk.
    pub fn sweep(&self) {
        let mut keeping = self.keeping();
        let now = self.now();
        let mut index = Index::clone(&self.index.load());
        let before = index.len();
        self.drop_ended(&mut index, now, ENDED_KEPT_NS);
        if index.len() < before {
            self.swap(index.clone(), false);
        }
        let Keeping::Journal(journal) = &mut *keeping else { return };
        let waiting: Vec<Arc<Entry>> = index
            .by_id
            .values()
            .filter(|entry| !entry.durable.load(Ordering::Relaxed))
            .map(Arc::clone)
            .collect();
        let blocks: Vec<Block> = waiting.iter().map(|entry| entry.block.clone()).collect();
        if !blocks.is_empty() && journal.append(&blocks, &[], || blocks_of(&index), now.unix_ms).is_ok() {
            for entry in waiting {
                entry.durable.store(true, Ordering::Relaxed);
            }
        }
        if journal.is_worn(index.len()) || journal.is_in_doubt() {
            // Next time, when there is room.
            let _ = journal.begin_anew(&blocks_of(&index), now.unix_ms);
        }
    }

    fn journal(
        &self,
        keeping: &mut Keeping,
        blocks: &[Block],
        lifts: &[Lift],
        now: Now,
    ) -> Result<bool, JournalFault> {
        match keeping {
            Keeping::InMemory => Ok(false),
            Keeping::HandedOver => Err(JournalFault::HandedOver),
            Keeping::Journal(_) if blocks.is_empty() && lifts.is_empty() => Ok(true),
            Keeping::Journal(journal) => {
                let in_force = || blocks_of(&self.index.load());
                journal.append(blocks, lifts, in_force, now.unix_ms).map(|()| true)
            }
        }
    }

    fn drop_ended(&self, index: &mut Index, now: Now, kept_ns: u64) {
        let is_over =
            |entry: &&Arc<Entry>| !entry.in_force(now) && now.ns >= entry.end_ns.saturating_add(kept_ns);
        let over: Vec<Arc<Entry>> = index.by_id.values().filter(is_over).map(Arc::clone).collect();
        for entry in over {
            index.remove(&entry);
        }
    }

    fn swap(&self, index: Index, adds: bool) {
        self.index.store(Arc::new(index));
        if adds {
            self.generation.send_modify(|generation| *generation += 1);
        }
    }

    fn hit(&self, entry: &Arc<Entry>) -> Hit {
        entry.count(self.now());
        if !entry.block.drill
            && let Some(hits) = self.hits.get(entry.kind as usize)
        {
            hits.fetch_add(1, Ordering::Relaxed);
        }
        Hit { id: Arc::clone(&entry.block.id), kind: entry.kind }
    }

    fn now(&self) -> Now {
        Now { unix_ms: self.clock.unix_ms(), ns: self.clock.monotonic_ns() }
    }

    fn keeping(&self) -> MutexGuard<'_, Keeping> {
        self.keeping.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a journal that is begun anew has to hold: what is written down and not lifted.
fn blocks_of(index: &Index) -> Vec<Block> {
    let durable = index.by_id.values().filter(|entry| entry.durable.load(Ordering::Relaxed));
    let mut blocks: Vec<Block> = durable.map(|entry| entry.block.clone()).collect();
    blocks.sort_by(|one, other| (one.begun_unix_ms, &one.id).cmp(&(other.begun_unix_ms, &other.id)));
    blocks
}

/// Short enough to be read out over the telephone; no `i`, `l`, `o` or `u`.
fn new_id(index: &Index, taken: &HashSet<Arc<str>>) -> Option<Arc<str>> {
    for _ in 0..64 {
        let mut random = [0_u8; 6];
        aws_lc_rs::rand::fill(&mut random).ok()?;
        let digits = random.iter().filter_map(|byte| ID_DIGITS.get(usize::from(byte % 32)));
        let id: String = "b-".chars().chain(digits.map(|digit| char::from(*digit))).collect();
        if !index.by_id.contains_key(id.as_str()) && !taken.contains(id.as_str()) {
            return Some(id.into());
        }
    }
    None
}
