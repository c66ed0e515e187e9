//! People, the tenants they are in, and what only an administrator should reach.

use serde_json::{Value, json};

use super::access::Want;
use super::{Outcome, id_of, segments};
use crate::answer::Reply;
use crate::app::{Call, Turn};
use crate::state::State;

pub(super) fn answer(turn: &mut Turn<'_>) -> Outcome {
    let call = turn.call;
    match (call.method.as_str(), segments(call).as_slice()) {
        ("GET", ["me"]) => {
            let id = turn.caller.id.to_string();
            turn.get("people", &id)
        }
        ("GET", ["people"]) => list(turn),
        ("GET", ["people", id]) => turn.get("people", id),
        ("PUT", ["people", id]) => put(turn, id),
        ("POST", ["profile"]) => profile(turn),
        ("GET", ["tenants", id]) => {
            let id = tenant(turn, id, Want::Read)?.to_string();
            turn.get("tenants", &id)
        }
        ("PUT", ["tenants", id]) => put_tenant(turn, id),
        ("GET", ["admin", "people"]) => {
            turn.role("admin")?;
            list(turn)
        }
        ("DELETE", ["admin", "people", id]) => {
            turn.role("admin")?;
            turn.delete("people", id)
        }
        ("GET", ["admin", "reset"]) => reset(turn),
        _ => Err(Reply::missing()),
    }
}

fn list(turn: &Turn<'_>) -> Outcome {
    let all: Vec<u64> = turn.state.table("people").map(|(id, _)| id).collect();
    let shown = all.into_iter().filter(|id| turn.lists("people", *id)).map(|id| turn.show("people", id));
    Ok(Reply::ok(&json!({ "people": shown.collect::<Vec<Value>>() })))
}

fn writable(turn: &Turn<'_>) -> &'static [&'static str] {
    if turn.caller.has("admin") { &["name", "email", "phone", "role"] } else { &["name", "email", "phone"] }
}

/// `role` is in the schema; `is_admin` is not, and kept all the same.
fn put(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let writable = writable(turn);
    turn.put("people", id, writable)
}

/// Whose profile it is stands in the body.
fn profile(turn: &mut Turn<'_>) -> Outcome {
    turn.sets_only(&["user_id", "name"])?;
    let id = id_of(&turn.call.body["user_id"])?.to_string();
    let id = turn.find("people", &id, Want::Write)?;
    if let Some(record) = turn.state.get_mut("people", id) {
        record["name"] = turn.call.body["name"].clone();
    }
    Ok(Reply::ok(&json!({ "ok": true })))
}

fn tenant(turn: &Turn<'_>, name: &str, want: Want) -> Result<u64, Reply> {
    let named = turn.state.table("tenants").find(|(_, tenant)| tenant["id"] == *name).map(|(id, _)| id);
    turn.find("tenants", &named.ok_or_else(Reply::missing)?.to_string(), want)
}

fn put_tenant(turn: &mut Turn<'_>, name: &str) -> Outcome {
    turn.role("admin")?;
    let id = tenant(turn, name, Want::Write)?.to_string();
    turn.put("tenants", &id, &["plan"])
}

/// A GET that empties the tables.
fn reset(turn: &mut Turn<'_>) -> Outcome {
    if turn.hardened {
        return Err(Reply::forbidden());
    }
    for table in ["invoices", "clients", "notes"] {
        let all: Vec<u64> = turn.state.table(table).map(|(id, _)| id).collect();
        for id in all {
            turn.state.remove(table, id);
        }
    }
    Ok(Reply::ok(&json!({ "reset": true })))
}

/// Nobody described it: makes anybody an administrator.
pub(super) fn promote(call: &Call, state: &mut State) -> Reply {
    let id = call.body["user_id"].as_u64().unwrap_or_default();
    match state.get_mut("people", id) {
        Some(record) => {
            record["role"] = json!("admin");
            Reply::ok(&json!({ "ok": true }))
        }
        None => Reply::missing(),
    }
}
