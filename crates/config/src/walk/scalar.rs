//! One scalar: its type, its unit, its range.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::{Finding, Place};
use tape::{Kind as Shape, Node};

use super::{Walk, shown};
use crate::keys::{AUTHENTICATOR, Key, Kind};
use crate::values::Content;
use crate::{references, scalars, suggest, why};

impl Walk<'_> {
    pub(super) fn scalar_node(&mut self, node: Node<'_>, kind: &'static Kind, name: &str) -> Option<Content> {
        let place = self.locator.place(node.span());
        let text = match (node.kind(), kind) {
            (Shape::String, Kind::Flag | Kind::Version | Kind::Count { .. }) => None,
            (Shape::String, _) => node.as_str(),
            (Shape::Number, Kind::Version | Kind::Count { .. } | Kind::Size { .. } | Kind::Secret) => {
                node.number()
            }
            // `1.3` is a number to YAML, and a version to people.
            (Shape::Number, Kind::OneOf(words)) => node.number().filter(|text| words.contains(text)),
            (Shape::Bool, Kind::Flag) => node.as_bool().map(|flag| if flag { "true" } else { "false" }),
            // `off` is a word here; YAML 1.1 took it for false, and some writers still do.
            (Shape::Bool, Kind::OneOf(words)) if words.contains(&"off") && node.as_bool() == Some(false) => {
                Some("off")
            }
            _ => None,
        };
        let Some(text) = text else {
            self.wrong(place, &format!("`{name}` is {}", noun(kind)), node);
            return None;
        };
        match self.scalar(kind, text, &place) {
            Ok(content) => Some(content),
            Err(mut finding) => {
                if finding.code == "B2005" {
                    finding.sentence = format!("`{}`: {}", shown(name), finding.sentence);
                }
                if finding.code == "B2007" && text.contains("://") {
                    finding.advice = Some(instead_of_url(name));
                }
                self.findings.push(*finding);
                None
            }
        }
    }

    pub(super) fn scalar(&mut self, kind: &Kind, text: &str, place: &Place) -> Result<Content, Box<Finding>> {
        let bad = |why: String| Box::new(Finding::error("B2005", why).at(place.clone(), "not accepted"));
        if !matches!(kind, Kind::Secret) && references::looks_like_one(text) {
            return Err(Box::new(
                Finding::error("B2013", "a reference stands where a plain value belongs")
                    .at(place.clone(), "only secrets are references")
                    .advice("write the value itself"),
            ));
        }
        Ok(match kind {
            Kind::Version if text == "1" => Content::Count(1),
            Kind::Version => {
                return Err(Box::new(
                    Finding::error("B2006", "this version of the file is not known")
                        .at(place.clone(), "1 is the only one"),
                ));
            }
            Kind::Text if text.trim().is_empty() => return Err(bad("the text is empty".to_owned())),
            Kind::Text if text.chars().any(char::is_control) => {
                return Err(bad("the text holds control characters".to_owned()));
            }
            Kind::Text => Content::Text(Arc::from(text)),
            Kind::Flag => Content::Flag(text == "true"),
            Kind::Count { min, max } => {
                let count = text.parse().map_err(|_| bad("a whole number belongs here".to_owned()))?;
                Content::Count(within(count, *min, *max, |n| n.to_string()).map_err(bad)?)
            }
            Kind::Size { min, max } => {
                let size = scalars::size(text).map_err(bad)?;
                Content::Count(within(size, *min, *max, bytes_text).map_err(bad)?)
            }
            Kind::Duration { min_ms, max_ms } => {
                let duration = scalars::duration(text).map_err(bad)?;
                let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
                within(ms, *min_ms, *max_ms, duration_text).map_err(bad)?;
                Content::Duration(duration)
            }
            Kind::Rate => Content::Rate(scalars::rate(text).map_err(bad)?),
            Kind::Share => Content::Count(u64::from(scalars::share(text).map_err(bad)?)),
            Kind::OneOf(words) => Content::Text(one_of(words, text, place)?),
            Kind::Secret => {
                let secret = references::resolve(text, place, &self.directory, self.environment);
                Content::Secret(secret.inspect_err(|finding| {
                    if finding.code == "B2010" {
                        self.sources.mask(place.clone());
                    }
                })?)
            }
            Kind::File => Content::File(self.file(text, place)?),
            Kind::Path if text.is_empty() || text.contains('\0') => {
                return Err(bad("a path belongs here".to_owned()));
            }
            Kind::Path => Content::Path(self.directory.join(text)),
            Kind::Url => Content::Url(scalars::url(text).map_err(bad)?),
            Kind::Address => Content::Address(scalars::address(text).map_err(bad)?),
            Kind::Network => Content::Network(scalars::network(text).map_err(bad)?),
            Kind::Instant => Content::Instant(scalars::instant(text).map_err(bad)?),
            Kind::Sha256 => Content::Sha256(
                sha256(text).ok_or_else(|| bad("a SHA-256 is 64 hexadecimal digits".to_owned()))?,
            ),
            Kind::List(_) | Kind::OneOrMany(_) | Kind::Map { .. } | Kind::Section(_) | Kind::Short { .. } => {
                return Err(bad("a scalar cannot stand here".to_owned()));
            }
        })
    }

    fn file(&mut self, text: &str, place: &Place) -> Result<Bytes, Box<Finding>> {
        let path = self.directory.join(text);
        let bytes = self.environment.read(&path).map(Bytes::from).map_err(|error| {
            let why = match text.contains("://") {
                true => "it is a URL, and a file belongs here".to_owned(),
                false => why(&error),
            };
            let sentence = format!("`{}` cannot be read: {why}", shown(text));
            Box::new(Finding::error("B2007", sentence).at(place.clone(), "named here"))
        })?;
        self.sources.insert(path.to_string_lossy(), bytes.clone());
        Ok(bytes)
    }
}

