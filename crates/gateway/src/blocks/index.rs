//! Blocks by what they are aimed at, so that a request looks at few of them; immutable, swapped whole.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use model::Principal;

use super::block::Block;
use super::network::Masked;
use super::target::{Facts, Kind, TokenName, digest_of};

/// A block in force, with what is counted of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) block: Block,
    pub(super) kind: Kind,
    /// On the monotonic clock.
    pub(super) end_ns: u64,
    pub(super) hits: AtomicU64,
    pub(super) last_hit_unix_ms: AtomicU64,
    /// `false` while it would not survive a restart.
    pub(super) durable: AtomicBool,
}

/// Both clocks, read together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) unix_ms: u64,
    pub(super) ns: u64,
}

impl Entry {
    pub(super) fn new(block: Block, kind: Kind, durable: bool, now: Now) -> Self {
        let left_ms = block.end_unix_ms.saturating_sub(now.unix_ms);
        Self {
            kind,
            end_ns: now.ns.saturating_add(left_ms.saturating_mul(1_000_000)),
            block,
            hits: AtomicU64::new(0),
            last_hit_unix_ms: AtomicU64::new(0),
            durable: AtomicBool::new(durable),
        }
    }

    /// Until both clocks say that it is over: a wall clock that is set forward lifts nothing, and one that is set back
    /// takes nothing away either.
    pub(super) fn in_force(&self, now: Now) -> bool {
        now.unix_ms < self.block.end_unix_ms || now.ns < self.end_ns
    }

    pub(super) fn left_ms(&self, now: Now) -> u64 {
        let wall = self.block.end_unix_ms.saturating_sub(now.unix_ms);
        wall.max(self.end_ns.saturating_sub(now.ns) / 1_000_000)
    }

    pub(super) fn count(&self, now: Now) {
        self.hits.fetch_add(1, Ordering::Relaxed);
        self.last_hit_unix_ms.store(now.unix_ms, Ordering::Relaxed);
    }
}

/// Where a block that is not aimed at addresses is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Anchor {
    Sha256([u8; 32]),
    Jti(Arc<str>, Arc<str>),
    Key(Arc<str>),
    Principal(Principal),
    Client(Arc<str>),
    Tenant(Arc<str>),
    Api(Arc<str>),
}

/// Most groups hold one block.
type Group = Arc<[Arc<Entry>]>;

