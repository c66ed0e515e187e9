//! What the application begins with: the same ids in every run, and a mark in every record by which a leak is seen.
//!
//! A text `mark-TABLE-ID;` stands in each record, and `secret-NAME-ID;` in what hardly anybody may see of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

type Tables = BTreeMap<&'static str, BTreeMap<u64, Value>>;

/// Owners of the records under test, in the order of their ids: two of one tenant, one of the other.
pub(crate) const OWNERS: [(u64, &str); 3] = [(101, "north"), (102, "north"), (201, "south")];
/// Records of each owner in the tables that are listed by pages.
pub(crate) const PAGED_EACH: u64 = 25;

pub(crate) fn tables() -> Tables {
    let mut tables = Tables::new();
    people(&mut tables);
    clients(&mut tables);
    invoices(&mut tables);
    paged(&mut tables);
    projects(&mut tables);
    tables
}

fn put(tables: &mut Tables, table: &'static str, id: u64, mut record: Value) {
    record["id"] = id.into();
    tables.entry(table).or_default().insert(id, record);
}

pub(crate) fn mark(table: &str, id: u64) -> String {
    format!("mark-{table}-{id};")
}

fn people(tables: &mut Tables) {
    let rows = [
        (101, "north", "member"),
        (102, "north", "member"),
        (103, "north", "staff"),
        (104, "north", "admin"),
        (201, "south", "member"),
        (204, "south", "admin"),
    ];
    for (id, tenant, role) in rows {
        let record = json!({
            "tenant": tenant, "name": mark("people", id), "email": format!("secret-email-{id};"),
            "phone": format!("secret-phone-{id};"), "role": role, "password_hash": format!("secret-hash-{id};"),
        });
        put(tables, "people", id, record);
    }
    for (id, tenant) in [(1, "north"), (2, "south")] {
        let record = json!({ "id": tenant, "name": mark("tenants", id), "plan": "basic",
                             "signing_key": format!("secret-key-{id};") });
        tables.entry("tenants").or_default().insert(id, record);
    }
}

fn clients(tables: &mut Tables) {
    for (index, (owner, tenant)) in (1..).zip(OWNERS) {
        for id in [10 + index, 14 + index] {
            let record = json!({
                "tenant": tenant, "owner_id": owner, "name": mark("clients", id), "version": 1,
                "contact": { "email": format!("client{id}@example.com"), "tax_id": format!("secret-tax-{id};") },
                "credit_score": format!("secret-score-{id};"),
            });
            put(tables, "clients", id, record);
        }
        let (client, card) = (10 + index, 20 + index);
        let record = json!({ "client_id": client, "label": mark("cards", card), "limit": 1000, "frozen": false,
                             "number": format!("secret-number-{card};"), "cvc": format!("secret-cvc-{card};") });
        put(tables, "cards", card, record);
        let charge = 30 + index;
        let record =
            json!({ "card_id": card, "amount": 70, "text": mark("charges", charge), "refunded": false });
        put(tables, "charges", charge, record);
        let document = 40 + index;
        let record = json!({ "client_id": client, "title": "Contract", "text": mark("documents", document) });
        put(tables, "documents", document, record);
        let ticket = 80 + index;
        let record = json!({ "text": mark("tickets", ticket), "_owner": owner, "_tenant": tenant });
        put(tables, "tickets", ticket, record);
    }
}

fn invoices(tables: &mut Tables) {
    for id in 51..81_u64 {
        let at = usize::try_from((id - 51) % 3).unwrap_or(0);
        let Some((owner, tenant)) = OWNERS.get(at) else { continue };
        let record = json!({
            "tenant": tenant, "owner_id": owner, "client_id": 11 + (id - 51) % 3, "amount": id * 10,
            "note": mark("invoices", id), "status": "draft", "sent": false, "archived": false, "reminders": 0,
            "paid": 0, "margin": format!("secret-margin-{id};"),
            "lines": [{ "text": "Work", "price": id * 10, "cost": format!("secret-cost-{id};") }],
        });
        put(tables, "invoices", id, record);
    }
}

/// Nothing of these that is shown says whose they are: only the lists do, by what they hold.
fn paged(tables: &mut Tables) {
    for (table, first) in [("notes", 1000), ("tasks", 2000), ("files", 3000)] {
        for (index, (owner, tenant)) in (0..).zip(OWNERS) {
            for step in 0..PAGED_EACH {
                let id = first + 3 * step + index;
                let record =
                    json!({ "text": mark(table, id), "done": false, "_owner": owner, "_tenant": tenant });
                put(tables, table, id, record);
            }
        }
    }
}

/// The third of the first owner is named like the number of the second's.
fn projects(tables: &mut Tables) {
    let rows = [(91, 0, "alpha"), (92, 1, "beta"), (93, 2, "gamma"), (94, 1, "delta"), (95, 0, "94")];
    for (id, owner, name) in rows {
        let Some((owner, tenant)) = OWNERS.get(owner) else { continue };
        let record =
            json!({ "tenant": tenant, "owner_id": owner, "name": name, "about": mark("projects", id) });
        put(tables, "projects", id, record);
    }
}
