//! Secrets that are others, as far as this machine has them. They are compared in memory; of what they are nothing is told.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use model::{Place, Secret};
use tape::Node;

use super::{Change, Direction};
use crate::references;
use crate::sources::{Environment, Locator};

/// A reference to a secret.
struct Referred {
    text: String,
    place: Place,
    /// `None`: it cannot be had here.
    content: Option<Secret<Vec<u8>>>,
    /// Whoever knows it is let in.
    admits: bool,
}

/// By where it stands: `auth.bearerAuth.secret`, `auth.partnerKey.keys[acme].key`.
type Secrets = BTreeMap<String, Referred>;

/// What differs of the secrets that two gateway files refer to under the same key. Without them on this machine, of the
/// references alone.
pub fn changes(old: &Path, new: &Path, environment: &dyn Environment) -> Vec<Change> {
    let (old, new) = (secrets(old, environment), secrets(new, environment));
    let both = new.into_iter().filter_map(|(path, secret)| Some((old.get(&path)?, secret, path)));
    both.filter_map(|(before, secret, path)| {
        let sentence = match (&before.content, &secret.content) {
            (Some(a), Some(b)) if a.expose() == b.expose() => return None,
            (Some(_), Some(_)) => format!("the secret `{path}` is another"),
            (None, None) if before.text == secret.text => return None,
            (None, None) => format!("the secret `{path}` comes from elsewhere, and cannot be read here"),
            _ => format!("the secret `{path}` cannot be read here in one of the two"),
        };
        let direction = if secret.admits { Direction::Unknown } else { Direction::Neutral };
        Some(Change { direction, api: None, sentence, place: Some(secret.place) })
    })
    .collect()
}

fn secrets(file: &Path, environment: &dyn Environment) -> Secrets {
    let mut found = Secrets::new();
    let Ok(text) = environment.read(file).map(Bytes::from) else { return found };
    let locator = Locator::new(file.to_string_lossy().as_ref(), text.clone());
    let Ok(tape) = crate::parse(file, text) else { return found };
    let directory = file.parent().unwrap_or(Path::new(""));
    let mut open = vec![(String::new(), tape.root())];
    while let Some((path, node)) = open.pop() {
        match node.kind() {
            tape::Kind::Object => open.extend(node.members().map(|member| {
                let dot = if path.is_empty() { "" } else { "." };
                (format!("{path}{dot}{}", member.key), member.value)
            })),
            tape::Kind::Array => {
                let items = node.items().enumerate();
                open.extend(items.map(|(index, item)| (format!("{path}[{}]", entry(item, index)), item)));
            }
            _ => {
                let Some(text) = node.as_str().filter(|text| references::looks_like_one(text)) else {
                    continue;
                };
                let place = locator.place(node.span());
                let content = references::resolve(text, &place, directory, environment).ok();
                let admits =
                    path.starts_with("auth.") && (path.ends_with(".secret") || path.ends_with(".key"));
                found.insert(path, Referred { text: text.to_owned(), place, content, admits });
            }
        }
    }
    found
}

/// What an entry of a list is called, else its number.
fn entry(item: Node<'_>, index: usize) -> String {
    let named = ["id", "issuer", "number"].into_iter().find_map(|key| item.get(key));
    match named.map(|node| node.to_value()) {
        Some(serde_json::Value::String(name)) => name,
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => (index + 1).to_string(),
    }
}

#[cfg(test)]
mod tests;
