//! Principal, object and circumstances as Cedar's values, made without text in between, and of each only what the
//! operation's policies look at.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use cedar_policy_core::ast::{
    Context, Eid, Entity, EntityUID, EntityUIDEntry, Literal, PartialValue, Set, Value, ValueKind,
};
use smol_str::SmolStr;

use super::schema::Names;
use super::slice::Needs;
use crate::decide::{Circumstances, Subject, SubjectKind};
use crate::facts::{Facts, TENANT};

const SECONDS_A_DAY: u64 = 86_400;

/// The principal, with the attributes that are looked at.
pub(super) fn principal(subject: &Subject, names: &Names, needs: &Needs) -> Entity {
    // Clients go by their own name, which is in no other's way; users by the one that the API knows.
    let id = if subject.kind == SubjectKind::Client { &subject.name } else { &subject.subject };
    let uid = EntityUID::from_components(names.kind(subject.kind).clone(), Eid::new(text(id)), None);
    let mut attributes: Vec<(SmolStr, PartialValue)> = Vec::with_capacity(8);
    let texts = [
        ("subject", &subject.subject),
        ("issuer", &subject.issuer),
        (TENANT, &subject.tenant),
        ("acr", &subject.acr),
    ];
    for (name, said) in texts {
        if needs.attribute(name) {
            attributes.push((SmolStr::new_static(name), string(said)));
        }
    }
    if needs.attribute("roles") {
        attributes.push((SmolStr::new_static("roles"), set(subject.roles.iter())));
    }
    if needs.attribute("scopes") {
        attributes.push((SmolStr::new_static("scopes"), set(subject.scopes.iter())));
    }
    if let Some(age_s) = subject.auth_age_s
        && needs.attribute("auth_age_s")
    {
        attributes.push((SmolStr::new_static("auth_age_s"), PartialValue::Value(long(age_s))));
    }
    for (name, said) in &subject.attributes {
        if needs.attribute(name) && names.principal_attributes.contains(name) {
            attributes.push((text(name), string(said)));
        }
    }
    entity(uid, attributes)
}

/// An operation as such: its tenant is the principal's own.
pub(super) fn api(operation: &str, subject: &Subject, names: &Names) -> Option<Entity> {
    let uid = EntityUID::from_components(names.types.first()?.entity.clone(), Eid::new(operation), None);
    let attributes = vec![
        (SmolStr::new_static("id"), PartialValue::Value(value(SmolStr::new(operation)))),
        (SmolStr::new_static(TENANT), string(&subject.tenant)),
    ];
    Some(entity(uid, attributes))
}

/// An object. `None` where its tenant is not known.
pub(super) fn object(
    type_index: usize,
    id: &str,
    facts: &Facts,
    names: &Names,
    needs: &Needs,
) -> Option<Entity> {
    let of_type = names.types.get(type_index)?;
    let id = SmolStr::new(id);
    let uid = EntityUID::from_components(of_type.entity.clone(), Eid::new(id.clone()), None);
    let mut attributes: Vec<(SmolStr, PartialValue)> = Vec::with_capacity(4);
    let mut has_tenant = false;
    for fact in facts.iter().filter(|fact| !fact.value.is_empty()) {
        let is_tenant = &*fact.name == TENANT;
        has_tenant |= is_tenant;
        let known = is_tenant
            || ["owner", "parent"].contains(&&*fact.name)
            || of_type.attributes.contains(&fact.name);
        if known && needs.attribute(&fact.name) {
            attributes.push((text(&fact.name), string(&fact.value)));
        }
    }
    if needs.attribute("id") {
        attributes.push((SmolStr::new_static("id"), PartialValue::Value(value(id))));
    }
    has_tenant.then(|| entity(uid, attributes))
}

/// The circumstances that are looked at.
pub(super) fn context(circumstances: &Circumstances<'_>, needs: &Needs) -> Context {
    let now_s = circumstances.now_unix_s;
    let mut members: BTreeMap<SmolStr, Value> = BTreeMap::new();
    let mut put = |name: &'static str, make: &dyn Fn() -> Value| {
        if needs.context(name) {
            members.insert(SmolStr::new_static(name), make());
        }
    };
    put("method", &|| value(SmolStr::new(circumstances.method)));
    put("now_s", &|| long(now_s));
    put("hour_utc", &|| long(now_s % SECONDS_A_DAY / 3600));
    put("weekday", &|| long(weekday(now_s)));
    put("address", &|| value(SmolStr::from(circumstances.address.to_canonical().to_string())));
    put("written", &|| Value::new(set_kind(circumstances.written.iter()), None));
    Context::Value(Arc::new(members))
}

/// 1 is Monday, 7 is Sunday (ISO 8601). The first day of 1970 was a Thursday.
fn weekday(now_s: u64) -> u64 {
    (now_s / SECONDS_A_DAY + 3) % 7 + 1
}

pub(super) fn known(uid: &EntityUID) -> EntityUIDEntry {
    EntityUIDEntry::Known { euid: Arc::new(uid.clone()), loc: None }
}

fn entity(uid: EntityUID, attributes: Vec<(SmolStr, PartialValue)>) -> Entity {
    Entity::new_with_attr_partial_value(uid, attributes, HashSet::new(), HashSet::new(), std::iter::empty())
}

fn text(said: &Arc<str>) -> SmolStr {
    SmolStr::from(Arc::clone(said))
}

fn value(said: SmolStr) -> Value {
    Value { value: ValueKind::Lit(Literal::String(said)), loc: None }
}

fn string(said: &Arc<str>) -> PartialValue {
    PartialValue::Value(value(text(said)))
}

fn long(number: u64) -> Value {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    Value { value: ValueKind::Lit(Literal::Long(number)), loc: None }
}

fn set<'a>(words: impl Iterator<Item = &'a Arc<str>>) -> PartialValue {
    PartialValue::Value(Value { value: set_kind(words), loc: None })
}

fn set_kind<'a>(words: impl Iterator<Item = &'a Arc<str>>) -> ValueKind {
    ValueKind::Set(Set::from_lits(words.map(|word| Literal::String(text(word)))))
}
