//! One write to an object at a time: who may change it is found out, and it is changed, before anyone else may try.
//!
//! A lock is waited for within a bound, and so is the number of those who wait. It is let go of when the service has
//! answered. When nobody knows whether the service did what it was asked, the object stays locked for a while, so that
//! nothing is decided on what was true before.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::Clock;
use tokio::sync::Notify;

use crate::objects::ObjectKey;

/// Who waits for one object at most.
pub const WAITERS_PER_OBJECT_MAX: u32 = 256;
/// Waits of one principal at most, for whatever objects.
pub const WAITERS_PER_PRINCIPAL_MAX: u32 = 32;
/// How long an object stays locked after a write whose outcome nobody knows.
pub const QUARANTINE: Duration = Duration::from_secs(5);

/// What a request wants to change.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Sorted, none twice: all take them in one order, so that nobody waits for somebody who waits for them.
    pub objects: Vec<ObjectKey>,
    /// Whose waits are counted together.
    pub principal: u64,
    pub wait: Duration,
    /// After this the lock is lost, whatever became of its holder.
    pub hold: Duration,
}

/// Why there is no lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    #[error("the object stayed locked for as long as it was waited for")]
    TimedOut,
    #[error("as many wait as may")]
    Crowded,
}

type Locking<'a> = Pin<Box<dyn Future<Output = Result<Vec<Ticket>, Busy>> + Send + 'a>>;

/// Where locks are kept: here in this process; a fleet keeps them where all of it sees them.
pub trait Locks: Send + Sync + 'static {
    fn lock<'a>(&'a self, wanted: &'a Wanted) -> Locking<'a>;
    /// Whether the lock is still held.
    fn holds(&self, ticket: Ticket) -> bool;
    fn unlock(&self, ticket: Ticket);
    /// Keeps the object locked for so long from now, and then lets go of it.
    fn keep(&self, ticket: Ticket, time: Duration);
    /// Objects that are locked or waited for, and how many may be.
    fn count(&self) -> (usize, usize);
}

/// One lock of one object, as taken by one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    pub object: ObjectKey,
    number: u64,
}

/// In the memory of this process.
pub struct InProcess {
    clock: Arc<dyn Clock>,
    /// Objects that are locked or waited for at a time.
    objects_max: usize,
    table: Mutex<Table>,
    numbers: AtomicU64,
}

#[derive(Default)]
struct Table {
    slots: HashMap<ObjectKey, Slot>,
    /// Waits by principal.
    waiting: HashMap<u64, u32>,
}

struct Slot {
    /// Who holds it, and until when at most.
    holder: Option<(u64, u64)>,
    waiters: u32,
    free: Arc<Notify>,
}

impl InProcess {
    pub fn new(clock: Arc<dyn Clock>, objects_max: usize) -> Self {
        Self { clock, objects_max, table: Mutex::default(), numbers: AtomicU64::new(1) }
    }

    /// Objects that are locked or waited for.
    pub fn len(&self) -> usize {
        self.table().slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes it, or begins to wait; says how long it is taken at most.
    fn try_one<'a>(
        &'a self,
        object: ObjectKey,
        wanted: &Wanted,
        waiting: &mut Option<Waiting<'a>>,
    ) -> Result<Ticket, Result<u64, Busy>> {
        let now_ns = self.clock.monotonic_ns();
        let mut table = self.table();
        let Table { slots, waiting: by_principal } = &mut *table;
        let is_full = slots.len() >= self.objects_max;
        let slot = match slots.entry(object) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(_) if is_full => return Err(Err(Busy::Crowded)),
            Entry::Vacant(free) => {
                free.insert(Slot { holder: None, waiters: 0, free: Arc::new(Notify::new()) })
            }
        };
        let until_ns = slot.holder.map_or(0, |(_, until_ns)| until_ns);
        if now_ns >= until_ns {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            slot.holder = Some((number, now_ns.saturating_add(nanoseconds(wanted.hold))));
            return Ok(Ticket { object, number });
        }
        if waiting.is_none() {
            // Under the same guard, so that nobody lets go unnoticed in between.
            let own = by_principal.entry(wanted.principal).or_insert(0);
            if *own >= WAITERS_PER_PRINCIPAL_MAX || slot.waiters >= WAITERS_PER_OBJECT_MAX {
                return Err(Err(Busy::Crowded));
            }
            *own += 1;
            slot.waiters += 1;
            let free = Arc::clone(&slot.free);
            *waiting = Some(Waiting { locks: self, object, principal: wanted.principal, free });
        }
        Err(Ok(until_ns - now_ns))
    }

    async fn one(&self, object: ObjectKey, wanted: &Wanted, deadline_ns: u64) -> Result<Ticket, Busy> {
        let mut waiting = None;
        loop {
            let expires_ns = match self.try_one(object, wanted, &mut waiting) {
                Ok(ticket) => return Ok(ticket),
                Err(Ok(expires_ns)) => expires_ns,
                Err(Err(busy)) => return Err(busy),
            };
            let left_ns = deadline_ns.saturating_sub(self.clock.monotonic_ns());
            let Some(waiting) = waiting.as_ref().filter(|_| left_ns > 0) else { return Err(Busy::TimedOut) };
            let pause = Duration::from_nanos(left_ns.min(expires_ns).max(1));
            // Told, or time to look again: either way the next round finds out.
            let _ = tokio::time::timeout(pause, waiting.free.notified()).await;
        }
    }
}

