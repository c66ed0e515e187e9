//! Limits as they apply to one operation: looked at together, then taken from together.

use std::cmp::Reverse;

use model::{Code, LimitKind, LimitState, LimitUnit, Refusal};

use crate::check::{Edit, Preparation, Step};
use crate::counters::{Counted, LimitId, Rate, Taken, Window};
use crate::settings::{Class, Limit, Per};
use crate::shared::Shared;

const DAY_S: u64 = 86_400;

/// One limit as it applies to one operation.
pub(in crate::checks) struct Prepared {
    id: LimitId,
    limit: Limit,
    rate: Rate,
    /// Has to be there before the call, and is taken then; of what is metered nothing is taken before.
    cost: u64,
    /// The cap of a day, with its own count.
    daily: Option<(LimitId, u64)>,
}

/// One moment of both clocks.
#[derive(Clone, Copy)]
struct Now {
    monotonic_ns: u64,
    unix_ms: u64,
}

impl Now {
    fn of(shared: &Shared) -> Self {
        Self { monotonic_ns: shared.clock.monotonic_ns(), unix_ms: shared.clock.unix_ms() }
    }
}

/// A limit that refuses: by which count, how it stands, and when to come again.
struct Full {
    kind: LimitKind,
    state: LimitState,
    retry_after_s: u64,
}

impl Prepared {
    pub(in crate::checks) fn new(id: LimitId, limit: &Limit, cost: u64) -> Self {
        let rate = match limit.unit {
            LimitUnit::Bytes => Rate::metered(limit.count, limit.window, limit.burst),
            LimitUnit::Requests | LimitUnit::Cost => Rate::new(limit.count, limit.window, limit.burst),
        };
        let cost = if limit.unit == LimitUnit::Cost { cost } else { 1 };
        let daily = limit.daily.map(|quota| (id.daily(), quota));
        Self { id, limit: limit.clone(), rate, cost, daily }
    }

    pub(in crate::checks) fn per(&self) -> Per {
        self.limit.per
    }

    pub(in crate::checks) fn is_metered(&self) -> bool {
        self.limit.unit == LimitUnit::Bytes
    }

    /// One count, taken from before the call: then taking says all that looking would.
    fn is_single(&self) -> bool {
        self.daily.is_none() && !self.is_metered()
    }

    fn full(&self, taken: Taken, daily: Option<u64>) -> Full {
        let kind = match (daily, self.limit.unit) {
            (Some(_), _) => LimitKind::Daily,
            (None, LimitUnit::Requests) => LimitKind::Requests,
            (None, LimitUnit::Cost) => LimitKind::Cost,
            (None, LimitUnit::Bytes) => LimitKind::Bytes,
        };
        Full { kind, state: self.state(taken, daily), retry_after_s: taken.retry_after_s }
    }

    /// Whether the call would pass, with nothing taken.
    fn look<K: Counted>(&self, shared: &Shared, key: &K, now: Now) -> Result<(), Full> {
        let (counters, now_ns) = (&shared.counters, now.monotonic_ns);
        let taken = counters.peek(&self.id, key, &self.rate, self.cost, now_ns);
        if !taken.allowed {
            return Err(self.full(taken, None));
        }
        let Some((id, quota)) = &self.daily else { return Ok(()) };
        let window = Window::day(*quota, now.unix_ms, now_ns);
        let taken = counters.peek(id, key, &window, self.cost, now_ns);
        if taken.allowed { Ok(()) } else { Err(self.full(taken, Some(*quota))) }
    }

    /// Takes the call's cost; tells each to `report`.
    fn take<K: Counted>(
        &self,
        shared: &Shared,
        key: &K,
        now: Now,
        mut report: impl FnMut(LimitState),
    ) -> Result<(), Full> {
        let (counters, now_ns) = (&shared.counters, now.monotonic_ns);
        let taken = if self.is_metered() {
            counters.peek(&self.id, key, &self.rate, self.cost, now_ns)
        } else {
            counters.take(&self.id, key, &self.rate, self.cost, now_ns)
        };
        if !taken.allowed {
            return Err(self.full(taken, None));
        }
        report(self.state(taken, None));
        let Some((id, quota)) = &self.daily else { return Ok(()) };
        let window = Window::day(*quota, now.unix_ms, now_ns);
        let taken = if self.is_metered() {
            counters.peek(id, key, &window, self.cost, now_ns)
        } else {
            counters.take(id, key, &window, self.cost, now_ns)
        };
        if !taken.allowed {
            return Err(self.full(taken, Some(*quota)));
        }
        report(self.state(taken, Some(*quota)));
        Ok(())
    }

