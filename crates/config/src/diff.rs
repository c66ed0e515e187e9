//! What the difference of two configurations means for security, in sentences.

mod api;
mod auth;
mod authorization;
mod classes;
mod edge;
mod limits;
mod operation;
mod proxies;
mod schema;
pub mod secrets;
mod tls;
mod told;
mod waf;

use std::fmt;

use model::{Finding, Place};

use crate::Configuration;

pub use told::{document, summary, text};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Something passes that did not.
    Weaker,
    /// It cannot be told whether something passes that did not: somebody has to look.
    Unknown,
    /// It protects neither more nor less.
    Neutral,
    Stronger,
}

impl Direction {
    /// Whether it is, or may be, weaker.
    pub fn may_weaken(self) -> bool {
        matches!(self, Self::Weaker | Self::Unknown)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Weaker => "weaker",
            Self::Unknown => "unknown",
            Self::Neutral => "neutral",
            Self::Stronger => "stronger",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub direction: Direction,
    /// The API, when it concerns one.
    pub api: Option<String>,
    /// "getOrder became anonymous"
    pub sentence: String,
    /// In the new files where it stands there, else in the old ones.
    pub place: Option<Place>,
}

impl Change {
    /// For output that shows findings.
    pub fn finding(&self) -> Finding {
        let api = self.api.as_ref().map(|api| format!("{api}: ")).unwrap_or_default();
        let sentence = format!("{api}{}", self.sentence);
        let finding = match self.direction {
            Direction::Weaker => Finding::warning("B3201", sentence),
            Direction::Unknown => Finding::warning("B3203", sentence),
            _ => Finding::note("B3202", sentence),
        };
        match &self.place {
            Some(place) => finding.at(place.clone(), self.direction.name()),
            None => finding,
        }
    }
}

/// Every difference but those of secrets (see [`secrets`]), the weakening ones first, otherwise in the order of the files.
pub fn changes(old: &Configuration, new: &Configuration) -> Vec<Change> {
    let mut changes = Changes::default();
    edge::compare(&mut changes, old, new);
    limits::compare(&mut changes, "the file's ", &old.settings.limits, &new.settings.limits);
    classes::compare(&mut changes, &old.settings, &new.settings);
    waf::files(&mut changes, old, new);
    for api in &new.settings.apis {
        changes.api = Some(api.name.to_string());
        match old.settings.apis.iter().find(|other| other.name == api.name) {
            Some(other) => {
                api::compare(&mut changes, other, api);
                classes::of_api(&mut changes, (&old.settings, other), (&new.settings, api));
            }
            None => api::added(&mut changes, api),
        }
    }
    for api in &old.settings.apis {
        if !new.settings.apis.iter().any(|other| other.name == api.name) {
            changes.api = Some(api.name.to_string());
            changes.stronger("the API is no longer served");
        }
    }
    let mut list = changes.list;
    list.sort_by_key(|change| change.direction);
    list
}

/// Collects changes; what is compared next concerns `api` and stands at `place`.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    api: Option<String>,
    place: Option<Place>,
}

impl Changes {
    fn add(&mut self, direction: Direction, sentence: impl Into<String>) {
        let change =
            Change { direction, api: self.api.clone(), sentence: sentence.into(), place: self.place.clone() };
        if !self.list.contains(&change) {
            self.list.push(change);
        }
    }

    fn weaker(&mut self, sentence: impl Into<String>) {
        self.add(Direction::Weaker, sentence);
    }

    fn stronger(&mut self, sentence: impl Into<String>) {
        self.add(Direction::Stronger, sentence);
    }

    fn unknown(&mut self, sentence: impl Into<String>) {
        self.add(Direction::Unknown, sentence);
    }

    fn neutral(&mut self, sentence: impl Into<String>) {
        self.add(Direction::Neutral, sentence);
    }

    /// A switch whose `true` is the weaker side.
    fn danger(&mut self, old: bool, new: bool, on: &str, off: &str) {
        match (old, new) {
            (false, true) => self.weaker(on),
            (true, false) => self.stronger(off),
            _ => {}
        }
    }

    /// Something that protects where it is there. Both, where it was and still is.
    fn guard<'a, T: ?Sized>(
        &mut self,
        old: Option<&'a T>,
        new: Option<&'a T>,
        gone: &str,
        come: &str,
    ) -> Option<(&'a T, &'a T)> {
        match (old, new) {
            (Some(_), None) => self.weaker(gone),
            (None, Some(_)) => self.stronger(come),
            _ => {}
        }
        old.zip(new)
    }

    /// The same where nobody can tell whether another one protects as well.
    fn guard_or_other<T: PartialEq + ?Sized>(
        &mut self,
        old: Option<&T>,
        new: Option<&T>,
        gone: &str,
        come: &str,
        other: &str,
    ) {
        if self.guard(old, new, gone, come).is_some_and(|(old, new)| old != new) {
            self.unknown(other);
        }
    }

    /// Things of which each lets more through.
    fn each_lets<T: PartialEq>(
        &mut self,
        old: impl IntoIterator<Item = T>,
        new: impl IntoIterator<Item = T>,
        come: impl Fn(&T) -> String,
        gone: impl Fn(&T) -> String,
    ) {
        let (old, new): (Vec<T>, Vec<T>) = (old.into_iter().collect(), new.into_iter().collect());
        for added in new.iter().filter(|item| !old.contains(item)) {
            self.weaker(come(added));
        }
        for removed in old.iter().filter(|item| !new.contains(item)) {
            self.stronger(gone(removed));
        }
    }

    /// Things of which each asks for more.
    fn each_guards<T: PartialEq>(
        &mut self,
        old: impl IntoIterator<Item = T>,
        new: impl IntoIterator<Item = T>,
        gone: impl Fn(&T) -> String,
        come: impl Fn(&T) -> String,
    ) {
        self.each_lets(new, old, gone, come);
    }

    /// A quantity of which more is weaker.
    fn more<T: PartialOrd>(&mut self, what: &str, old: T, new: T, show: impl Fn(&T) -> String) {
        if old == new {
            return;
        }
        let sentence = format!("{what} {} -> {}", show(&old), show(&new));
        if new > old { self.weaker(sentence) } else { self.stronger(sentence) }
    }

    /// A list of what is accepted: each addition is weaker.
    fn accepted<T: PartialEq + fmt::Display>(&mut self, what: &str, old: &[T], new: &[T]) {
        self.each_lets(
            old,
            new,
            |added| format!("{what} `{added}` is now accepted"),
            |removed| format!("{what} `{removed}` is no longer accepted"),
        );
    }
}

#[cfg(test)]
mod tests;