/// Counts a wait while it lasts.
struct Waiting<'a> {
    locks: &'a InProcess,
    object: ObjectKey,
    principal: u64,
    free: Arc<Notify>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut table = self.locks.table();
        if let Entry::Occupied(mut own) = table.waiting.entry(self.principal) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
        let now_ns = self.locks.clock.monotonic_ns();
        if let Entry::Occupied(mut slot) = table.slots.entry(self.object) {
            let one = slot.get_mut();
            one.waiters = one.waiters.saturating_sub(1);
            let is_free = one.holder.is_none_or(|(_, until_ns)| until_ns <= now_ns);
            if is_free && one.waiters > 0 {
                // Whoever was told may be the one who gives up here.
                one.free.notify_one();
            }
            if is_free && one.waiters == 0 {
                slot.remove();
            }
        }
    }
}

impl Locks for InProcess {
    fn count(&self) -> (usize, usize) {
        (self.len(), self.objects_max)
    }

    fn lock<'a>(&'a self, wanted: &'a Wanted) -> Locking<'a> {
        Box::pin(async move {
            let deadline_ns = self.clock.monotonic_ns().saturating_add(nanoseconds(wanted.wait));
            let mut taken = Taken { locks: self, tickets: Vec::with_capacity(wanted.objects.len()) };
            for object in &wanted.objects {
                let ticket = self.one(*object, wanted, deadline_ns).await?;
                taken.tickets.push(ticket);
            }
            Ok(std::mem::take(&mut taken.tickets))
        })
    }

    fn holds(&self, ticket: Ticket) -> bool {
        let now_ns = self.clock.monotonic_ns();
        let table = self.table();
        let holder = table.slots.get(&ticket.object).and_then(|slot| slot.holder);
        holder.is_some_and(|(number, until_ns)| number == ticket.number && now_ns < until_ns)
    }

    fn unlock(&self, ticket: Ticket) {
        let mut table = self.table();
        let Entry::Occupied(mut slot) = table.slots.entry(ticket.object) else { return };
        // One that expired may be another's by now.
        if slot.get().holder.is_none_or(|(number, _)| number != ticket.number) {
            return;
        }
        slot.get_mut().holder = None;
        if slot.get().waiters == 0 {
            slot.remove();
        } else {
            slot.get().free.notify_one();
        }
    }

    fn keep(&self, ticket: Ticket, time: Duration) {
        let until_ns = self.clock.monotonic_ns().saturating_add(nanoseconds(time));
        let mut table = self.table();
        if table.slots.len() > self.objects_max / 2 {
            // Nothing else takes away what nobody waits for.
            let now_ns = self.clock.monotonic_ns();
            table.slots.retain(|_, slot| {
                slot.waiters > 0 || slot.holder.is_some_and(|(_, until_ns)| now_ns < until_ns)
            });
        }
        let Some(slot) = table.slots.get_mut(&ticket.object) else { return };
        if let Some((number, until)) = &mut slot.holder
            && *number == ticket.number
        {
            *until = until_ns;
        }
    }
}

/// Lets go of what was taken when the rest cannot be had, or the request is gone.
struct Taken<'a> {
    locks: &'a InProcess,
    tickets: Vec<Ticket>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        for ticket in self.tickets.drain(..) {
            self.locks.unlock(ticket);
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

const TAKEN: u8 = 0;
const SENT: u8 = 1;
const SETTLED: u8 = 2;

type Changed = Box<dyn Fn(ObjectKey, bool) + Send + Sync>;

/// Locks that a request holds. Dropping it lets go of them; after [`Held::sent`] and without [`Held::settled`] the
/// outcome is unknown, and the objects stay locked for a while.
pub struct Held {
    locks: Arc<dyn Locks>,
    tickets: Vec<Ticket>,
    state: AtomicU8,
    /// Told when an object may have changed, and whether it is known what became of it.
    changed: Changed,
    quarantine: Duration,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("objects", &self.tickets.len()).finish_non_exhaustive()
    }
}

impl Held {
    pub(crate) fn new(
        locks: Arc<dyn Locks>,
        tickets: Vec<Ticket>,
        quarantine: Duration,
        changed: Changed,
    ) -> Self {
        Self { locks, tickets, state: AtomicU8::new(TAKEN), changed, quarantine }
    }

    /// The request is about to leave. `false`: a lock was lost in the meantime, and it must not.
    pub(crate) fn sent(&self) -> bool {
        let holds = self.tickets.iter().all(|ticket| self.locks.holds(*ticket));
        if holds {
            self.state.store(SENT, Ordering::Release);
        }
        holds
    }

    /// The service has answered, or the request has never reached it.
    pub(crate) fn settled(&self) {
        let before = self.state.swap(SETTLED, Ordering::AcqRel);
        if before == SETTLED {
            return;
        }
        for ticket in &self.tickets {
            if before == SENT {
                (self.changed)(ticket.object, true);
            }
            self.locks.unlock(*ticket);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        match self.state.load(Ordering::Acquire) {
            SENT => {
                for ticket in &self.tickets {
                    (self.changed)(ticket.object, false);
                    self.locks.keep(*ticket, self.quarantine);
                }
            }
            TAKEN => {
                for ticket in &self.tickets {
                    self.locks.unlock(*ticket);
                }
            }
            _ => {}
        }
    }
}
