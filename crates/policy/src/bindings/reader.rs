//! Holds a bindings file against the table of keys, and reports everything that does not fit at once.

use std::time::Duration;

use model::{Finding, Place};
use tape::keys::Presence;
use tape::{Kind as Shape, Node};

use super::keys::{Key, Kind, Section};
use super::places::{Locator, Places};
use super::{IdPlace, codes};
use crate::Path;
use crate::suggest::{closest, shown, unknown_key};

pub(super) struct Reader<'a> {
    pub(super) locator: &'a Locator,
    pub(super) places: Places,
    pub(super) findings: Vec<Finding>,
}

impl Reader<'_> {
    /// `at` is the pointer of the section: empty for the root.
    pub(super) fn section(&mut self, node: Node<'_>, section: &'static Section, at: &str) {
        let place = self.locator.place(node.span());
        if node.kind() != Shape::Object {
            return self.wrong(place, format!("{} is a mapping of keys", section.name), node);
        }
        for member in node.members() {
            let key_place = self.locator.place(member.key_span());
            match section.key(member.key) {
                Some(key) => self.member(member.value, &key.kind, key.name, at, &key_place),
                None => self.unknown(member.key, key_place, section),
            }
        }
        let missing = section
            .keys
            .iter()
            .filter(|key| key.presence == Presence::Required && node.get(key.name).is_none());
        for key in missing {
            self.missing(key, section, &place);
        }
        let said = section.alternatives().filter(|name| node.get(name).is_some()).count();
        let names: Vec<_> = section.alternatives().map(|name| format!("`{name}`")).collect();
        if !names.is_empty() && said != 1 {
            let sentence = format!("{} says exactly one of {}", section.name, names.join(", "));
            let label = if said == 0 { "none of them stands here" } else { "several of them stand here" };
            self.findings.push(Finding::error(codes::COMBINATION, sentence).at(place, label));
        }
    }

    /// A value with a name: containers are pointed at by the name, scalars by themselves.
    fn member(&mut self, node: Node<'_>, kind: &'static Kind, name: &str, at: &str, key_place: &Place) {
        let inner = format!("{at}/{name}");
        let is_container = matches!(node.kind(), Shape::Object | Shape::Array);
        let place = if is_container { key_place.clone() } else { self.locator.place(node.span()) };
        self.places.insert(&inner, place);
        self.value(node, kind, name, &inner);
    }

    fn value(&mut self, node: Node<'_>, kind: &'static Kind, name: &str, at: &str) {
        let place = self.locator.place(node.span());
        match kind {
            Kind::Section(section) => self.section(node, section, at),
            Kind::List(_) if node.kind() != Shape::Array => {
                self.wrong(place, format!("`{}` is a list", shown(name)), node);
            }
            Kind::List(item) => self.items(node, item, name, at),
            Kind::OneOrMany(item) if node.kind() == Shape::Array => self.items(node, item, name, at),
            Kind::OneOrMany(item) => self.value(node, item, name, at),
            Kind::Map { names, .. } if node.kind() != Shape::Object => {
                self.wrong(place, format!("`{}` is a mapping, by {names}", shown(name)), node);
            }
            Kind::Map { value, .. } => {
                for entry in node.members() {
                    let key_place = self.locator.place(entry.key_span());
                    self.member(entry.value, value, entry.key, at, &key_place);
                    // An entry is called by its name, whatever stands under it.
                    self.places.insert(&format!("{at}/{}", entry.key), key_place);
                }
            }
            Kind::Short { section, .. } if node.kind() == Shape::Object => self.section(node, section, at),
            Kind::Short { key, section } => {
                if let Some(key) = section.key(key) {
                    self.value(node, &key.kind, name, at);
                }
            }
            Kind::WordOr { section, .. } if node.kind() == Shape::Object => self.section(node, section, at),
            Kind::WordOr { words, .. } => self.scalar(node, &Kind::OneOf(words), name),
            Kind::Any => {}
            scalar => self.scalar(node, scalar, name),
        }
    }

    fn items(&mut self, node: Node<'_>, item: &'static Kind, name: &str, at: &str) {
        for (index, inner) in node.items().enumerate() {
            let pointer = format!("{at}/{index}");
            self.places.insert(&pointer, self.locator.place(inner.span()));
            self.value(inner, item, name, &pointer);
        }
    }

    fn scalar(&mut self, node: Node<'_>, kind: &Kind, name: &str) {
        let place = self.locator.place(node.span());
        let fits = match kind {
            Kind::Flag => node.kind() == Shape::Bool,
            Kind::Version | Kind::Count { .. } => node.kind() == Shape::Number,
            // A role or a tenant may be called 7.
            Kind::Text | Kind::Claim => matches!(node.kind(), Shape::String | Shape::Number),
            _ => node.kind() == Shape::String,
        };
        if !fits {
            return self.wrong(place, format!("`{}` is {}", shown(name), noun(kind)), node);
        }
        let Err(why) = judge(node, kind) else { return };
        let finding =
            Finding::error(if matches!(kind, Kind::Version) { codes::VERSION } else { codes::VALUE }, {
                format!("`{}`: {why}", shown(name))
            });
        let near = match (kind, node.as_str()) {
            (Kind::OneOf(words), Some(text)) => closest(text, words.iter().copied()),
            (Kind::IdPlace, Some(text)) => {
                closest(text.split('.').next().unwrap_or_default(), ID_PLACES.into_iter())
            }
            _ => None,
        };
        let label = near.map_or_else(|| "not accepted".to_owned(), |near| format!("did you mean `{near}`?"));
        self.findings.push(finding.at(place, label));
    }

    fn missing(&mut self, key: &Key, section: &Section, place: &Place) {
        let finding = Finding::error(codes::MISSING, format!("{} has no `{}`", section.name, key.name));
        let finding = finding.at(place.clone(), format!("`{}` is missing here", key.name));
        self.findings.push(finding.advice(format!("`{}`: {}", key.name, key.about)));
    }

    fn unknown(&mut self, name: &str, place: Place, section: &'static Section) {
        let known = section.keys.iter().map(|key| key.name);
        self.findings.push(unknown_key(codes::UNKNOWN_KEY, section.name, name, known, place));
    }

    fn wrong(&mut self, place: Place, sentence: String, node: Node<'_>) {
        let found = match node.kind() {
            Shape::Null => "nothing stands here",
            Shape::Bool => "this is true or false",
            Shape::Number => "this is a number",
            Shape::String => "this is a text",
            Shape::Array => "this is a list",
            Shape::Object => "this is a mapping",
        };
        self.findings.push(Finding::error(codes::SHAPE, sentence).at(place, found));
    }
}

