//! Invoices: their owner is a number in the answer, and the token's subject a text.

use serde_json::{Value, json};

use super::access::Want;
use super::{Outcome, id_of};
use crate::answer::Reply;
use crate::app::Turn;

const PAGE_MAX: usize = 100;

/// Everybody's, in the weak twin, with a total and facets over all of them; `owner` chooses whose.
pub(super) fn list(turn: &mut Turn<'_>) -> Outcome {
    let owner = turn.call.number("owner");
    let count = |name: &str| turn.call.number(name).and_then(|count| usize::try_from(count).ok());
    let (offset, limit) = (count("offset").unwrap_or(0), count("limit").unwrap_or(PAGE_MAX));
    let all: Vec<u64> = turn.state.table("invoices").map(|(id, _)| id).collect();
    let all: Vec<u64> = all.into_iter().filter(|id| turn.lists("invoices", *id)).collect();
    let is_owned = |id: &u64| {
        owner.is_none() || turn.state.get("invoices", *id).is_some_and(|i| i["owner_id"].as_u64() == owner)
    };
    let chosen: Vec<u64> = all.iter().copied().filter(is_owned).collect();
    let page: Vec<u64> = chosen.iter().copied().skip(offset).take(limit.min(PAGE_MAX)).collect();
    let next = (offset + page.len() < chosen.len()).then_some(offset + page.len());
    let items: Vec<Value> = page.iter().map(|id| turn.show("invoices", *id)).collect();
    let mut answer = json!({ "items": items, "total": chosen.len(), "next": next });
    if !turn.hardened {
        let mut facets = serde_json::Map::new();
        for id in &all {
            let owner = turn.state.get("invoices", *id).map(|invoice| invoice["owner_id"].to_string());
            let entry = facets.entry(owner.unwrap_or_default()).or_insert(json!(0));
            *entry = json!(entry.as_u64().unwrap_or(0) + 1);
        }
        answer["facets"] = json!({ "by_owner": facets });
    }
    Ok(formatted(turn, Reply::ok(&answer)))
}

pub(super) fn get(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let reply = turn.get("invoices", id)?;
    Ok(formatted(turn, reply))
}

/// The same answer in forms that a careful reader cannot judge.
fn formatted(turn: &Turn<'_>, reply: Reply) -> Reply {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let media = |reply: Reply, media: &str| reply.header("content-type", media.to_owned());
    match turn.call.query("format").filter(|_| !turn.hardened) {
        Some("csv") => media(reply, "text/csv"),
        Some("none") => Reply { headers: Vec::new(), ..reply },
        Some("ndjson") => {
            let lines = format!("{text}\n{text}\n").into_bytes();
            media(Reply { body: lines, ..reply }, "application/x-ndjson")
        }
        Some("lines") => Reply { body: format!("{text}\n{text}\n").into_bytes(), ..reply },
        Some("utf16") => {
            let body = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            media(Reply { body, ..reply }, "application/json; charset=utf-16")
        }
        Some("gzip") => reply.header("content-encoding", "gzip".to_owned()),
        Some("partial") => {
            Reply { status: 206, ..reply }.header("content-range", "bytes 0-99/9999".to_owned())
        }
        Some("twice") => Reply { body: twice(turn, &text, "owner_id", "items").into_bytes(), ..reply },
        Some("twice_escaped") => {
            let body = twice(turn, &text, "owner\\u005fid", "it\\u0065ms");
            Reply { body: body.into_bytes(), ..reply }
        }
        Some("bom") => Reply { body: format!("\u{feff}{text}").into_bytes(), ..reply },
        Some("cut") => {
            Reply { body: text.as_bytes().get(..text.len() / 2).unwrap_or_default().to_vec(), ..reply }
        }
        Some("list") => Reply { body: format!("[{text}]").into_bytes(), ..reply },
        Some("text") => Reply { body: Value::String(text).to_string().into_bytes(), ..reply },
        Some("deep") => {
            let deep = format!("{}{text}{}", "[".repeat(2000), "]".repeat(2000));
            Reply { body: deep.into_bytes(), ..reply }
        }
        Some("large") => {
            let padding = " ".repeat(48 << 20);
            Reply { body: format!("{padding}{text}").into_bytes(), ..reply }
        }
        Some("headers") => reply
            .header("x-debug-record", text.replace(['\r', '\n'], " "))
            .header("etag", "\"whole-record\"".to_owned())
            .header("cache-control", "public, max-age=600".to_owned()),
        Some("stream") => {
            let event = format!("data: {text}\n\n").into_bytes();
            media(Reply { body: event, ..reply }, "text/event-stream")
        }
        _ => reply,
    }
}

