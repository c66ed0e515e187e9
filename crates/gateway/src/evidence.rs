//! Facts about objects that have to be asked of the API itself, with the credential of whoever wants to know.
//!
//! A question is a GET of the API's own description, sent to the API's own service exactly as the caller's request would
//! be: the same credential, nothing else of the request. Answers are kept for seconds, under keys that hold everything
//! that may change them, the caller's credential above all, so that nobody sees what another was told.

mod ask;
mod budget;
mod cache;
mod call;
mod digest;
mod pages;
mod read;
mod turns;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use model::Clock;
use policy::bindings::Resource;
use policy::plan::{Asking, Resolving};
use policy::{Authorization, Facts};

pub use ask::Ask;
pub(crate) use ask::What;
use cache::{Cache, Listed};
pub(crate) use digest::Digest;
pub(crate) use read::relations;

use crate::classes::Classes;
use crate::concurrency::Gate;
use crate::exchange::Exchange;
use crate::marks::Marks;
use crate::objects::ObjectKey;
use crate::pipeline::buffers::Buffers;
use crate::renaming::Forgotten;
use crate::settings::{Api, Importance, Timeouts};
use crate::upstream::Upstream;

/// How long a list that says nothing of its own is kept.
pub const LIST_CACHE: Duration = Duration::from_secs(2);
/// How long what a resolver showed is kept, for requests without an effect.
pub const RESOLVER_CACHE: Duration = Duration::from_secs(1);
/// Bytes of one answer.
pub const ANSWER_BYTES_MAX: usize = 4 << 20;
/// Bytes of all answers that are being read.
pub const ANSWERS_BYTES_MAX: usize = 64 << 20;

/// One API, as far as questions to it need it. Of one snapshot.
pub(crate) struct Service {
    pub(crate) api: Api,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) authorization: Arc<Authorization>,
    /// The configuration's hash: another one may ask otherwise.
    pub(crate) scope: Arc<str>,
    pub(crate) tape_limits: tape::Limits,
    pub(crate) timeouts: Timeouts,
    /// Calls are requests in flight like any others.
    pub(crate) gate: Option<Gate>,
    /// By operation id: which importance calls on behalf of its requests have.
    pub(crate) classes: HashMap<Arc<str>, Classes>,
}

impl Service {
    pub(crate) fn importance(&self, exchange: &Exchange) -> Importance {
        let operation = exchange.route.operation.as_ref();
        let classes = operation.and_then(|operation| self.classes.get(&operation.id));
        classes.map(|classes| classes.importance(exchange.caller.as_ref())).unwrap_or_default()
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Service").field(&self.api.name).finish()
    }
}

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Found {
    pub(crate) says: Says,
    /// Requests that were sent to the service for it.
    pub(crate) calls: u32,
    pub(crate) cached: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Says {
    /// The object is there, and this is known of it.
    Object {
        facts: Arc<Facts>,
        related: Arc<[Relation]>,
        etag: Option<HeaderValue>,
    },
    /// It is not there, or not for this caller.
    Absent,
    Holder(Arc<Holder>),
    /// What was asked for by its query.
    Page(Arc<tape::Tape>),
    /// It cannot be known; words without values.
    Failed(&'static str),
}

/// A fact that another object has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relation {
    /// `tenant` or `owner`.
    pub(crate) fact: &'static str,
    pub(crate) kind: Arc<str>,
    pub(crate) id: Arc<str>,
}

/// What `whoami` says of a credential's holder; `None` where it is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) subject: Option<Arc<str>>,
    pub(crate) tenant: Option<Arc<str>>,
    pub(crate) roles: Option<Vec<Arc<str>>>,
    pub(crate) roles_of: Vec<Arc<str>>,
    pub(crate) attributes: Vec<(Arc<str>, Arc<str>)>,
}

/// Asks, and remembers for a short while. Survives reloads; what another configuration asked is under other keys.
pub struct Evidence {
    clock: Arc<dyn Clock>,
    buffers: Arc<Buffers>,
    lists: Mutex<Cache<Listed>>,
    shown: Mutex<Cache<Says>>,
    /// When objects were last changed through the gateway: what was known before counts no more.
    changed: Mutex<Marks<ObjectKey>>,
    /// When callers gave up a name: requests from before know them by it.
    renamed: Mutex<Marks<Arc<str>>>,
    /// When names of callers were last changed, or may have been.
    forgotten: Forgotten,
    budget: budget::Budget,
    turns: turns::Turns,
    pub(crate) counts: Counts,
}