/// What to do where a URL stands for a file.
fn instead_of_url(name: &str) -> String {
    let takes_url = |key: &&Key| {
        matches!(key.kind, Kind::Url) && key.name.strip_suffix("_uri").is_some_and(|start| start == name)
    };
    match AUTHENTICATOR.keys.iter().find(takes_url) {
        Some(key) => format!("`{}` takes a URL", key.name),
        None => format!("`{}` takes no URL: keep what is there in a file beside this one", shown(name)),
    }
}

fn one_of(words: &'static [&'static str], text: &str, place: &Place) -> Result<Arc<str>, Box<Finding>> {
    if let Some(word) = words.iter().find(|word| **word == text) {
        return Ok(Arc::from(*word));
    }
    let finding = Finding::error("B2005", format!("`{}` is not one of {}", shown(text), words.join(", ")));
    Err(Box::new(match suggest::closest(text, words.iter().copied()) {
        Some(near) => finding.at(place.clone(), format!("did you mean `{near}`?")),
        None => finding.at(place.clone(), "not accepted"),
    }))
}

fn within(value: u64, min: u64, max: u64, show: impl Fn(u64) -> String) -> Result<u64, String> {
    match value {
        0 if min == 1 => Err("0 would let nothing pass: it is at least 1".to_owned()),
        _ if value < min => Err(format!("the value is at least {}", show(min))),
        _ if value > max => Err(format!("the value is at most {}", show(max))),
        _ => Ok(value),
    }
}

/// A size in the largest unit that divides it.
pub(crate) fn bytes_text(bytes: u64) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        if bytes > 0 && bytes.is_multiple_of(1 << shift) {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

/// A duration in the largest unit that divides it.
pub(crate) fn duration_text(ms: u64) -> String {
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)] {
        if ms > 0 && ms.is_multiple_of(length) {
            return format!("{}{unit}", ms / length);
        }
    }
    format!("{ms}ms")
}

/// A rate as it is written: `100/min`.
pub fn rate_text(count: u64, window: Duration) -> String {
    let per = duration_text(u64::try_from(window.as_millis()).unwrap_or(u64::MAX));
    match per.strip_prefix('1') {
        Some(unit) if unit.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("{count}/{unit}"),
        _ => format!("{count}/{per}"),
    }
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    let mut sum = [0_u8; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in sum.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(sum)
}

/// What a value of this kind is called.
fn noun(kind: &Kind) -> String {
    match kind {
        Kind::Version => "the number 1".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Count { .. } => "a whole number".to_owned(),
        Kind::Size { .. } => "a size such as `64KiB`".to_owned(),
        Kind::Duration { .. } => "a duration such as `30s`".to_owned(),
        Kind::Rate => "a rate such as `100/min`".to_owned(),
        Kind::Share => "a share such as `1%`".to_owned(),
        Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        Kind::Secret => "a reference such as `${env:NAME}`".to_owned(),
        Kind::File | Kind::Path => "a path".to_owned(),
        Kind::Url => "a URL".to_owned(),
        Kind::Address => "an address such as `127.0.0.1:8080`".to_owned(),
        Kind::Network => "a network such as `10.0.0.0/8`".to_owned(),
        Kind::Instant => "a date such as `2027-01-31`".to_owned(),
        Kind::Sha256 => "64 hexadecimal digits".to_owned(),
        Kind::List(_) => "a list".to_owned(),
        Kind::OneOrMany(item) => format!("{}, or a list of them", noun(item)),
        Kind::Map { names, .. } => format!("a mapping by {names}"),
        Kind::Section(section) | Kind::Short { section, .. } => crate::keys::noun(section),
    }
}
