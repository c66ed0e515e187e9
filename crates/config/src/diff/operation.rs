//! Operations: added, removed, who may call them, and what they accept.

use std::collections::BTreeSet;

use openapi::content::RequestBody;
use openapi::{Description, Form, Operation, Parameter, Security};

use super::{Changes, schema};
use crate::walk::bytes_text;

pub(super) fn compare(changes: &mut Changes, old: &Description, new: &Description) {
    for operation in &new.operations {
        changes.place = Some(operation.place.clone());
        match find(old, operation) {
            Some(other) => one(changes, other, operation),
            None if operation.security.admits_anyone() => {
                changes.weaker(format!("{} is new, and anyone may call it", operation.id));
            }
            None => changes.neutral(format!("{} is new", operation.id)),
        }
    }
    for operation in &old.operations {
        if find(new, operation).is_none() {
            changes.place = Some(operation.place.clone());
            changes.stronger(format!("{} is gone", operation.id));
        }
    }
}

fn find<'d>(description: &'d Description, operation: &Operation) -> Option<&'d Operation> {
    let same = |other: &&std::sync::Arc<Operation>| {
        other.method == operation.method && other.template == operation.template
    };
    description.operations.iter().find(same).map(|other| &**other)
}

fn one(changes: &mut Changes, old: &Operation, new: &Operation) {
    security(changes, &new.id, &old.security, &new.security);
    parameters(changes, &new.id, old, new);
    body(changes, &new.id, old.body.as_ref(), new.body.as_ref());
    let own =
        |operation: &Operation| operation.extension.get("body_bytes_max").and_then(serde_json::Value::as_u64);
    match (own(old), own(new)) {
        (Some(a), Some(b)) => {
            changes.more(&format!("{}: body_bytes_max", new.id), a, b, |bytes| bytes_text(*bytes))
        }
        (None, None) => {}
        _ => changes.unknown(format!("{}: a `body_bytes_max` of its own begins or ends", new.id)),
    }
}

/// What an alternative asks for: schemes and scopes. Fewer ask for less.
type Demands = BTreeSet<String>;

fn demands(security: &Security) -> Vec<Demands> {
    let Security::AnyOf(alternatives) = security else { return Vec::new() };
    let of = |required: &openapi::Required| {
        let scopes = required.scopes.iter().map(|scope| format!("scope {scope}"));
        std::iter::once(required.scheme.to_string()).chain(scopes).collect::<Vec<_>>()
    };
    alternatives.iter().map(|alternative| alternative.schemes.iter().flat_map(of).collect()).collect()
}

fn security(changes: &mut Changes, id: &str, old: &Security, new: &Security) {
    let silent = |security: &Security| matches!(security, Security::Missing);
    if silent(old) || silent(new) {
        changes.danger(
            !silent(old),
            !silent(new),
            &format!("{id} was refused and can now be called"),
            &format!("{id} no longer says who may call it, and is refused"),
        );
    }
    match (old.admits_anyone(), new.admits_anyone()) {
        (false, true) => return changes.weaker(format!("{id} became anonymous")),
        (true, false) if !silent(new) => return changes.stronger(format!("{id} now asks for a credential")),
        (true, true) | (true, false) => return,
        (false, false) if silent(old) || silent(new) => return,
        (false, false) => {}
    }
    let (before, now) = (demands(old), demands(new));
    let show = |demands: &Demands| demands.iter().cloned().collect::<Vec<_>>().join(" and ");
    for (demand, gone) in not_met(&now, &before) {
        changes.weaker(match gone {
            Some(gone) => format!("{id} no longer asks for {}", show(&gone)),
            None => format!("{id} can now be called with {}", show(demand)),
        });
    }
    for (demand, added) in not_met(&before, &now) {
        changes.stronger(match added {
            Some(added) => format!("{id} now also asks for {}", show(&added)),
            None => format!("{id} can no longer be called with {}", show(demand)),
        });
    }
}

/// Those of some demands with which none of the others is met, and what is missing where one of the others asks for the
/// same and more.
fn not_met<'a>(
    some: &'a [Demands],
    others: &'a [Demands],
) -> impl Iterator<Item = (&'a Demands, Option<Demands>)> {
    let unmet = some.iter().filter(|demand| !others.iter().any(|other| other.is_subset(demand)));
    unmet.map(|demand| {
        let larger = others.iter().find(|other| demand.is_subset(other));
        (demand, larger.map(|other| other.difference(demand).cloned().collect()))
    })
}

fn parameters(changes: &mut Changes, id: &str, old: &Operation, new: &Operation) {
    let same = |a: &Parameter, b: &Parameter| a.location == b.location && a.name == b.name;
    for parameter in &new.parameters {
        let what = format!("{id}: {} parameter `{}`", parameter.location.name(), parameter.name);
        let Some(other) = old.parameters.iter().find(|other| same(other, parameter)) else {
            changes.neutral(format!("{what} is new"));
            continue;
        };
        changes.danger(
            !other.required,
            !parameter.required,
            &format!("{what} is no longer required"),
            &format!("{what} is now required"),
        );
        let schema_of = |parameter: &Parameter| match &parameter.form {
            Form::Styled { schema, .. } => schema.clone(),
            Form::Content(media) => media.schema.clone(),
        };
        schema::compare(changes, &what, schema_of(other).as_ref(), schema_of(parameter).as_ref());
    }
    for parameter in old.parameters.iter().filter(|old| !new.parameters.iter().any(|other| same(other, old)))
    {
        changes.neutral(format!(
            "{id}: {} parameter `{}` is gone",
            parameter.location.name(),
            parameter.name
        ));
    }
}

fn body(changes: &mut Changes, id: &str, old: Option<&RequestBody>, new: Option<&RequestBody>) {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(_)) => return changes.weaker(format!("{id} now takes a body")),
        (Some(_), None) => return changes.stronger(format!("{id} no longer takes a body")),
        (None, None) => return,
    };
    changes.danger(
        !old.required,
        !new.required,
        &format!("{id}: the body is no longer required"),
        &format!("{id}: the body is now required"),
    );
    for media in &new.content {
        match old.content.iter().find(|other| other.range == media.range) {
            None => changes.weaker(format!("{id}: media type `{}` is now accepted", media.range)),
            Some(other) => {
                schema::compare(
                    changes,
                    &format!("{id}: body"),
                    other.schema.as_ref(),
                    media.schema.as_ref(),
                );
            }
        }
    }
    for media in old.content.iter().filter(|old| !new.content.iter().any(|other| other.range == old.range)) {
        changes.stronger(format!("{id}: media type `{}` is no longer accepted", media.range));
    }
}