/// The whole set. Each part is shared with the index before it until it changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    pub(super) by_id: Arc<HashMap<Arc<str>, Arc<Entry>>>,
    networks: Arc<HashMap<Masked, Group>>,
    /// How many networks of each length there are, by family and length.
    lengths: BTreeMap<(bool, u8), usize>,
    anchors: Arc<HashMap<Anchor, Group>>,
    counts: [usize; Kind::ALL.len()],
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        self.counts.get(kind as usize).copied().unwrap_or(0)
    }

    pub(super) fn insert(&mut self, entry: &Arc<Entry>) {
        Arc::make_mut(&mut self.by_id).insert(Arc::clone(&entry.block.id), Arc::clone(entry));
        if let Some(count) = self.counts.get_mut(entry.kind as usize) {
            *count += 1;
        }
        let add = |group: Option<&Group>| -> Group {
            group.into_iter().flat_map(|group| group.iter()).chain([entry]).map(Arc::clone).collect()
        };
        if let (Kind::Address, Some(network)) = (entry.kind, entry.block.target.network) {
            let masked = network.masked();
            let networks = Arc::make_mut(&mut self.networks);
            let group = add(networks.get(&masked));
            if networks.insert(masked, group).is_none() {
                *self.lengths.entry((masked.is_v6, masked.prefix)).or_insert(0) += 1;
            }
        } else if let Some(anchor) = anchor_of(entry) {
            let anchors = Arc::make_mut(&mut self.anchors);
            let group = add(anchors.get(&anchor));
            anchors.insert(anchor, group);
        }
    }

    pub(super) fn remove(&mut self, entry: &Arc<Entry>) {
        if Arc::make_mut(&mut self.by_id).remove(&entry.block.id).is_none() {
            return;
        }
        if let Some(count) = self.counts.get_mut(entry.kind as usize) {
            *count = count.saturating_sub(1);
        }
        let without = |group: Option<&Group>| -> Group {
            let others = group.into_iter().flat_map(|group| group.iter());
            others.filter(|other| other.block.id != entry.block.id).map(Arc::clone).collect()
        };
        if let (Kind::Address, Some(network)) = (entry.kind, entry.block.target.network) {
            let masked = network.masked();
            let networks = Arc::make_mut(&mut self.networks);
            let group = without(networks.get(&masked));
            if !group.is_empty() {
                networks.insert(masked, group);
            } else if networks.remove(&masked).is_some() {
                let length = (masked.is_v6, masked.prefix);
                let count = self.lengths.get(&length).map_or(0, |count| count.saturating_sub(1));
                if count == 0 {
                    self.lengths.remove(&length)
                } else {
                    self.lengths.insert(length, count)
                };
            }
        } else if let Some(anchor) = anchor_of(entry) {
            let anchors = Arc::make_mut(&mut self.anchors);
            let group = without(anchors.get(&anchor));
            if group.is_empty() {
                anchors.remove(&anchor)
            } else {
                anchors.insert(anchor, group)
            };
        }
    }

    /// A block in force that hits, of those for which nobody need be identified.
    pub(super) fn find_request(&self, facts: &Facts<'_>, now: impl Fn() -> Now) -> Option<&Arc<Entry>> {
        if self.count(Kind::Address) > 0 {
            let address = facts.address.to_canonical();
            // From the longest: what names the caller most closely is what the record should tell.
            let lengths = self.lengths.keys().rev().filter(|(is_v6, _)| *is_v6 == address.is_ipv6());
            for (_, prefix) in lengths {
                let group = self.networks.get(&Masked::of(address, *prefix));
                if let Some(found) = first_of(group, facts, &now) {
                    return Some(found);
                }
            }
        }
        if self.count(Kind::Api) + self.count(Kind::Operation) > 0 {
            return first_of(self.anchors.get(&Anchor::Api(Arc::from(facts.api))), facts, &now);
        }
        None
    }

    /// A block in force that hits, of those that are about who calls.
    pub(super) fn find_caller(&self, facts: &Facts<'_>, now: impl Fn() -> Now) -> Option<&Arc<Entry>> {
        let caller = facts.caller?;
        let look = |anchor: Anchor| first_of(self.anchors.get(&anchor), facts, &now);
        if self.count(Kind::Token) > 0 {
            for token in caller.credentials.iter().filter_map(|credential| credential.token.as_deref()) {
                let digests = [Some(token.sha256), token.signed_sha256].into_iter().flatten();
                let jti = token.jti.iter().map(|jti| Anchor::Jti(Arc::clone(&token.issuer), Arc::clone(jti)));
                let mut anchors = digests.map(Anchor::Sha256).chain(jti);
                if let Some(found) = anchors.find_map(look) {
                    return Some(found);
                }
            }
        }
        if self.count(Kind::Key) > 0 {
            let keys = caller.credentials.iter().filter(|one| one.kind == model::CredentialKind::ApiKey);
            if let Some(found) = keys.into_iter().find_map(|key| look(Anchor::Key(Arc::clone(&key.id)))) {
                return Some(found);
            }
        }
        let any = |kind: Kind| self.count(kind) > 0;
        let mut principals = caller.principals().filter(|_| any(Kind::Principal)).cloned();
        let mut clients = caller.clients().filter(|_| any(Kind::Client)).map(Arc::clone);
        let mut tenants = caller.tenants().filter(|_| any(Kind::Tenant)).map(Arc::clone);
        principals
            .find_map(|principal| look(Anchor::Principal(principal)))
            .or_else(|| clients.find_map(|client| look(Anchor::Client(client))))
            .or_else(|| tenants.find_map(|tenant| look(Anchor::Tenant(tenant))))
    }
}

fn first_of<'g>(
    group: Option<&'g Group>,
    facts: &Facts<'_>,
    now: &impl Fn() -> Now,
) -> Option<&'g Arc<Entry>> {
    let mut group = group?.iter();
    group.find(|entry| entry.block.target.holds(facts) && entry.in_force(now()))
}

/// Of a target that names more than one of these, the narrowest; the others are compared afterwards.
fn anchor_of(entry: &Entry) -> Option<Anchor> {
    let target = &entry.block.target;
    match entry.kind {
        Kind::Token => target.token.as_ref().and_then(|token| match token {
            TokenName::Sha256(text) => digest_of(text).map(Anchor::Sha256),
            TokenName::Id { issuer, jti } => Some(Anchor::Jti(Arc::clone(issuer), Arc::clone(jti))),
        }),
        Kind::Key => target.key.clone().map(Anchor::Key),
        Kind::Principal => target.principal.clone().map(Anchor::Principal),
        Kind::Client => target.client.clone().map(Anchor::Client),
        Kind::Tenant => target.tenant.clone().map(Anchor::Tenant),
        Kind::Operation | Kind::Api => target.api.clone().map(Anchor::Api),
        Kind::Address => None,
    }
}
