//! What of an answer nobody declared: URLs that lead to the API, properties that are called after a sealed type, and in
//! errors the ids of the request itself.
//!
//! What stands there may be the caller's own words, written before. An id is sealed only if the caller is shown it anyway:
//! whoever could have any text sealed would need no other's. Every other becomes `null`.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use openapi::is_same_number;
use policy::decide::Subject;
use policy::text_of;
use serde_json::Value;
use tape::{Kind, Node};

use super::known::Known;
use super::{SealedIds, changed};
use crate::check::Step;
use crate::exchange::{Exchange, OpenedId};
use crate::seals::urls::{Reading, Url};

/// Names that a report lists.
const NAMES_MAX: usize = 5;

type Spans = Vec<(Range<usize>, Bytes)>;

pub(super) struct Rest<'a> {
    check: &'a SealedIds,
    exchange: &'a Exchange,
    subject: &'a Subject,
    known: Known<'a>,
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
        known: Known<'a>,
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
            && let Some(opened) = self.exchange.opened.iter().find(|opened| is_id(node, &opened.id))
        {
            return self.put(node, opened.sealed.to_string());
        }
        let Some(text) = node.as_str() else { return };
        if let Some(is_sure) = is_url(text) {
            let seal = |kind: &str, id: &str| self.sealed(kind, id);
            let exchange = self.exchange;
            let reading = Reading {
                base: exchange.route.path.as_str(),
                opened: &exchange.opened,
                seal: &seal,
                is_sure,
            };
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

/// Whether a value is the id, `17` also where it is written as `17.0` or `1.7e1`.
fn is_id(node: Node<'_>, id: &str) -> bool {
    let digits = id.strip_prefix('-').unwrap_or(id);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // `017` is not how a number is written.
    let is_number = is_whole && (digits == "0" || !digits.starts_with('0'));
    text_of(node).is_some_and(|text| *text == *id)
        || (is_number && node.number().is_some_and(|number| is_same_number(number, id)))
}

/// Whether a text may be a URL; `false` within: it may as well be something else with a slash or a question mark in it.
fn is_url(text: &str) -> Option<bool> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let begins =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if text.starts_with('/') || ["http://", "https://", "./", "../"].into_iter().any(begins) {
        return Some(true);
    }
    (text.contains('/') || text.starts_with('?')).then_some(false)
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
