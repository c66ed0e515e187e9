//! Classes: those of the file, and the built-in ones where the file does not say otherwise.

use std::sync::Arc;
use std::time::Duration;

use gateway::settings::{Class, Concurrency, Declared, Importance, Limit, Per};
use model::LimitUnit;

use super::Build;
use super::limits::Names;
use crate::values::{Block, Named};

const MINUTE: Duration = Duration::from_secs(60);

/// A class that need not stand in the file: its importance, and how many calls a minute it allows of whom.
struct BuiltIn {
    name: &'static str,
    importance: Importance,
    limits: &'static [(Per, &'static str, u64)],
}

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn { name: "partner", importance: Importance::High, limits: &[] },
    BuiltIn { name: "batch", importance: Importance::Low, limits: &[] },
    BuiltIn { name: "public_form", importance: Importance::Normal, limits: &[(Per::Address, "address", 5)] },
    BuiltIn {
        name: "authentication",
        importance: Importance::High,
        limits: &[(Per::Address, "address", 10)],
    },
    BuiltIn { name: "sensitive", importance: Importance::High, limits: &[(Per::Principal, "principal", 30)] },
];

/// The names of the built-in classes.
pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|class| class.name)
}

impl Build<'_> {
    /// In the order of the file; then the built-in ones that do not stand in it.
    pub(super) fn classes(&mut self, root: &Block) -> Vec<Arc<Class>> {
        let mut classes: Vec<Arc<Class>> = Vec::new();
        for entry in root.entries("classes") {
            classes.extend(entry.value.block().map(|block| Arc::new(self.class(entry, block))));
        }
        for built_in in BUILT_IN {
            if !classes.iter().any(|class| *class.name == *built_in.name) {
                classes.push(Arc::new(built_in.class()));
            }
        }
        classes
    }

    fn class(&mut self, entry: &Named, block: &Block) -> Class {
        let usual = BUILT_IN.iter().find(|class| *class.name == *entry.name).map(BuiltIn::class);
        let limits = if block.has("limits") {
            self.limits(block.blocks("limits"), &mut Names::default(), &entry.name)
        } else {
            usual.as_ref().map(|class| class.limits.clone()).unwrap_or_default()
        };
        if !block.list("issuers").is_empty()
            && block.list("clients").is_empty()
            && block.list("scopes").is_empty()
        {
            let sentence = "`issuers` has no meaning without `clients` or `scopes`";
            self.error("B2026", sentence, block.key_place("issuers"), "it says whose callers are meant");
        }
        let importance = block.text("importance").and_then(|word| importance(word));
        Class {
            name: entry.name.clone(),
            importance: importance.or(usual.map(|class| class.importance)).unwrap_or_default(),
            clients: block.strings("clients"),
            issuers: block.strings("issuers"),
            scopes: block.strings("scopes"),
            operations: block.strings("operations"),
            apis: block.strings("apis"),
            limits,
        }
    }

    /// What a section about an operation says of its class and cost.
    pub(super) fn declared(block: &Block) -> Declared {
        Declared { class: block.text("class").cloned(), cost: block.count("cost").copied() }
    }

    pub(super) fn concurrency(&mut self, block: &Block) -> Concurrency {
        let usual = Concurrency::default();
        let number = |key: &str, usual: usize| {
            block.count(key).map_or(usual, |count| usize::try_from(*count).unwrap_or(usize::MAX))
        };
        let adaptive = block.flag("adaptive");
        let (min, max) = (number("min", usual.min), number("max", usual.max));
        let tolerance = block.count("tolerance_percent").and_then(|percent| u32::try_from(*percent).ok());
        for key in ["min", "tolerance_percent"] {
            if let Some(place) = block.written.get(key).filter(|_| !adaptive) {
                let sentence = format!("`{key}` has no meaning without `adaptive`");
                self.error("B2026", sentence, place.clone(), "remove it: the bound is `max`");
            }
        }
        if adaptive && min > max {
            self.error("B2026", "`min` is above `max`", block.place.clone(), "no bound lies between them");
        }
        let tolerance_percent = tolerance.unwrap_or(usual.tolerance_percent);
        Concurrency { adaptive, min, max, tolerance_percent }
    }
}

impl BuiltIn {
    fn class(&self) -> Class {
        let limit = |(per, word, count): &(Per, &str, u64)| Limit {
            name: format!("{}-{word}", self.name.replace('_', "-")),
            per: *per,
            unit: LimitUnit::Requests,
            count: *count,
            window: MINUTE,
            burst: *count,
            daily: None,
            operations: Vec::new(),
        };
        Class {
            name: self.name.into(),
            importance: self.importance,
            clients: Vec::new(),
            issuers: Vec::new(),
            scopes: Vec::new(),
            operations: Vec::new(),
            apis: Vec::new(),
            limits: self.limits.iter().map(limit).collect(),
        }
    }
}

fn importance(word: &str) -> Option<Importance> {
    Some(match word {
        "low" => Importance::Low,
        "normal" => Importance::Normal,
        "high" => Importance::High,
        "critical" => Importance::Critical,
        _ => return None,
    })
}