const ID_PLACES: [&str; 6] = ["path", "query", "header", "cookie", "body", "principal"];

fn judge(node: Node<'_>, kind: &Kind) -> Result<(), String> {
    let text = node.as_str().or_else(|| node.number()).unwrap_or_default();
    match kind {
        Kind::Version if text == "1" => Ok(()),
        Kind::Version => Err("1 is the only version that is known".to_owned()),
        Kind::Claim if text.starts_with('$') => match Path::parse(text) {
            Ok(path) if path.is_plural() || path.steps().is_empty() => {
                Err("a path of claims names one of them".to_owned())
            }
            Ok(_) => Ok(()),
            Err(fault) => Err(format!("it is no path, {fault}")),
        },
        Kind::Text | Kind::Claim if text.trim().is_empty() => Err("the text is empty".to_owned()),
        Kind::Text | Kind::Claim if text.chars().any(char::is_control) => {
            Err("the text has control characters".to_owned())
        }
        Kind::Count { min, max } => match text.parse::<u64>() {
            Ok(count) if (*min..=*max).contains(&count) => Ok(()),
            _ => Err(format!("a whole number from {min} to {max} belongs here")),
        },
        Kind::Duration { min_ms, max_ms } => {
            let given = duration(text).ok_or("a duration reads `500ms`, `2s`, `5min`, `1h` or `1d`")?;
            let within = (u128::from(*min_ms)..=u128::from(*max_ms)).contains(&given.as_millis());
            within.then_some(()).ok_or_else(|| format!("between {min_ms} ms and {max_ms} ms are accepted"))
        }
        Kind::Path => Path::parse(text).map(drop).map_err(|fault| format!("it is no path, {fault}")),
        Kind::IdPlace => IdPlace::parse(text).map(drop).map_err(str::to_owned),
        Kind::OneOf(words) if !words.contains(&text) => Err(format!("it is one of {}", words.join(", "))),
        _ => Ok(()),
    }
}

/// `500ms`, `2s`, `5min`, `1h`, `1d`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let ms: u64 = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    count.checked_mul(ms).map(Duration::from_millis)
}

fn noun(kind: &Kind) -> &'static str {
    match kind {
        Kind::Version => "the number 1",
        Kind::Flag => "`true` or `false`",
        Kind::Count { .. } => "a whole number",
        Kind::Duration { .. } => "a duration such as `2s`",
        Kind::Path => "a path such as `$.items[*]`",
        Kind::IdPlace => "a place such as `path.order_id` or `body.$.order.id`",
        Kind::OneOf(_) => "one of a few words",
        _ => "a text",
    }
}

/// A sentence that may hold names from a description, as one line of a comment.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().filter(|c| !model::is_hidden(*c)).take(300).collect()
}