/// Since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) calls: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) hits: AtomicU64,
    pub(crate) misses: AtomicU64,
}

impl Evidence {
    /// With room for so many single answers, and for as many lists.
    pub(crate) fn new(clock: Arc<dyn Clock>, entries_max: usize) -> Self {
        Self {
            clock,
            buffers: Arc::default(),
            lists: Mutex::new(Cache::new(entries_max)),
            shown: Mutex::new(Cache::new(entries_max)),
            changed: Mutex::default(),
            renamed: Mutex::default(),
            forgotten: Forgotten::default(),
            budget: budget::Budget::default(),
            turns: turns::Turns::default(),
            counts: Counts::default(),
        }
    }

    /// The object was changed, or may have been: nothing that was known of it counts any more.
    pub(crate) fn changed(&self, object: ObjectKey) {
        let now_ns = self.clock.monotonic_ns();
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).note(object, now_ns);
    }

    /// Whoever was said to have one of these names may have another one; what is being asked already is not kept. Looks through all
    /// that is held.
    pub(crate) fn forget_holders(&self, subjects: &BTreeSet<Arc<str>>) {
        self.forgotten.note(self.clock.monotonic_ns());
        let has_one = |holder: &Holder| holder.subject.as_ref().is_some_and(|name| subjects.contains(name));
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.forget(|says| matches!(says, Says::Holder(holder) if has_one(holder)));
    }

    /// The answer, where it is known already. `None`: it has to be asked.
    pub(crate) fn known(&self, ask: &Ask) -> Option<Found> {
        let key = ask.kept_under()?;
        let now_ns = self.clock.monotonic_ns();
        let changed_ns = self.changed_ns(ask);
        let says = match &ask.what {
            What::Produce(..) | What::List(..) => {
                let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
                lists.get(&key, now_ns, changed_ns)?.says(&ask.id)?
            }
            // What was asked for once is the asker's, whole.
            What::Page(..) => return None,
            What::Whoami(_) | What::Resolve(..) => {
                let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
                shown.get(&key, now_ns, changed_ns)?.clone()
            }
        };
        self.counts.hits.fetch_add(1, Ordering::Relaxed);
        Some(Found { says, calls: 0, cached: true })
    }

    fn changed_ns(&self, ask: &Ask) -> u64 {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let last_ns = |key: &Option<ObjectKey>| key.as_ref().map_or(0, |key| changed.last_ns(key));
        last_ns(&ask.object).max(last_ns(&ask.whose))
    }

    /// When the last change was that an answer to this question has to show. One that was asked before does not.
    pub(crate) fn last_change_ns(&self, ask: &Ask) -> u64 {
        let of_names = if matches!(ask.what, What::Whoami(_)) { self.forgotten.last_ns() } else { 0 };
        self.changed_ns(ask).max(of_names)
    }

    /// Whoever had one of these names has another one from now on, or may have.
    pub(crate) fn renamed(&self, given_up: &BTreeSet<Arc<str>>) {
        let now_ns = self.clock.monotonic_ns();
        let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.iter().for_each(|name| renamed.note(Arc::clone(name), now_ns));
    }

    /// Whether a caller who was known by this name when a request began may have another one by now.
    pub(crate) fn is_renamed(&self, name: &Arc<str>, begun_ns: u64) -> bool {
        self.renamed.lock().unwrap_or_else(PoisonError::into_inner).is_since(name, begun_ns)
    }

    /// Asks the service.
    pub(crate) async fn ask(&self, ask: &Ask) -> Found {
        // Another may have asked the same since this was found missing.
        if let Some(found) = self.known(ask) {
            return found;
        }
        self.counts.misses.fetch_add(1, Ordering::Relaxed);
        let mut calling = call::Calling::new(self, ask);
        let says = match &ask.what {
            What::Whoami(asking) => self.ask_whoami(&mut calling, asking).await,
            What::Produce(..) | What::List(..) => self.ask_list(&mut calling).await,
            What::Resolve(resolving, resource) => self.ask_resolver(&mut calling, resolving, resource).await,
            What::Page(_, query) => ask_page(&mut calling, query).await,
        };
        if matches!(says, Says::Failed(_)) {
            self.counts.failures.fetch_add(1, Ordering::Relaxed);
        }
        Found { says, calls: calling.sent, cached: false }
    }

    async fn ask_whoami(&self, calling: &mut call::Calling<'_>, asking: &Asking) -> Says {
        let begun_ns = self.clock.monotonic_ns();
        let reply = match calling.get(&[]).await {
            Ok(reply) => reply,
            Err(fault) => return Says::Failed(fault.words()),
        };
        let says = match reply.json(&calling.ask.service.tape_limits) {
            Ok(tape) => read::holder(tape.root(), &asking.whoami),
            Err(words) => Says::Failed(words),
        };
        self.keep_shown(calling.ask, &says, asking.whoami.cache, begun_ns);
        says
    }

    async fn ask_resolver(
        &self,
        calling: &mut call::Calling<'_>,
        resolving: &Resolving,
        resource: &Resource,
    ) -> Says {
        let begun_ns = self.clock.monotonic_ns();
        let own = [(resolving.id.clone(), Arc::clone(&calling.ask.id))];
        let says = match calling.get(&own).await {
            Ok(reply) => match reply.json(&calling.ask.service.tape_limits) {
                Ok(tape) => read::shown(tape.root(), resolving, resource, calling.ask, reply.etag()),
                Err(words) => Says::Failed(words),
            },
            Err(call::Fault::Absent) => Says::Absent,
            Err(fault) => Says::Failed(fault.words()),
        };
        self.keep_shown(calling.ask, &says, RESOLVER_CACHE, begun_ns);
        says
    }

    /// From when the question was asked, not answered: what changed in between is not in it.
    fn keep_shown(&self, ask: &Ask, says: &Says, time: Duration, begun_ns: u64) {
        let Some(key) = ask.kept_under().filter(|_| !matches!(says, Says::Failed(_)) && !time.is_zero())
        else {
            return;
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(says, Says::Holder(_)) && self.forgotten.is_since(begun_ns) {
            return;
        }
        shown.put(key, says.clone(), begun_ns, time, 1);
    }

    async fn ask_list(&self, calling: &mut call::Calling<'_>) -> Says {
        let ask = calling.ask;
        let key = ask.kept_under();
        // Many who ask at once for objects of one list read it once; each waits no longer than its question may take.
        let _turn = match key {
            Some(key) => Some(self.turns.wait(key).await),
            None => None,
        };
        if let Some(found) = self.known(ask) {
            return found.says;
        }
        let begun_ns = self.clock.monotonic_ns();
        // What was read of it so far need not be read again.
        let before = key.and_then(|key| {
            let changed_ns = self.changed_ns(ask);
            let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
            Some((lists.get(&key, begun_ns, changed_ns)?.clone(), lists.begun_ns(&key)?))
        });
        let (mut listed, since_ns) = before.unwrap_or((Listed::default(), begun_ns));
        let result = pages::read(calling, &mut listed).await;
        let (time, size) = (pages::kept_for(&ask.what), listed.len());
        let says = match result {
            Ok(()) => listed.says(&ask.id).unwrap_or(Says::Failed("the list has more pages than are read")),
            Err(words) => return Says::Failed(words),
        };
        if let Some(key) = key.filter(|_| !time.is_zero()) {
            let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
            lists.put(key, listed, since_ns, time, size);
        }
        says
    }
}

async fn ask_page(calling: &mut call::Calling<'_>, query: &str) -> Says {
    match calling.get_query(query).await {
        Ok(reply) => match reply.json(&calling.ask.service.tape_limits) {
            Ok(tape) => Says::Page(Arc::new(tape)),
            Err(words) => Says::Failed(words),
        },
        Err(call::Fault::Absent) => Says::Absent,
        Err(fault) => Says::Failed(fault.words()),
    }
}
