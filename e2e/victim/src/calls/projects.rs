//! Projects: a GET finds them by number, a PUT by name.

use serde_json::{Value, json};

use super::Outcome;
use crate::answer::Reply;
use crate::app::Turn;

pub(super) fn list(turn: &mut Turn<'_>) -> Outcome {
    let all: Vec<u64> = turn.state.table("projects").map(|(id, _)| id).collect();
    let shown = all.into_iter().filter(|id| turn.lists("projects", *id)).map(|id| turn.show("projects", id));
    Ok(Reply::ok(&json!({ "projects": shown.collect::<Vec<Value>>() })))
}

pub(super) fn put_by_name(turn: &mut Turn<'_>, name: &str) -> Outcome {
    let named = turn.state.table("projects").find(|(_, project)| project["name"] == *name).map(|(id, _)| id);
    let id = named.ok_or_else(Reply::missing)?.to_string();
    turn.put("projects", &id, &["about"])
}