    /// Charges what is known only now.
    pub(in crate::checks) fn owe<K: Counted>(&self, shared: &Shared, key: &K, amount: u64) {
        let (counters, now) = (&shared.counters, Now::of(shared));
        counters.owe(&self.id, key, &self.rate, amount, now.monotonic_ns);
        if let Some((id, quota)) = &self.daily {
            let window = Window::day(*quota, now.unix_ms, now.monotonic_ns);
            counters.owe(id, key, &window, amount, now.monotonic_ns);
        }
    }

    fn state(&self, taken: Taken, daily: Option<u64>) -> LimitState {
        let limit = &self.limit;
        let (name, quota, window_s) = match daily {
            Some(quota) => (format!("{}-daily", limit.name), quota, DAY_S),
            None => (limit.name.clone(), limit.count, limit.window.as_secs().max(1)),
        };
        LimitState {
            name,
            unit: limit.unit,
            quota,
            window_s,
            // A burst beyond the count is a kindness, not a promise.
            remaining: taken.remaining.min(quota),
            reset_s: taken.reset_s,
        }
    }
}

/// The limits of the gateway, of the API and of the operation's class that count the operation.
pub(in crate::checks) fn applicable(
    preparation: &Preparation<'_>,
    counts: impl Fn(Per) -> bool,
) -> Vec<Prepared> {
    let (settings, api) = (preparation.settings, preparation.api);
    let (class, cost) =
        Class::of_operation(&settings.classes, api, preparation.operation.map(|operation| &**operation));
    let operation = preparation.operation.map(|operation| &*operation.id);
    let covers = |limit: &&Limit| {
        counts(limit.per)
            && (limit.operations.is_empty()
                || limit.operations.iter().any(|id| Some(id.as_str()) == operation))
    };
    let global = settings.limits.iter().filter(covers).map(|limit| (LimitId::global(&limit.name), limit));
    let own = api.limits.iter().filter(covers).map(|limit| (LimitId::of_api(&api.name, &limit.name), limit));
    let of_class = class.iter().flat_map(|class| {
        let limits = class.limits.iter().filter(covers);
        limits.map(|limit| (LimitId::of_class(&class.name, &limit.name), limit))
    });
    global.chain(own).chain(of_class).map(|(id, limit)| Prepared::new(id, limit, cost)).collect()
}

/// Takes from each, or refuses; reports the limit of which the smallest part is left.
///
/// All are looked at before any is taken from, so a refused call costs nothing of the others. Two calls that race may
/// both be looked at before either takes; then the take itself refuses, and what the refused call has taken from earlier
/// limits stays taken: never more pass than the quota, at worst a few fewer.
pub(in crate::checks) fn take_all<K: Counted>(shared: &Shared, keyed: &[(&Prepared, K)], code: Code) -> Step {
    let now = Now::of(shared);
    let single = matches!(keyed, [(prepared, _)] if prepared.is_single());
    for (prepared, key) in keyed.iter().filter(|_| !single) {
        if let Err(full) = prepared.look(shared, key, now) {
            return refuse(code, full);
        }
    }
    let mut tightest: Option<LimitState> = None;
    for (prepared, key) in keyed {
        let taken = prepared.take(shared, key, now, |state| {
            if tightest.as_ref().is_none_or(|held| is_tighter(&state, held)) {
                tightest = Some(state);
            }
        });
        if let Err(full) = taken {
            return refuse(code, full);
        }
    }
    Step::Continue(tightest.map(Edit::Limit).into_iter().collect())
}

/// The remaining parts of the quotas, compared without dividing; then whichever takes longer to recover.
fn is_tighter(state: &LimitState, held: &LimitState) -> bool {
    let one = u128::from(state.remaining) * u128::from(held.quota.max(1));
    let other = u128::from(held.remaining) * u128::from(state.quota.max(1));
    (one, Reverse(state.reset_s)) < (other, Reverse(held.reset_s))
}

fn refuse(code: Code, full: Full) -> Step {
    let Full { kind, state, retry_after_s } = full;
    let kind =
        if code == Code::AddressLimited && kind == LimitKind::Requests { LimitKind::Address } else { kind };
    let refusal = Refusal::new(code).detail(format!("the limit `{}` is used up", state.name));
    let refusal = refusal.retry_after_s(retry_after_s).limited(state.name.clone(), kind);
    Step::RefuseWith(vec![Edit::Limit(state)], Box::new(refusal))
}
