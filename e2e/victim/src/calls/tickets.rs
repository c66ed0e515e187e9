//! Tickets: whose they are is nowhere but in the list, and a number is given again once it is free.

use serde_json::{Value, json};

use super::Outcome;
use crate::answer::Reply;
use crate::app::Turn;

pub(super) fn list(turn: &mut Turn<'_>) -> Outcome {
    let caller = turn.caller.id;
    let own = turn.state.table("tickets").filter(|(_, ticket)| ticket["_owner"].as_u64() == Some(caller));
    let shown: Vec<Value> = own.map(|(id, _)| turn.show("tickets", id)).collect();
    Ok(Reply::ok(&json!({ "tickets": shown })))
}

pub(super) fn create(turn: &mut Turn<'_>) -> Outcome {
    turn.sets_only(&["text"])?;
    let record =
        json!({ "text": turn.call.body["text"], "_owner": turn.caller.id, "_tenant": turn.caller.tenant });
    let id = turn.state.insert("tickets", record);
    Ok(Reply::json(201, &turn.show("tickets", id)))
}
