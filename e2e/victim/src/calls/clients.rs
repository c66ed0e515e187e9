//! Clients, and the documents below them, which the weak twin finds below any client.

use serde_json::{Value, json};

use super::access::Want;
use super::{Outcome, number};
use crate::answer::Reply;
use crate::app::Turn;

/// Everybody's, in the weak twin, as a bare array.
pub(super) fn list(turn: &mut Turn<'_>) -> Outcome {
    let all: Vec<u64> = turn.state.table("clients").map(|(id, _)| id).collect();
    let shown = all.into_iter().filter(|id| turn.lists("clients", *id)).map(|id| turn.show("clients", id));
    Ok(Reply::ok(&Value::Array(shown.collect())))
}

/// A name that is taken is refused with the record that has it.
pub(super) fn create(turn: &mut Turn<'_>) -> Outcome {
    turn.sets_only(&["name", "contact"])?;
    let name = &turn.call.body["name"];
    let taken = turn.state.table("clients").find(|(_, client)| client["name"] == *name).map(|(id, _)| id);
    if let Some(id) = taken.filter(|id| turn.lists("clients", *id)) {
        return Err(conflict(turn, id));
    }
    let mut record =
        json!({ "tenant": turn.caller.tenant, "owner_id": turn.caller.id, "version": 1, "contact": {} });
    for (key, value) in turn.call.body.as_object().into_iter().flatten() {
        record[key] = value.clone();
    }
    let id = turn.state.insert("clients", record);
    Ok(Reply::json(201, &turn.show("clients", id)))
}

fn conflict(turn: &Turn<'_>, id: u64) -> Reply {
    if turn.hardened {
        return Reply::error(409, "conflict");
    }
    Reply::json(409, &json!({ "error": "conflict", "current": turn.show("clients", id) }))
}

/// An old `version` is refused, with the record as it is now.
pub(super) fn put(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let admin: &[&str] = &["name", "contact", "version", "credit_score"];
    turn.sets_only(if turn.caller.has("admin") { admin } else { &["name", "contact", "version"] })?;
    let id = turn.find("clients", id, Want::Write)?;
    let sent = &turn.call.body["version"];
    if !sent.is_null() && turn.state.get("clients", id).is_some_and(|client| client["version"] != *sent) {
        return Err(conflict(turn, id));
    }
    turn.merge("clients", id);
    Ok(Reply::ok(&turn.show("clients", id)))
}

pub(super) fn documents(turn: &mut Turn<'_>, client: &str) -> Outcome {
    let client = turn.find("clients", client, Want::Read)?;
    let below = |record: &Value| record["client_id"].as_u64() == Some(client);
    let ids: Vec<u64> =
        turn.state.table("documents").filter(|(_, record)| below(record)).map(|(id, _)| id).collect();
    let shown = ids.into_iter().map(|id| turn.show("documents", id));
    Ok(Reply::ok(&json!({ "documents": shown.collect::<Vec<_>>() })))
}

/// For the hardened twin: the document is the client's that the path names.
pub(super) fn within(turn: &Turn<'_>, client: &str, id: &str) -> Result<(), Reply> {
    let (client, id) = (number(client)?, number(id)?);
    let document = turn.state.get("documents", id).ok_or_else(Reply::missing)?;
    if turn.hardened && document["client_id"].as_u64() != Some(client) {
        return Err(Reply::missing());
    }
    Ok(())
}
