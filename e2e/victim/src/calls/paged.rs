//! Three lists of the caller's own, right in both twins, each with pages of another kind. Nothing else says whose a
//! note, a task or a file is.

use serde_json::{Value, json};

use super::Outcome;
use crate::answer::Reply;
use crate::app::Turn;

const PAGE: usize = 10;

fn own(turn: &Turn<'_>, table: &str) -> Vec<u64> {
    let caller = &turn.caller;
    let all = turn.state.table(table).map(|(id, _)| id);
    let is_own = |id: &u64| {
        turn.state
            .whose(table, *id)
            .is_some_and(|whose| whose.owner == Some(caller.id) && whose.tenant == caller.tenant)
    };
    all.filter(is_own).collect()
}

fn count(turn: &Turn<'_>, name: &str) -> Option<usize> {
    turn.call.number(name).and_then(|count| usize::try_from(count).ok())
}

fn shown(turn: &Turn<'_>, table: &str, ids: &[u64]) -> Vec<Value> {
    ids.iter().map(|id| turn.show(table, *id)).collect()
}

pub(super) fn by_offset(turn: &mut Turn<'_>) -> Outcome {
    let (offset, limit) =
        (count(turn, "offset").unwrap_or(0), count(turn, "limit").unwrap_or(PAGE).min(PAGE));
    let page: Vec<u64> = own(turn, "notes").into_iter().skip(offset).take(limit).collect();
    Ok(Reply::ok(&json!({ "notes": shown(turn, "notes", &page) })))
}

pub(super) fn by_cursor(turn: &mut Turn<'_>) -> Outcome {
    let after = turn.call.number("after").unwrap_or(0);
    let rest: Vec<u64> = own(turn, "tasks").into_iter().filter(|id| *id > after).collect();
    let page: Vec<u64> = rest.iter().copied().take(PAGE).collect();
    let next = page.last().filter(|_| rest.len() > PAGE).map(u64::to_string);
    Ok(Reply::ok(&json!({ "tasks": shown(turn, "tasks", &page), "next": next })))
}

pub(super) fn by_link(turn: &mut Turn<'_>) -> Outcome {
    let number = count(turn, "page").unwrap_or(1).max(1);
    let all = own(turn, "files");
    let page: Vec<u64> = all.iter().copied().skip((number - 1) * PAGE).take(PAGE).collect();
    let reply = Reply::ok(&Value::Array(shown(turn, "files", &page)));
    if all.len() > number * PAGE {
        return Ok(reply.header("link", format!("</files?page={}>; rel=\"next\"", number + 1)));
    }
    Ok(reply)
}
