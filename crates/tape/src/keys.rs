//! What a file of ours may say: a table of every key, once. Reading, "did you mean", defaults and the editor's JSON
//! Schema are made from it; `K` is a file's own set of value shapes.

/// A mapping with a closed set of keys.
#[derive(Debug)]
pub struct Section<K: 'static> {
    /// What the section is called in messages.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    pub keys: &'static [Key<K>],
}

/// One key: its name, the shape of its value, and what holds when it is absent.
#[derive(Debug)]
pub struct Key<K: 'static> {
    pub name: &'static str,
    pub kind: K,
    pub presence: Presence,
    /// One sentence for people and for the schema.
    pub about: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// Of the keys of the section that are so, exactly one has to stand there.
    OneOf,
    /// Written as it would stand in the file.
    Default(&'static str),
}

impl<K> Section<K> {
    pub fn key(&self, name: &str) -> Option<&'static Key<K>> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Names of the keys of which exactly one has to stand there; none where each key is for itself.
    pub fn alternatives(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().filter(|key| key.presence == Presence::OneOf).map(|key| key.name)
    }
}

pub const fn required<K>(name: &'static str, kind: K, about: &'static str) -> Key<K> {
    Key { name, kind, presence: Presence::Required, about }
}

pub const fn optional<K>(name: &'static str, kind: K, about: &'static str) -> Key<K> {
    Key { name, kind, presence: Presence::Optional, about }
}

pub const fn one_of<K>(name: &'static str, kind: K, about: &'static str) -> Key<K> {
    Key { name, kind, presence: Presence::OneOf, about }
}

pub const fn default<K>(name: &'static str, value: &'static str, kind: K, about: &'static str) -> Key<K> {
    Key { name, kind, presence: Presence::Default(value), about }
}
