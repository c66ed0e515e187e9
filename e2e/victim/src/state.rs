//! The application's records, and whose each of them really is.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::seed;

/// Every table, by name, then by id. What begins with `_` is never represented.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    tables: BTreeMap<&'static str, BTreeMap<u64, Value>>,
}

/// Whose a record is: the truth, wherever the application keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    pub tenant: String,
    /// `None`: nobody's in particular, the tenant's.
    pub owner: Option<u64>,
}

impl Default for State {
    fn default() -> Self {
        Self { tables: seed::tables() }
    }
}

impl State {
    pub fn table(&self, table: &str) -> impl Iterator<Item = (u64, &Value)> {
        self.tables.get(table).into_iter().flatten().map(|(id, record)| (*id, record))
    }

    pub fn get(&self, table: &str, id: u64) -> Option<&Value> {
        self.tables.get(table)?.get(&id)
    }

    pub fn get_mut(&mut self, table: &str, id: u64) -> Option<&mut Value> {
        self.tables.get_mut(table)?.get_mut(&id)
    }

    pub fn remove(&mut self, table: &str, id: u64) {
        if let Some(table) = self.tables.get_mut(table) {
            table.remove(&id);
        }
    }

    /// Stores a record under the lowest id that is free: ids are used again after a delete, as some databases do.
    pub fn insert(&mut self, table: &'static str, mut record: Value) -> u64 {
        let table = self.tables.entry(table).or_default();
        let first = table.keys().next().copied().unwrap_or(1);
        let id = (first..).find(|id| !table.contains_key(id)).unwrap_or(first);
        if let Some(members) = record.as_object_mut() {
            members.insert("id".to_owned(), id.into());
        }
        table.insert(id, record);
        id
    }

    /// `None` for a record that is not there, or whose parent is not.
    pub fn whose(&self, table: &str, id: u64) -> Option<Whose> {
        let record = self.get(table, id)?;
        let parent = |table, key: &str| self.whose(table, record[key].as_u64()?);
        match table {
            "cards" | "documents" => parent("clients", "client_id"),
            "charges" => parent("cards", "card_id"),
            "tenants" => Some(Whose { tenant: text(&record["id"]), owner: None }),
            "people" => Some(Whose { tenant: text(&record["tenant"]), owner: Some(id) }),
            "notes" | "tasks" | "files" | "tickets" => {
                Some(Whose { tenant: text(&record["_tenant"]), owner: record["_owner"].as_u64() })
            }
            _ => Some(Whose { tenant: text(&record["tenant"]), owner: record["owner_id"].as_u64() }),
        }
    }

    /// Everything, to be compared.
    pub fn to_value(&self) -> Value {
        let tables = self.tables.iter().map(|(name, table)| {
            let records = table.iter().map(|(id, record)| (id.to_string(), record.clone()));
            ((*name).to_owned(), Value::Object(records.collect()))
        });
        Value::Object(tables.collect())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
