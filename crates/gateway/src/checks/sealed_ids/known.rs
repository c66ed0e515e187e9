//! Ids that a caller is shown sealed anyway, so that sealing them where nobody declared them tells nothing: those that the
//! request named, those of objects that it was let to, what it made, and those at declared places of the answer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use policy::decide::Subject;

use super::SealedIds;
use crate::checks::object_access::located::located;
use crate::exchange::Exchange;
use crate::objects::ObjectName;

pub(super) struct Known<'a> {
    check: &'a SealedIds,
    subject: &'a Subject,
    begun_ns: u64,
    kinds: HashMap<Arc<str>, HashSet<Box<str>>>,
}

impl<'a> Known<'a> {
    pub(super) fn of(check: &'a SealedIds, exchange: &Exchange, subject: &'a Subject) -> Self {
        let mut known = Self { check, subject, begun_ns: exchange.received_ns, kinds: HashMap::new() };
        exchange.opened.iter().for_each(|opened| known.add(&opened.kind, &opened.id));
        exchange.objects.iter().for_each(|object| known.add(&object.resource, &object.id));
        let plan = check.seals.plan();
        if let Some((service, plan)) = check.service.as_ref().zip(plan)
            && let Some((kind, id)) = located(service, plan, exchange)
        {
            known.add(&kind, &id);
        }
        known
    }

    pub(super) fn add(&mut self, kind: &Arc<str>, id: &str) {
        self.kinds.entry(Arc::clone(kind)).or_default().insert(id.into());
    }

    pub(super) fn has(&self, kind: &str, id: &str) -> bool {
        self.kinds.get(kind).is_some_and(|ids| ids.contains(id)) || self.made(kind, id)
    }

    /// Whether the caller was seen making it.
    fn made(&self, kind: &str, id: &str) -> bool {
        let Some(service) = &self.check.service else { return false };
        let key = self.check.shared.objects.key(&service.api.name, ObjectName { kind, id });
        let space = service.authorization.bindings.principals.space(self.subject);
        self.check.shared.learned.owner(key, self.begun_ns).is_some_and(|owner| {
            owner.space == space && self.subject.is(&owner.subject) && owner.tenant == self.subject.tenant
        })
    }
}
