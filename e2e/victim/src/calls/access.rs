//! The few steps that handlers are made of, with the checks that only the hardened twin does.

use serde_json::{Value, json};

use super::{Outcome, number};
use crate::answer::Reply;
use crate::app::Turn;

/// What somebody wants with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Read,
    Write,
}

impl Turn<'_> {
    /// The record's id once it is there and, for the hardened twin, the caller's to have; else 404.
    pub(crate) fn find(&self, table: &str, id: &str, want: Want) -> Result<u64, Reply> {
        let id = number(id)?;
        if self.state.get(table, id).is_none() || (self.hardened && !self.may(table, id, want)) {
            return Err(Reply::missing());
        }
        Ok(id)
    }

    fn may(&self, table: &str, id: u64, want: Want) -> bool {
        let Some(whose) = self.state.whose(table, id) else { return false };
        if whose.tenant != self.caller.tenant {
            return false;
        }
        if whose.owner == Some(self.caller.id) {
            return true;
        }
        match table {
            "notes" | "tasks" | "files" | "tickets" => false,
            "people" | "tenants" => want == Want::Read || self.caller.has("admin"),
            _ => self.caller.has("admin") || (want == Want::Read && self.caller.has("staff")),
        }
    }

    /// Whether a list holds the record for this caller.
    pub(crate) fn lists(&self, table: &str, id: u64) -> bool {
        !self.hardened || self.may(table, id, Want::Read)
    }

    /// For the hardened twin: the caller must have the role.
    pub(crate) fn role(&self, role: &str) -> Result<(), Reply> {
        if self.hardened && !self.caller.has(role) { Err(Reply::forbidden()) } else { Ok(()) }
    }

    /// For the hardened twin: the body sets nothing else.
    pub(crate) fn sets_only(&self, names: &[&str]) -> Result<(), Reply> {
        let body = self.call.body.as_object().ok_or_else(|| Reply::error(400, "an object is needed"))?;
        let strange = body.keys().any(|key| !names.contains(&key.as_str()));
        if self.hardened && strange { Err(Reply::forbidden()) } else { Ok(()) }
    }

    /// What this caller is shown of a record.
    pub(crate) fn show(&self, table: &str, id: u64) -> Value {
        let mut shown = self.state.get(table, id).cloned().unwrap_or_default();
        let Some(members) = shown.as_object_mut() else { return shown };
        members.retain(|key, _| !key.starts_with('_'));
        if !self.hardened {
            return shown;
        }
        let admin = self.caller.has("admin");
        let hidden: &[&str] = match table {
            "cards" => &["number", "cvc"],
            "people" if admin => &["password_hash"],
            "people" if id == self.caller.id => &["password_hash", "role", "tenant"],
            "people" => &["password_hash", "role", "tenant", "email", "phone"],
            "tenants" if !admin => &["signing_key"],
            "clients" if !admin => &["credit_score"],
            "invoices" if !admin => &["margin"],
            _ => &[],
        };
        members.retain(|key, _| !hidden.contains(&key.as_str()));
        if table == "clients"
            && !admin
            && let Some(contact) = shown["contact"].as_object_mut()
        {
            contact.remove("tax_id");
        }
        if table == "invoices" && !admin {
            for line in shown["lines"].as_array_mut().into_iter().flatten() {
                if let Some(line) = line.as_object_mut() {
                    line.remove("cost");
                }
            }
        }
        shown
    }

    pub(crate) fn get(&mut self, table: &'static str, id: &str) -> Outcome {
        let id = self.find(table, id, Want::Read)?;
        Ok(Reply::ok(&self.show(table, id)))
    }

    /// The members of the body become the record's: all of them, or for the hardened twin those that may.
    pub(crate) fn put(&mut self, table: &'static str, id: &str, writable: &[&str]) -> Outcome {
        self.sets_only(writable)?;
        let id = self.find(table, id, Want::Write)?;
        self.merge(table, id);
        Ok(Reply::ok(&self.show(table, id)))
    }

    pub(crate) fn merge(&mut self, table: &str, id: u64) {
        let sent = self.call.body.as_object().cloned().unwrap_or_default();
        if let Some(record) = self.state.get_mut(table, id).and_then(Value::as_object_mut) {
            record.extend(sent.into_iter().filter(|(key, _)| key != "id"));
        }
    }

    pub(crate) fn set(&mut self, table: &'static str, id: &str, property: &str, value: &Value) -> Outcome {
        let id = self.find(table, id, Want::Write)?;
        if let Some(record) = self.state.get_mut(table, id) {
            record[property] = value.clone();
        }
        Ok(Reply::ok(&json!({ "id": id, "ok": true })))
    }

    pub(crate) fn delete(&mut self, table: &'static str, id: &str) -> Outcome {
        let id = self.find(table, id, Want::Write)?;
        self.state.remove(table, id);
        Ok(Reply::empty())
    }
}
