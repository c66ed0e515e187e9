//! Changes in words and as a document.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Change, Direction};
use crate::render;

/// One line each.
pub fn text(changes: &[Change]) -> String {
    let mut out = String::new();
    for Change { direction, api, sentence, place } in changes {
        let place = place.as_ref().map(|place| format!("  ({place})")).unwrap_or_default();
        let api = api.as_ref().map(|api| format!("{api}: ")).unwrap_or_default();
        let line = format!("{:<9}{api}{sentence}{place}", direction.name());
        let _ = writeln!(out, "{}", render::printable(&line));
    }
    out
}

pub fn document(changes: &[Change]) -> Value {
    let one = |Change { direction, api, sentence, place }: &Change| json!({ "direction": direction.name(), "api": api, "sentence": sentence, "place": place });
    json!({ "version": 1, "changes": changes.iter().map(one).collect::<Vec<_>>() })
}

/// How many there are, and how many of them need a look.
pub fn summary(changes: &[Change]) -> String {
    let count = |direction| changes.iter().filter(|change| change.direction == direction).count();
    match changes.len() {
        0 => "no difference that matters to security".to_owned(),
        all => format!(
            "{all} changes, {} of them weaker, {} that cannot be judged",
            count(Direction::Weaker),
            count(Direction::Unknown)
        ),
    }
}
