//! `setvar`: `tx.name=value`, `=+1`, `=-1`, `!tx.name`; macros in names and values.

use super::{Action, Fault, Takes};
use crate::effect::{Change, Collection, Effect, Key, SetVar};
use crate::macros::Macro;
use crate::tx::TxNames;

pub static ACTION: Action = Action {
    name: "setvar",
    takes: Takes::Argument,
    apply: |reading, text| {
        let set = set_var(text.as_str(), reading.names)?;
        reading.actions.effects.push(Effect::SetVar(set));
        Ok(())
    },
};

fn set_var(text: &str, names: &mut TxNames) -> Result<SetVar, Fault> {
    let (unset, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let key = key(name.trim(), names)?;
    let change = match value {
        _ if unset => Change::Unset,
        // Without a value, the variable is switched on.
        None => Change::Set(Macro::parse("1", names)?),
        Some(value) => match (value.strip_prefix('+'), value.strip_prefix('-')) {
            (Some(more), _) => Change::Add(Macro::parse(more, names)?),
            (_, Some(less)) => Change::Subtract(Macro::parse(less, names)?),
            _ => Change::Set(Macro::parse(value, names)?),
        },
    };
    Ok(SetVar { key, change })
}

/// `tx.name`, `ip.name` and so on.
pub(super) fn key(text: &str, names: &mut TxNames) -> Result<Key, Fault> {
    let (collection, name) = text
        .split_once(['.', ':'])
        .filter(|(_, name)| !name.is_empty())
        .ok_or_else(|| format!("`{text}` is not of the form COLLECTION.NAME"))?;
    if collection.eq_ignore_ascii_case("tx") {
        if !Macro::is_in(name) {
            return Ok(Key::Tx(names.slot(name.as_bytes())));
        }
        return Ok(Key::TxNamed(Macro::parse(name, names)?));
    }
    let collection = Collection::named(collection).ok_or_else(|| {
        format!("`{collection}` cannot be written to: tx, global, ip, resource, session or user can")
    })?;
    Ok(Key::Other(collection, Macro::parse(name, names)?))
}
