//! What of an answer nobody declared: URLs that lead to the API, properties that are called after a sealed type, and in
//! errors the ids of the request itself.
//!
//! What stands there may be the caller's own words, written before. An id is sealed only if the caller is shown it anyway:
//! whoever could have any text sealed would need no other's. Every other becomes `null`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use policy::decide::Subject;
use policy::text_of;
use serde_json::Value;
use tape::{Kind, Node};

use super::{SealedIds, changed};
use crate::check::Step;
use crate::exchange::{Exchange, OpenedId};
use crate::seals::urls::{Reading, Url};

/// Names that a report lists.
const NAMES_MAX: usize = 5;

type Spans = Vec<(Range<usize>, Bytes)>;

/// Ids that the caller is shown sealed anyway: those that the request named, and those at declared places of the answer.
#[derive(Default)]
pub(super) struct Known {
    kinds: HashMap<Arc<str>, HashSet<Box<str>>>,
}

impl Known {
    pub(super) fn of(opened: &[OpenedId]) -> Self {
        let mut known = Self::default();
        opened.iter().for_each(|opened| known.add(&opened.kind, &opened.id));
        known
    }

    pub(super) fn add(&mut self, kind: &Arc<str>, id: &str) {
        self.kinds.entry(Arc::clone(kind)).or_default().insert(id.into());
    }

    fn has(&self, kind: &str, id: &str) -> bool {
        self.kinds.get(kind).is_some_and(|ids| ids.contains(id))
    }
}

pub(super) struct Rest<'a> {
    check: &'a SealedIds,
    exchange: &'a Exchange,
    subject: &'a Subject,
    known: Known,
    /// Where sealed ids stand already.
    done: HashSet<usize>,
    spans: Spans,
    /// Properties beside the declared places, by their names in the description's words.
    beside: BTreeSet<Arc<str>>,
    is_error: bool,
}

impl<'a> Rest<'a> {
    pub(super) fn new(
        check: &'a SealedIds,
        exchange: &'a Exchange,
        subject: &'a Subject,
        known: Known,
    ) -> Self {
        let (done, spans, beside) = (HashSet::new(), Spans::new(), BTreeSet::new());
        Self { check, exchange, subject, known, done, spans, beside, is_error: false }
    }

    pub(super) fn beside(self, declared: &[(Range<usize>, Bytes)]) -> Self {
        Self { done: declared.iter().map(|(span, _)| span.start).collect(), ..self }
    }

    pub(super) fn of_error(self) -> Self {
        Self { is_error: true, ..self }
    }

    /// Every scalar of the value; `name` is that of the property that holds it.
    pub(super) fn values(&mut self, node: Node<'_>, name: Option<&str>) {
        match node.kind() {
            Kind::Object => node.members().for_each(|member| self.values(member.value, Some(member.key))),
            Kind::Array => node.items().for_each(|item| self.values(item, name)),
            Kind::String | Kind::Number if !self.done.contains(&node.span().start) => self.scalar(node, name),
            _ => {}
        }
    }

    fn scalar(&mut self, node: Node<'_>, name: Option<&str>) {
        if let Some(kind) = name.and_then(|name| self.check.names.kind(name)) {
            self.beside.insert(Arc::clone(kind));
            return match text_of(node).and_then(|id| self.sealed(kind, &id)) {
                Some(text) => self.put(node, text),
                None => self.put_null(node),
            };
        }
        // `status` and the like may be the same number; an id is called so.
        if name.is_some_and(|name| name.to_ascii_lowercase().ends_with("id"))
            && let Some(id) = text_of(node)
            && let Some(opened) = self.exchange.opened.iter().find(|opened| opened.id == id)
        {
            return self.put(node, opened.sealed.to_string());
        }
        let Some(text) = node.as_str() else { return };
        if text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://") {
            let seal = |kind: &str, id: &str| self.sealed(kind, id);
            let exchange = self.exchange;
            let reading =
                Reading { base: exchange.route.path.as_str(), opened: &exchange.opened, seal: &seal };
            match self.check.seals.url(text, &reading) {
                Url::Sealed(url) => return self.put(node, url),
                Url::Leaks => return self.put_null(node),
                Url::Same => {}
            }
        }
        if self.is_error
            && let Some(text) = without(text, &self.exchange.opened)
        {
            self.put(node, text);
        }
    }

    fn sealed(&self, kind: &str, id: &str) -> Option<String> {
        let known = self.known.has(kind, id);
        known.then(|| self.check.seals.seal(kind, id, self.subject).ok()).flatten()
    }

    fn put(&mut self, node: Node<'_>, text: String) {
        self.spans.push((node.span(), Bytes::from(Value::from(text).to_string())));
    }

    fn put_null(&mut self, node: Node<'_>) {
        self.spans.push((node.span(), Bytes::from_static(b"null")));
    }

    /// `declared` comes along, `count` ids of it.
    pub(super) fn finish(mut self, count: usize, declared: Spans) -> Step {
        let mut report = format!("ids sealed: {}", count + self.spans.len());
        if !self.beside.is_empty() {
            let kinds: Vec<&str> = self.beside.iter().take(NAMES_MAX).map(|kind| &**kind).collect();
            report.push_str("; beside the declared places: ");
            report.push_str(&kinds.join(", "));
        }
        self.spans.extend(declared);
        changed(self.spans, report)
    }
}

/// The text with the sealed ids in the place of those that the request named; `None` where there is none of them.
pub(super) fn without(text: &str, opened: &[OpenedId]) -> Option<String> {
    let mut made: Option<String> = None;
    for one in opened {
        let mut from = 0;
        while let Some(at) = found(made.as_deref().unwrap_or(text), &one.id, from) {
            let all = made.get_or_insert_with(|| text.to_owned());
            all.replace_range(at..at + one.id.len(), &one.sealed);
            from = at + one.sealed.len();
        }
    }
    made
}

/// Where an id stands as a word of its own: `17` not in `170`.
fn found(text: &str, id: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.match_indices(id).map(|(at, _)| from + at).find(|at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + id.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
