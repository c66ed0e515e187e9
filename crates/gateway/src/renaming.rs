//! A change of names, or of what there is, that is on its way: what was known by the old ones and by the new ones, until it
//! is known whether it was made.
//!
//! Who somebody is is asked again from the moment on at which the request leaves, and once more when nothing more is to be
//! heard of it. Whose objects are that were made under one of the names counts for nothing in between, and is forgotten
//! unless the service has certainly refused: a rename that is not noted gives everything of a name to whoever takes it next,
//! and a deletion gives the object to whoever is given its id next.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

use crate::learned::Owner;
use crate::objects::ObjectKey;
use crate::shared::Shared;

/// What one request may rename or delete. After [`Renaming::sent`] it ends with [`Renaming::ended`]; dropped before that, nobody has
/// seen the answer, and it counts as made.
pub struct Renaming {
    pub(crate) shared: Arc<Shared>,
    /// Of people: old and new ones.
    pub(crate) names: BTreeSet<Arc<str>>,
    /// The old ones among them.
    pub(crate) given_up: BTreeSet<Arc<str>>,
    /// The objects are to be gone.
    pub(crate) deletes: bool,
    /// Whose objects are nobody's from then on.
    pub(crate) owners: Vec<Owner>,
    /// Old and new ids.
    pub(crate) objects: Vec<ObjectKey>,
    /// Of which other answers are asked for again.
    pub(crate) asked_again: Vec<ObjectKey>,
    pub(crate) is_under_way: bool,
}

impl std::fmt::Debug for Renaming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renaming").field("is_under_way", &self.is_under_way).finish_non_exhaustive()
    }
}

impl Renaming {
    /// The request is about to leave.
    pub(crate) fn sent(&mut self) {
        if !std::mem::replace(&mut self.is_under_way, true) {
            self.shared.learned.doubt(&self.owners, &self.objects);
            self.forget_answers();
        }
    }

    /// `may_be_made`: unless the service has refused, or was never asked.
    pub(crate) fn ended(&mut self, may_be_made: bool) {
        if std::mem::take(&mut self.is_under_way) {
            // What was asked for in the meantime may be older than the change.
            self.forget_answers();
            if may_be_made {
                self.shared.evidence.renamed(&self.given_up);
            }
            let given_up_ns = may_be_made.then(|| self.shared.clock.monotonic_ns());
            self.shared.learned.settle(&self.owners, &self.objects, given_up_ns);
        }
    }

    /// Whether an answer leaves it open that the change was made. What is not there is as good as deleted.
    pub(crate) fn may_be_made(&self, status: StatusCode) -> bool {
        !is_refusal(status) || (self.deletes && matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE))
    }

    fn forget_answers(&self) {
        let now_ns = self.shared.clock.monotonic_ns();
        if !self.names.is_empty() {
            self.shared.tokens.forget_answers(&self.names, now_ns);
            self.shared.evidence.forget_holders(&self.names);
        }
        for key in self.asked_again.iter().chain(&self.objects) {
            self.shared.evidence.changed(*key);
        }
    }
}

impl Drop for Renaming {
    fn drop(&mut self) {
        self.ended(true);
    }
}

/// Whether an answer says that nothing was changed. A service that gave up waiting may have changed something.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT
}

/// When answers were last forgotten: one to a question that was asked before is not to be kept.
#[derive(Debug, Default)]
pub(crate) struct Forgotten(AtomicU64);

impl Forgotten {
    /// To be noted before anything is looked through, so that nothing is put behind the look.
    pub(crate) fn note(&self, now_ns: u64) {
        self.0.fetch_max(now_ns.max(1), Ordering::AcqRel);
    }

    /// 0: never.
    pub(crate) fn last_ns(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Asked at the very moment of the forgetting is before it.
    pub(crate) fn is_since(&self, begun_ns: u64) -> bool {
        let forgotten_ns = self.last_ns();
        forgotten_ns != 0 && begun_ns <= forgotten_ns
    }
}
