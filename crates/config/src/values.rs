//! What the walk makes of a file: typed values with places, by the keys of the table.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway::settings::Network;
use model::{Place, Secret};

use crate::keys::Section;
use crate::scalars::{Rate, Url};

pub(crate) struct Value {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Text(Arc<str>),
    Flag(bool),
    Count(u64),
    Duration(Duration),
    Rate(Rate),
    Secret(Secret<Vec<u8>>),
    File(Bytes),
    Path(PathBuf),
    Url(Url),
    Address(SocketAddr),
    Network(Network),
    Instant(u64),
    Sha256([u8; 32]),
    List(Vec<Value>),
    Map(Vec<Named>),
    Section(Block),
}

/// An entry whose name the operator chose.
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    /// Of the name.
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A section as it was written, defaults filled in. A key that could not be read is absent, and was reported.
pub(crate) struct Block {
    pub(crate) section: &'static Section,
    pub(crate) place: Place,
    pub(crate) values: BTreeMap<&'static str, Value>,
    /// Places of the keys that stand in the file, readable or not.
    pub(crate) written: BTreeMap<&'static str, Place>,
}

macro_rules! readers {
    ($( $name:ident $variant:ident $type:ty; )*) => {
        impl Block {
            $( pub(crate) fn $name(&self, key: &str) -> Option<&$type> {
                match &self.get(key)?.content {
                    Content::$variant(value) => Some(value),
                    _ => None,
                }
            } )*
        }
    };
}

readers! {
    text Text Arc<str>;
    flag_value Flag bool;
    count Count u64;
    duration Duration Duration;
    rate Rate Rate;
    secret Secret Secret<Vec<u8>>;
    file File Bytes;
    path Path PathBuf;
    url Url Url;
    address Address SocketAddr;
    instant Instant u64;
    sha256 Sha256 [u8; 32];
    map Map Vec<Named>;
    section Section Block;
}

impl Block {
    /// A key that is not in the table is a fault of ours that every test run shows.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        debug_assert!(self.section.key(key).is_some(), "`{key}` is not a key of {}", self.section.name);
        self.values.get(key)
    }

    /// Whether the key stands in the file.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.written.contains_key(key)
    }

    /// Where the key stands, else where the section stands.
    pub(crate) fn key_place(&self, key: &str) -> Place {
        self.written.get(key).unwrap_or(&self.place).clone()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.flag_value(key).copied().unwrap_or(false)
    }

    pub(crate) fn list(&self, key: &str) -> &[Value] {
        match self.get(key).map(|value| &value.content) {
            Some(Content::List(values)) => values,
            _ => &[],
        }
    }

    pub(crate) fn entries(&self, key: &str) -> &[Named] {
        self.map(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<Arc<str>> {
        self.list(key).iter().filter_map(Value::text).cloned().collect()
    }

    pub(crate) fn strings(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Value::text).map(|text| text.to_string()).collect()
    }

    /// The sections of a list.
    pub(crate) fn blocks(&self, key: &str) -> impl Iterator<Item = &Block> {
        self.list(key).iter().filter_map(Value::block)
    }
}

impl Value {
    pub(crate) fn text(&self) -> Option<&Arc<str>> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn url(&self) -> Option<&Url> {
        match &self.content {
            Content::Url(url) => Some(url),
            _ => None,
        }
    }

    pub(crate) fn block(&self) -> Option<&Block> {
        match &self.content {
            Content::Section(block) => Some(block),
            _ => None,
        }
    }

    /// The blocks of a section, or of a list of sections.
    pub(crate) fn blocks(&self) -> Vec<&Block> {
        match &self.content {
            Content::Section(block) => vec![block],
            Content::List(values) => values.iter().filter_map(Self::block).collect(),
            _ => Vec::new(),
        }
    }
}
