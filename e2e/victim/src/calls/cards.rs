//! Cards: their owner is the client's, and a charge's owner the card's client's.

use serde_json::{Value, json};

use super::Outcome;
use super::access::Want;
use crate::answer::Reply;
use crate::app::Turn;

pub(super) fn list(turn: &mut Turn<'_>, client: &str) -> Outcome {
    let client = turn.find("clients", client, Want::Read)?;
    let below = |record: &Value| record["client_id"].as_u64() == Some(client);
    let ids: Vec<u64> =
        turn.state.table("cards").filter(|(_, record)| below(record)).map(|(id, _)| id).collect();
    let shown = ids.into_iter().map(|id| turn.show("cards", id));
    Ok(Reply::ok(&json!({ "cards": shown.collect::<Vec<_>>() })))
}

pub(super) fn create(turn: &mut Turn<'_>, client: &str) -> Outcome {
    turn.sets_only(&["label", "limit"])?;
    let client = turn.find("clients", client, Want::Write)?;
    let mut record = json!({ "client_id": client, "frozen": false, "number": "secret-number-new;", "cvc": "secret-cvc-new;" });
    for (key, value) in turn.call.body.as_object().into_iter().flatten() {
        record[key] = value.clone();
    }
    let id = turn.state.insert("cards", record);
    Ok(Reply::json(201, &turn.show("cards", id)))
}
