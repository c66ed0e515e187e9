//! What the application can be asked, one handler a request line.

mod access;
mod cards;
mod clients;
mod invoices;
mod paged;
mod people;
mod projects;
mod tickets;

use serde_json::{Value, json};

use crate::answer::Reply;
use crate::app::{Call, Turn};
use crate::state::State;

/// A refusal is the early way out.
pub(crate) type Outcome = Result<Reply, Reply>;

/// What needs no caller. The weak twin has more of it than anybody described.
pub(crate) fn public(call: &Call, state: &mut State, hardened: bool) -> Option<Reply> {
    match (call.method.as_str(), segments(call).as_slice()) {
        ("GET", ["status"]) => Some(Reply::ok(&json!({ "status": "fine" }))),
        ("GET", ["_debug"]) if !hardened => Some(Reply::ok(&state.to_value())),
        ("POST", ["internal", "promote"]) if !hardened => Some(people::promote(call, state)),
        ("GET", ["_debug"]) | ("POST", ["internal", "promote"]) => Some(Reply::missing()),
        _ => None,
    }
}

pub(crate) fn answer(turn: &mut Turn<'_>) -> Outcome {
    let call = turn.call;
    match (call.method.as_str(), segments(call).as_slice()) {
        ("GET", ["invoices"]) => invoices::list(turn),
        ("POST", ["invoices"]) => invoices::create(turn),
        ("POST", ["invoices", "lookup"]) => invoices::lookup(turn),
        ("POST", ["invoices", "archive"]) => invoices::archive(turn),
        ("POST", ["payments"]) => invoices::pay(turn),
        ("GET", ["invoices", id]) => invoices::get(turn, id),
        ("PUT", ["invoices", id]) => invoices::put(turn, id),
        ("DELETE", ["invoices", id]) => turn.delete("invoices", id),
        ("POST", ["invoices", id, "approve"]) => invoices::approve(turn, id),
        ("POST", ["invoices", id, "send"]) => turn.set("invoices", id, "sent", &json!(true)),
        ("GET", ["invoices", id, "remind"]) => invoices::remind(turn, id),
        ("GET", ["clients"]) => clients::list(turn),
        ("POST", ["clients"]) => clients::create(turn),
        ("GET", ["clients", id]) => turn.get("clients", id),
        ("PUT", ["clients", id]) => clients::put(turn, id),
        ("DELETE", ["clients", id]) => turn.delete("clients", id),
        ("GET", ["clients", id, "cards"]) => cards::list(turn, id),
        ("POST", ["clients", id, "cards"]) => cards::create(turn, id),
        ("GET", ["cards", id]) => turn.get("cards", id),
        ("PUT", ["cards", id]) => turn.put("cards", id, &["label", "limit"]),
        ("POST", ["cards", id, "freeze"]) => turn.set("cards", id, "frozen", &json!(true)),
        ("GET", ["charges", id]) => turn.get("charges", id),
        ("POST", ["charges", id, "refund"]) => turn.set("charges", id, "refunded", &json!(true)),
        ("GET", ["clients", client, "documents"]) => clients::documents(turn, client),
        ("GET", ["clients", client, "documents", id]) => {
            clients::within(turn, client, id)?;
            turn.get("documents", id)
        }
        ("PUT", ["clients", client, "documents", id]) => {
            clients::within(turn, client, id)?;
            turn.put("documents", id, &["title", "text"])
        }
        ("DELETE", ["clients", client, "documents", id]) => {
            clients::within(turn, client, id)?;
            turn.delete("documents", id)
        }
        ("GET", ["notes"]) => paged::by_offset(turn),
        ("GET", ["tasks"]) => paged::by_cursor(turn),
        ("GET", ["files"]) => paged::by_link(turn),
        ("GET", [table @ ("notes" | "tasks" | "files"), id]) => turn.get(table_name(table), id),
        ("PUT", ["notes", id]) => turn.put("notes", id, &["text"]),
        ("POST", ["tasks", id, "done"]) => turn.set("tasks", id, "done", &json!(true)),
        ("DELETE", [table @ ("notes" | "files"), id]) => turn.delete(table_name(table), id),
        ("GET", ["projects"]) => projects::list(turn),
        ("GET", ["projects", key]) => turn.get("projects", key),
        ("PUT", ["projects", key]) => projects::put_by_name(turn, key),
        ("GET", ["tickets"]) => tickets::list(turn),
        ("POST", ["tickets"]) => tickets::create(turn),
        ("GET", ["tickets", id]) => turn.get("tickets", id),
        ("PUT", ["tickets", id]) => turn.put("tickets", id, &["text"]),
        ("DELETE", ["tickets", id]) => turn.delete("tickets", id),
        _ => people::answer(turn),
    }
}

pub(crate) fn segments(call: &Call) -> Vec<&str> {
    call.segments.iter().map(String::as_str).collect()
}

fn table_name(text: &str) -> &'static str {
    match text {
        "notes" => "notes",
        "tasks" => "tasks",
        _ => "files",
    }
}

fn number(text: &str) -> Result<u64, Reply> {
    text.parse().map_err(|_| Reply::missing())
}

/// A number, or a text of digits.
fn id_of(value: &Value) -> Result<u64, Reply> {
    let id = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    id.ok_or_else(|| Reply::error(422, "no id"))
}
