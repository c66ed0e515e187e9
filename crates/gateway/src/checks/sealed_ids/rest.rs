//! What of an answer nobody declared: URLs that lead to the API, properties that are called after a sealed type, and in
//! errors the ids of the request itself.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use policy::decide::Subject;
use policy::text_of;
use serde_json::Value;
use tape::{Kind, Node};

use super::super::answer;
use super::{SealedIds, changed};
use crate::check::Step;
use crate::exchange::{Exchange, OpenedId};
use crate::seals::urls::Url;

/// Names that a report lists.
const NAMES_MAX: usize = 5;

type Spans = Vec<(Range<usize>, Bytes)>;

pub(super) struct Rest<'a> {
    check: &'a SealedIds,
    exchange: &'a Exchange,
    subject: &'a Subject,
    /// Where sealed ids stand already.
    done: HashSet<usize>,
    spans: Spans,
    /// Properties beside the declared places, by their names in the description's words.
    beside: BTreeSet<Arc<str>>,
    is_error: bool,
    fault: Option<String>,
}

impl<'a> Rest<'a> {
    pub(super) fn new(
        check: &'a SealedIds,
        exchange: &'a Exchange,
        subject: &'a Subject,
        declared: &[(Range<usize>, Bytes)],
    ) -> Self {
        let done = declared.iter().map(|(span, _)| span.start).collect();
        let (spans, beside) = (Spans::new(), BTreeSet::new());
        Self { check, exchange, subject, done, spans, beside, is_error: false, fault: None }
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
            let Some(id) = text_of(node) else { return };
            self.beside.insert(Arc::clone(kind));
            return match self.check.seals.seal(kind, &id, self.subject) {
                Ok(text) => self.put(node, text),
                Err(fault) => self.fault = Some(fault.to_string()),
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
            let base = self.exchange.route.path.as_str();
            match self.check.seals.url(text, base, self.subject, &self.exchange.opened) {
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

    fn put(&mut self, node: Node<'_>, text: String) {
        self.spans.push((node.span(), Bytes::from(Value::from(text).to_string())));
    }

    fn put_null(&mut self, node: Node<'_>) {
        self.spans.push((node.span(), Bytes::from_static(b"null")));
    }

    /// `declared` comes along, `count` ids of it.
    pub(super) fn finish(mut self, count: usize, declared: Spans) -> Step {
        if let Some(fault) = self.fault {
            return answer::unfilterable(&fault);
        }
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