/// Names a member twice: first what the caller would like, then what is.
fn twice(turn: &Turn<'_>, text: &str, of_object: &str, of_page: &str) -> String {
    let liked = if text.starts_with("{\"items\"") {
        format!("\"{of_page}\":[],")
    } else {
        format!("\"{of_object}\":{},", turn.caller.id)
    };
    text.replacen('{', &format!("{{{liked}"), 1)
}

pub(super) fn create(turn: &mut Turn<'_>) -> Outcome {
    turn.sets_only(if turn.caller.has("admin") {
        &["client_id", "amount", "note", "status"]
    } else {
        &["client_id", "amount", "note"]
    })?;
    let client = id_of(&turn.call.body["client_id"])?.to_string();
    turn.find("clients", &client, Want::Write)?;
    let mut record = json!({
        "tenant": turn.caller.tenant, "owner_id": turn.caller.id, "status": "draft", "sent": false,
        "archived": false, "reminders": 0, "paid": 0, "lines": [],
    });
    for (key, value) in turn.call.body.as_object().into_iter().flatten() {
        record[key] = value.clone();
    }
    let id = turn.state.insert("invoices", record);
    Ok(Reply::json(201, &turn.show("invoices", id)).header("location", format!("/invoices/{id}")))
}

pub(super) fn put(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let writable: &[&str] =
        if turn.caller.has("admin") { &["amount", "note", "status"] } else { &["amount", "note"] };
    turn.put("invoices", id, writable)
}

pub(super) fn approve(turn: &mut Turn<'_>, id: &str) -> Outcome {
    turn.role("admin")?;
    turn.set("invoices", id, "status", &json!("approved"))
}

/// A GET with an effect.
pub(super) fn remind(turn: &mut Turn<'_>, id: &str) -> Outcome {
    let id = turn.find("invoices", id, Want::Write)?;
    if let Some(record) = turn.state.get_mut("invoices", id) {
        record["reminders"] = json!(record["reminders"].as_u64().unwrap_or(0) + 1);
    }
    Ok(Reply::ok(&turn.show("invoices", id)))
}

/// The id is in the body of a read.
pub(super) fn lookup(turn: &mut Turn<'_>) -> Outcome {
    let id = id_of(&turn.call.body["invoice_id"])?.to_string();
    turn.get("invoices", &id)
}

/// Many ids in one body: all or none.
pub(super) fn archive(turn: &mut Turn<'_>) -> Outcome {
    let ids = turn.call.body["ids"].as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for id in ids {
        found.push(turn.find("invoices", &id_of(&id)?.to_string(), Want::Write)?);
    }
    for id in &found {
        if let Some(record) = turn.state.get_mut("invoices", *id) {
            record["archived"] = json!(true);
        }
    }
    Ok(Reply::ok(&json!({ "archived": found.len() })))
}

/// The id is deep in the body of a write.
pub(super) fn pay(turn: &mut Turn<'_>) -> Outcome {
    let id = id_of(&turn.call.body["payment"]["invoice_id"])?.to_string();
    turn.set("invoices", &id, "paid", &turn.call.body["payment"]["amount"].clone())
}
