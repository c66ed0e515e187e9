//! What an operation's bindings ask, in words: who may call it, which objects it names, where facts about them come from.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use gateway::settings::Api;
use openapi::Operation;
use policy::plan::{Bound, Plan, Source};
use policy::sealing::Stands;
use serde_json::{Value, json};

use crate::render::field;
use crate::walk::duration_text;

/// Lines under an operation; empty where the API has no authorization.
pub(super) fn text(api: &Api, operation: &Operation) -> String {
    let Some(authorization) = &api.authorization else { return String::new() };
    let mut out = String::new();
    let Some(plan) = authorization.plan(&operation.id) else {
        return "  may        nobody: the bindings do not list it\n".to_owned();
    };
    if plan.deny {
        return "  may        nobody: the bindings deny it\n".to_owned();
    }
    let _ = writeln!(out, "  may        {}", field(&who(plan)));
    if !plan.objects.is_empty() {
        let limits = &api.authorization_limits;
        let ms = |time: Duration| duration_text(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let _ = writeln!(
            out,
            "  waits      {} for a lock, {} for evidence; {} calls a minute; \"not found\" every {}",
            ms(limits.lock_wait),
            ms(limits.evidence_timeout),
            limits.evidence_calls_max,
            ms(limits.answer_grid)
        );
    }
    for bound in &plan.objects {
        let _ = writeln!(out, "  object     {}", field(&object(bound)));
    }
    if let Some(list) = &plan.list {
        let what = if list.filter {
            "what is another's is taken out"
        } else {
            "what is another's refuses the answer"
        };
        let _ = writeln!(out, "  list       {} at {}; {what}", field(&list.kind), field(list.items.as_str()));
    }
    if let Some(takes) = &plan.takes {
        let ids = if plan.takes_any_id { "; callers choose its id" } else { "" };
        let renames = if plan.renames { "; its id may change" } else { "" };
        let _ = writeln!(
            out,
            "  takes      {} at {}{ids}{renames}",
            field(&takes.kind),
            field(takes.at.as_str())
        );
    }
    for shows in &plan.shows {
        let _ = writeln!(out, "  shows      {} at {}", field(&shows.kind), field(shows.at.as_str()));
    }
    for opening in &plan.sealed.opens {
        let _ = writeln!(out, "  opens      {} at {}", field(&opening.kind), field(&stands(&opening.stands)));
    }
    for showing in &plan.sealed.shows {
        let within = format!("{} of {}", showing.inner, showing.at);
        let _ = writeln!(out, "  seals      {} at {}", field(&showing.kind), field(&within));
    }
    for (name, kind) in &plan.sealed.headers {
        let _ = writeln!(out, "  seals      {} in {}", field(kind), field(name));
    }
    out
}

fn stands(stands: &Stands) -> String {
    match stands {
        Stands::At(place) => place.to_string(),
        Stands::Within { at, inner } => format!("{inner} of body {at}"),
    }
}

/// The same for programs; `Null` where the API has no authorization.
pub(super) fn document(api: &Api, operation: &Operation) -> Value {
    let Some(authorization) = &api.authorization else { return Value::Null };
    let Some(plan) = authorization.plan(&operation.id) else { return json!({ "bound": false }) };
    json!({
        "bound": true,
        "deny": plan.deny,
        "action": plan.action.word(),
        "class": plan.class.word(),
        "roles": plan.roles,
        "scopes": plan.scopes,
        "safe": plan.safe,
        "objects": plan.objects.iter().map(of_object).collect::<Vec<_>>(),
        "list": plan.list.as_ref().map(|list| json!({ "type": list.kind, "items": list.items.as_str(), "filter": list.filter })),
        "takes": plan.takes.as_ref().map(|takes| &takes.kind),
        "takes_any_id": plan.takes_any_id,
        "renames": plan.renames,
        "limits": {
            "lock_wait_ms": api.authorization_limits.lock_wait.as_millis(),
            "evidence_timeout_ms": api.authorization_limits.evidence_timeout.as_millis(),
            "evidence_calls_max": api.authorization_limits.evidence_calls_max,
            "answer_grid_ms": api.authorization_limits.answer_grid.as_millis(),
        },
        "shows": plan.shows.iter().map(|shows| &shows.kind).collect::<Vec<_>>(),
        "opens": plan.sealed.opens.iter().map(|opening| json!({ "type": opening.kind, "at": stands(&opening.stands) })).collect::<Vec<_>>(),
        "seals": plan.sealed.shows.iter().map(|showing| json!({ "type": showing.kind, "at": showing.at.as_str(), "id": showing.inner.as_str() })).collect::<Vec<_>>(),
        "seals_headers": plan.sealed.headers.iter().map(|(name, kind)| json!({ "type": kind, "header": name })).collect::<Vec<_>>(),
    })
}

fn who(plan: &Plan) -> String {
    let mut parts = vec![plan.action.word().to_owned(), format!("class {}", plan.class.word())];
    if !plan.roles.is_empty() {
        parts.push(format!("role {}", joined(&plan.roles, " or ")));
    }
    if !plan.scopes.is_empty() {
        parts.push(format!("scope {}", joined(&plan.scopes, " and ")));
    }
    if let Some(assurance) = &plan.assurance {
        let acr = if assurance.acr.is_empty() {
            String::new()
        } else {
            format!(" {}", joined(&assurance.acr, " or "))
        };
        let age = assurance.max_age.map_or_else(String::new, |age| format!(" within {} s", age.as_secs()));
        parts.push(format!("authenticated{acr}{age}"));
    }
    if !plan.safe {
        parts.push("has an effect".to_owned());
    }
    parts.join(", ")
}

fn object(bound: &Bound) -> String {
    let parent = bound
        .parent
        .as_ref()
        .map_or_else(String::new, |parent| format!(" within {} by {}", parent.resource.name, parent.id));
    let optional = if bound.optional { ", if it is named" } else { "" };
    let sources: Vec<_> = bound.sources.iter().map(source).collect();
    let from = if sources.is_empty() { "no evidence".to_owned() } else { sources.join(", ") };
    format!("{} by {}{parent}{optional}: {from}", bound.resource.name, bound.id)
}

fn of_object(bound: &Bound) -> Value {
    json!({
        "type": bound.resource.name,
        "id": bound.id.to_string(),
        "optional": bound.optional,
        "evidence": bound.sources.iter().map(source).collect::<Vec<_>>(),
        "parent": bound.parent.as_ref().map(|parent| of_object(parent)),
    })
}

fn source(source: &Source) -> String {
    let word = source.word();
    match source {
        Source::Claim(claim) => format!("{word} {claim}"),
        Source::Producer(producing) => format!("{word} {}", producing.call.operation.id),
        Source::List(listing) => format!("{word} {}", listing.call.operation.id),
        Source::Resolver(resolving) => format!("{word} {}", resolving.call.operation.id),
        Source::Related(bound) => format!("{word} {} by {}", bound.resource.name, bound.id),
        Source::Sealed | Source::Learned | Source::External | Source::Response => word.to_owned(),
    }
}

fn joined(names: &[Arc<str>], between: &str) -> String {
    names.iter().map(|name| &**name).collect::<Vec<_>>().join(between)
}
